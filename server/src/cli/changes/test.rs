//! `chartroom test`.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use cluster::Error;
use helm::output::Format;

use super::flags::duration;
use super::{print, run};
use crate::cli::cluster_flags::ClusterFlags;
use crate::cli::terminal;

#[derive(Args)]
pub(in crate::cli) struct Test {
    release: String,
    /// Print what the pods of the tests printed
    #[arg(long)]
    logs: bool,
    /// Run only name=TEST, or all but !name=TEST
    #[arg(long, value_name = "FILTER", value_delimiter = ',')]
    filter: Vec<String>,
    /// How long each test may take
    #[arg(long, value_name = "DURATION", default_value = "5m0s", value_parser = duration)]
    timeout: Duration,
    #[command(flatten)]
    cluster: ClusterFlags,
}

pub(in crate::cli) async fn test(arguments: Test) -> Result<ExitCode> {
    let (cluster, namespace) = arguments.cluster.connect().await?;
    let (only, except) = filters(&arguments.filter);
    let test = cluster::Test {
        timeout: arguments.timeout,
        only,
        except,
        ..cluster::Test::new(&arguments.release, namespace)
    };
    let name = &arguments.release;
    run(&cluster, name, false, async |context| {
        let tested = test.run(context).await?;
        print(&tested.release, Format::Table, true);
        let logs = if arguments.logs {
            terminal::print("");
            tested.logs(context).await.map(|logs| {
                for log in logs {
                    terminal::print(&format!("POD LOGS: {} ({})", log.pod, log.container));
                    terminal::print(&log.text);
                }
            })
        } else {
            Ok(())
        };
        let cleaned = tested.clean_up(context).await;
        let errors = [tested.result, logs].into_iter().filter_map(Result::err);
        Error::of_several(errors.collect(), "\n").and(cleaned)
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

/// The names to run alone, and those not to run.
fn filters(flags: &[String]) -> (Vec<String>, Vec<String>) {
    let (mut only, mut except) = (Vec::new(), Vec::new());
    for flag in flags {
        if let Some(name) = flag.strip_prefix("name=") {
            only.push(name.to_owned());
        } else if let Some(rest) = flag.strip_prefix('!') {
            let rest = rest.strip_prefix([' ', '\t']).unwrap_or(rest);
            except.extend(rest.strip_prefix("name=").map(str::to_owned));
        }
    }
    (only, except)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_choose_and_exclude_by_name() {
        let flags = ["name=a", "!name=b", "! name=c", "kind=d"].map(str::to_owned);
        let (only, except) = filters(&flags);
        assert_eq!(only, ["a"]);
        assert_eq!(except, ["b", "c"]);
    }
}
