//! local driver
#![allow(dead_code, unreachable_pub, clippy::all)]
#[path = "../../../xtask/src/conformance/mod.rs"]
mod conformance;
fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let ok = conformance::run(&args).unwrap();
    std::process::exit(if ok { 0 } else { 1 });
}
