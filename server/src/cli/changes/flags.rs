//! Flags that several of these commands have.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use cluster::{DryRun, Wait};
use model::operation::{self, OperationOptions};
use model::record::DryRunMode;

use crate::cli::terminal;

/// How and how long to wait.
#[derive(Args)]
pub(super) struct WaitFlags {
    /// Wait until objects are ready: watcher for all, hookOnly for hooks [default without the flag: hookOnly]
    #[arg(long, value_name = "STRATEGY", num_args = 0..=1, require_equals = true, default_missing_value = "watcher", value_parser = strategy)]
    wait: Option<Strategy>,
    /// With --wait: wait until jobs are through
    #[arg(long)]
    wait_for_jobs: bool,
    /// How long each step may take that waits
    #[arg(long, value_name = "DURATION", default_value = "5m0s", value_parser = duration)]
    pub(super) timeout: Duration,
}

impl WaitFlags {
    /// The same for a server.
    pub(super) fn fill(&self, options: &mut OperationOptions) {
        options.wait = self.wait() != Wait::Hooks;
        options.wait_for_jobs = self.wait() == Wait::ObjectsAndJobs;
        options.timeout_secs = seconds(self.timeout);
    }

    pub(super) fn wait(&self) -> Wait {
        match self.wait {
            None | Some(Strategy::Hooks) => Wait::Hooks,
            Some(Strategy::Objects) if self.wait_for_jobs => Wait::ObjectsAndJobs,
            Some(Strategy::Objects) => Wait::Objects,
        }
    }
}

/// How to wait for objects to go.
#[derive(Args)]
pub(super) struct DeletionWaitFlags {
    /// Wait until objects are gone: watcher for all, hookOnly for hooks [default without the flag: hookOnly]
    #[arg(long, value_name = "STRATEGY", num_args = 0..=1, require_equals = true, default_missing_value = "watcher", value_parser = strategy)]
    wait: Option<Strategy>,
    /// How long each step may take that waits
    #[arg(long, value_name = "DURATION", default_value = "5m0s", value_parser = duration)]
    pub(super) timeout: Duration,
}

impl DeletionWaitFlags {
    /// The same for a server.
    pub(super) fn fill(&self, options: &mut OperationOptions) {
        options.wait = self.wait() != Wait::Hooks;
        options.timeout_secs = seconds(self.timeout);
    }

    pub(super) fn wait(&self) -> Wait {
        match self.wait {
            None | Some(Strategy::Hooks) => Wait::Hooks,
            Some(Strategy::Objects) => Wait::Objects,
        }
    }
}

/// What helm's strategies come to here.
#[derive(Clone, Copy)]
enum Strategy {
    Hooks,
    /// Helm's `watcher` and `legacy`: both ask for the state of all objects, and there is no watch here to break.
    Objects,
}

fn strategy(text: &str) -> Result<Strategy, String> {
    match text {
        "hookOnly" | "false" => Ok(Strategy::Hooks),
        "watcher" | "legacy" | "true" => Ok(Strategy::Objects),
        other => Err(format!(
            "invalid wait input {other:?}. Valid inputs are watcher, hookOnly, and legacy"
        )),
    }
}

/// A duration as Go writes it: `90s`, `5m0s`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let parsed = engine::datetime::Duration::parse(text.as_bytes()).map_err(|error| error.to_string())?;
    Ok(Duration::from_nanos(u64::try_from(parsed.0).unwrap_or_default()))
}

/// Doing nothing, but showing what would be done.
#[derive(Args)]
pub(super) struct DryRunFlags {
    /// Simulate: client asks no cluster, server does; none does it for real
    #[arg(long, value_name = "MODE", num_args = 0..=1, require_equals = true, default_missing_value = "unset")]
    dry_run: Option<String>,
}

/// The same for a server.
pub(super) fn dry_run_mode(mode: DryRun) -> DryRunMode {
    match mode {
        DryRun::Client => DryRunMode::Client,
        DryRun::Server => DryRunMode::Server,
    }
}

impl DryRunFlags {
    pub(super) fn mode(&self) -> Result<Option<DryRun>> {
        let warn = |instead: &str| {
            terminal::complain(&format!(
                "level=WARN msg=\"--dry-run is deprecated and should be replaced with '--dry-run={instead}'\""
            ));
        };
        Ok(match self.dry_run.as_deref() {
            None | Some("none") => None,
            Some("client") => Some(DryRun::Client),
            Some("server") => Some(DryRun::Server),
            Some("unset" | "true" | "1" | "t" | "T" | "TRUE" | "True") => {
                warn("client");
                Some(DryRun::Client)
            }
            Some("false" | "0" | "f" | "F" | "FALSE" | "False") => {
                warn("none");
                None
            }
            Some(other) => {
                bail!("invalid dry-run value ({other:?}). Must be \"none\", \"server\", or \"client\"")
            }
        })
    }
}

/// `auto`, `true` or `false`.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum ServerSide {
    Auto,
    True,
    False,
}

impl From<ServerSide> for operation::ServerSide {
    fn from(flag: ServerSide) -> Self {
        match flag {
            ServerSide::Auto => Self::Auto,
            ServerSide::True => Self::Yes,
            ServerSide::False => Self::No,
        }
    }
}

impl From<ServerSide> for cluster::ServerSide {
    fn from(flag: ServerSide) -> Self {
        match flag {
            ServerSide::Auto => Self::Auto,
            ServerSide::True => Self::Yes,
            ServerSide::False => Self::No,
        }
    }
}

/// Labels as `a=b,c=d`.
pub(super) fn labels(flags: &[String]) -> Result<BTreeMap<String, String>> {
    let mut labels = BTreeMap::new();
    for pair in flags.iter().flat_map(|flag| flag.split(',')) {
        let Some((key, value)) = pair.split_once('=') else {
            bail!("{pair} must be formatted as key=value");
        };
        labels.insert(key.to_owned(), value.to_owned());
    }
    Ok(labels)
}

/// Whole seconds, as a server takes them; none is too short for a step that waits.
pub(super) fn seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// Doing what a plan showed.
#[derive(Args)]
pub(super) struct PlanHashFlag {
    /// Do exactly what `chartroom plan` showed with this hash, or nothing if something has changed since
    #[arg(long, value_name = "HASH", conflicts_with = "dry_run")]
    plan_hash: Option<String>,
}

impl PlanHashFlag {
    pub(super) fn hash(&self) -> Option<&str> {
        self.plan_hash.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_of_go() {
        assert_eq!(duration("5m0s").unwrap(), Duration::from_secs(300));
        assert_eq!(duration("-1s").unwrap(), Duration::ZERO);
        assert!(duration("5").is_err());
    }

    #[test]
    fn no_part_of_a_second_is_lost() {
        for (text, want) in [("90s", 90), ("1ms", 1), ("1500ms", 2), ("0s", 0)] {
            assert_eq!(seconds(duration(text).unwrap()), want, "{text}");
        }
    }

    #[test]
    fn labels_are_pairs() {
        let parsed = labels(&["a=b,c=d=e".to_owned(), "a=x".to_owned()]).unwrap();
        assert_eq!(parsed["a"], "x");
        assert_eq!(parsed["c"], "d=e");
        assert!(labels(&["a".to_owned()]).is_err());
    }
}
