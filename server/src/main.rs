//! Entry point of the `chartroom` program; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    server::run()
}
