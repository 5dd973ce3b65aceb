//! `chartroom test`.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;
use cluster::Error;
use helm::output::Format;
use model::operation::{Happened, OperationOptions, OperationRequest};

use super::flags::{duration, seconds};
use super::{print, run};
use crate::cli::cluster_flags::{ClusterFlags, Place};
use crate::cli::remote::{Remote, narrate};
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
    match arguments.cluster.place().await? {
        Place::Server(remote) => arguments.by_server(&remote).await?,
        Place::Direct(cluster, namespace) => arguments.straight(&cluster, namespace).await?,
    }
    Ok(ExitCode::SUCCESS)
}

impl Test {
    async fn straight(&self, cluster: &cluster::Cluster, namespace: String) -> Result<()> {
        let (only, except) = filters(&self.filter);
        let test = cluster::Test {
            timeout: self.timeout,
            only,
            except,
            ..cluster::Test::new(&self.release, namespace)
        };
        run(cluster, &self.release, false, async |context| {
            let tested = test.run(context).await?;
            print(&tested.release, Format::Table, true);
            let logs = if self.logs {
                terminal::print("");
                tested.logs(context).await.map(|logs| {
                    logs.iter()
                        .for_each(|log| print_log(&log.pod, &log.container, &log.text));
                })
            } else {
                Ok(())
            };
            let cleaned = tested.clean_up(context).await;
            let errors = [tested.result, logs].into_iter().filter_map(Result::err);
            Error::of_several(errors.collect(), "\n").and(cleaned)
        })
        .await
    }

    async fn by_server(&self, remote: &Remote) -> Result<()> {
        let (only_tests, except_tests) = filters(&self.filter);
        let options = OperationOptions {
            timeout_secs: seconds(self.timeout),
            only_tests,
            except_tests,
            ..OperationOptions::default()
        };
        if remote.find(&self.release).await?.is_none() {
            bail!("release: not found");
        }
        let mut logs = Vec::new();
        let request = OperationRequest::Test { options };
        let done = remote
            .run(&self.release, &request, None, |event| match &event.what {
                Happened::Log { pod, container, text } => {
                    logs.push((pod.clone(), container.clone(), text.clone()));
                }
                _ => narrate(event),
            })
            .await;
        // Tests that failed are shown, too.
        print(
            &remote.record(&self.release, 0).await?.release,
            Format::Table,
            true,
        );
        if self.logs {
            terminal::print("");
            for (pod, container, text) in &logs {
                print_log(pod, container, text);
            }
        }
        done.map(|_| ())
    }
}

fn print_log(pod: &str, container: &str, text: &str) {
    terminal::print(&format!("POD LOGS: {pod} ({container})"));
    terminal::print(text);
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
