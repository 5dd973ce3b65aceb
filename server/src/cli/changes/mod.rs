//! The commands that change releases, with helm's flags, words and exit codes; one file a command, this one for what
//! they share.

mod flags;
mod install;
mod narrator;
mod rollback;
mod test;
mod uninstall;
mod upgrade;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Result, anyhow};
use cluster::{Applied, Cancel, Cluster, Context, Error, Silent};
use helm::output::{self, Format};
use helm::release::Release;
use helm::render::PreparedChart;

use super::charts::VersionFlags;
use super::{Global, charts, interrupted, template, terminal, zone};
use backend::world::World;

pub(super) use install::{Install, install};
pub(super) use rollback::{Rollback, rollback};
pub(super) use test::{Test, test};
pub(super) use uninstall::{Uninstall, uninstall};
pub(super) use upgrade::{Upgrade, upgrade};

use narrator::Narrator;

/// Loads a chart that may be installed, with helm's warnings about it.
fn load(global: &Global, reference: &str, version: &VersionFlags) -> Result<Arc<PreparedChart>> {
    let chart = charts::locate(global, reference, version, charts::Purpose::Install)?.load_installable()?;
    template::check_installable(&chart)?;
    Ok(Arc::new(PreparedChart::new(chart)))
}

/// Runs an operation that Ctrl-C and SIGTERM end early; then it is recorded as failed.
async fn run<T>(
    cluster: &Cluster,
    name: &str,
    enable_dns: bool,
    operation: impl AsyncFnOnce(&Context<'_>) -> Result<T, Error>,
) -> Result<T> {
    let world = Arc::new(World::new(enable_dns, zone::variable()));
    let (switch, cancel) = Cancel::new();
    let narrator = Narrator;
    let context = Context::new(cluster, world, &narrator).with_cancel(cancel);
    let running = operation(&context);
    tokio::pin!(running);
    let result = tokio::select! {
        result = &mut running => result,
        () = interrupted() => {
            terminal::print(&format!("Release {name} has been cancelled."));
            let _ = switch.send(true);
            running.await
        }
    };
    result.map_err(explained)
}

/// The error as helm prints it, and below it why objects are not ready, which helm does not know.
fn explained(error: Error) -> anyhow::Error {
    let mut text = error.chain();
    for object in error.unready().iter().flat_map(|unready| &unready.objects) {
        if let Some(reason) = &object.reason {
            text.push_str(&format!("\n{} {}: {reason}", object.kind, object.name));
        }
    }
    anyhow!(text)
}

/// Asks a cluster what an operation would do.
async fn planned(
    cluster: &Cluster,
    enable_dns: bool,
    planning: impl AsyncFnOnce(&Context<'_>) -> Result<cluster::Plan, Error>,
) -> Result<cluster::Plan> {
    let world = Arc::new(World::new(enable_dns, zone::variable()));
    let context = Context::new(cluster, world, &Silent);
    planning(&context).await.map_err(explained)
}

/// Does what a plan shows, if it is the one that is wanted.
async fn apply(plan: cluster::Plan, wanted_hash: &str, context: &Context<'_>) -> Result<Applied, Error> {
    if plan.hash != wanted_hash {
        return Err(Error::PlanOutdated {
            changes: vec!["planning the same again comes to something else".to_owned()],
        });
    }
    plan.apply(context).await
}

/// The release that came of applying a plan.
async fn apply_release(
    plan: cluster::Plan,
    wanted_hash: &str,
    context: &Context<'_>,
) -> Result<Release, Error> {
    match apply(plan, wanted_hash, context).await? {
        Applied::Release(release) => Ok(*release),
        Applied::Uninstalled(done) => Ok(done.release),
    }
}

/// Prints a release as helm does after it changed one.
fn print(release: &Release, format: Format, hide_notes: bool) {
    let mut release = release.clone();
    if hide_notes
        && format == Format::Table
        && let Some(info) = &mut release.info
    {
        info.notes.clear();
    }
    terminal::write(&output::changed(&release, format, &zone::local()));
}

/// The name helm makes up: of the chart's path and the time.
fn generated_name(reference: &str) -> String {
    let base = reference
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    let base = if matches!(base, "" | ".") { "chart" } else { base };
    let base = base.split('.').next().unwrap_or(base);
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    format!("{base}-{seconds}")
}
