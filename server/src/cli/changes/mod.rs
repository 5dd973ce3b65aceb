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
use cluster::{Cancel, Cluster, Context, Error};
use engine::Host as _;
use engine::datetime::Zone;
use helm::output::{self, Format};
use helm::release::Release;
use helm::render::PreparedChart;

use super::{Global, charts, template, terminal};
use backend::world::World;

pub(super) use install::{Install, install};
pub(super) use rollback::{Rollback, rollback};
pub(super) use test::{Test, test};
pub(super) use uninstall::{Uninstall, uninstall};
pub(super) use upgrade::{Upgrade, upgrade};

use narrator::Narrator;

/// Loads a chart that may be installed, with helm's warnings about it.
fn load(global: &Global, reference: &str, version: Option<&str>) -> Result<Arc<PreparedChart>> {
    let chart = charts::locate(global, reference, version)?.load_installable()?;
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
    let world = Arc::new(World::new(enable_dns, super::zone_variable()));
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

async fn interrupted() {
    let interrupt = tokio::signal::ctrl_c();
    let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) else {
        let _ = interrupt.await;
        return;
    };
    tokio::select! {
        _ = interrupt => {}
        _ = terminate.recv() => {}
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
    terminal::write(&output::changed(&release, format, &local_zone()));
}

fn local_zone() -> Zone {
    let world = World::new(false, super::zone_variable());
    let (minutes, name) = world.local_zone();
    Zone::local(name, minutes * 60)
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
