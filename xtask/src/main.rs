//! Everything the Makefile does, as one program: build, development server, tests, benches and house rules.
//!
//! `cargo xtask help` lists the commands.

mod bench;
mod bootstrap;
mod budget;
mod cluster;
mod compare_helm;
mod compare_releases;
mod comparison;
mod conformance;
mod dev;
mod editor;
mod files;
mod fuzz;
mod go_tools;
mod preview;
mod process;
mod services;
mod site;
mod test;
mod tidy;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};

const HELP: &str = "\
cargo xtask <command>

  bootstrap       install what building and testing need and this machine lacks
  build           build the site and the release binary, target/release/chartroom
  run [ARGS…]     build, then serve on 127.0.0.1:8080 with ./data as data directory
  site            build what browsers load, fast and not compressed; debug builds of the server embed it
  dev             serve a debug build; rebuild and restart when a source file changes
  cluster [--directory DIR] [--nodes N] [--keep]
                  a Kubernetes control plane for people who have none, until Ctrl-C (needs Go and a network once)
  cluster build   only build what it and its tests need
  test [PHASE…]   every check, or only: fmt clippy unit wasm site registry cluster e2e
  bench [NAME]    a measurement; without a name, the list
  conformance [DIR] [--wasm] [--suite NAME] [--show N]
                  our answers beside real Helm's; with --wasm those of the browser's module, in Node
  conformance [DIR] --browser [--show N] [--chartroom PROGRAM]
                  the golden cases as pages preview them, in Chromium, beside `chartroom template` and real Helm
  compare-helm [DIR] [--charts N] [--show N] [--chartroom PROGRAM]
                  chartroom template beside helm template (needs Go and a network)
  compare-releases [DIR] [--charts N] [--show N] [--chartroom PROGRAM]
                  what chartroom leaves in a cluster beside what helm leaves there (needs Go and a network)
  fuzz [--minutes N] [--corpus DIR] [TARGET…]
                  mutated inputs for every reader of what strangers wrote
  tidy            the house rules that are code
";

fn main() -> ExitCode {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let command = if args.is_empty() {
        "help".to_owned()
    } else {
        args.remove(0)
    };
    match run(&command, args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            process::say(&format!("xtask {command}: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(command: &str, args: Vec<String>) -> Result<()> {
    std::env::set_current_dir(process::workspace_root()).context("entering the workspace")?;
    match command {
        "bootstrap" => bootstrap::everything(),
        "build" => {
            bootstrap::for_build()?;
            site::build(site::Profile::Release)?;
            process::cargo(&["build", "--release", "--package", "server"])
        }
        "run" => {
            run("build", Vec::new())?;
            dev::serve_release(&args)
        }
        "dev" => dev::watch(),
        "site" => {
            bootstrap::for_build()?;
            site::build(site::Profile::Dev)
        }
        "cluster" => cluster::run(&args),
        "bench" => bench::run(&args),
        "conformance" => {
            anyhow::ensure!(conformance::run(&args)?, "some answers are not Helm's");
            Ok(())
        }
        "compare-helm" => {
            anyhow::ensure!(compare_helm::run(&args)?, "some output is not Helm's");
            Ok(())
        }
        "compare-releases" => {
            anyhow::ensure!(
                compare_releases::run(&args)?,
                "something was not left as helm leaves it"
            );
            Ok(())
        }
        "fuzz" => fuzz::run(&args),
        "test" => test::run(&args),
        "tidy" => tidy::run(),
        "help" | "--help" | "-h" => {
            process::say(HELP);
            Ok(())
        }
        other => bail!("there is no command `{other}`; `cargo xtask help` lists them"),
    }
}
