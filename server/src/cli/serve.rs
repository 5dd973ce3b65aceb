//! `chartroom serve`.
//!
//! Listening comes first: probes are answered while the store opens, so that a slow disk or database is seen as "not
//! ready", never as "dead".

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Args;
use tokio::net::TcpListener;

use super::{Global, open};
use crate::config::Config;
use crate::router::gate::Gate;
use crate::state::AppState;
use crate::{router, shutdown};

#[derive(Args)]
pub(super) struct Arguments {
    /// Listen on this address and port [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Where the site lives below its origin, such as /charts
    #[arg(long, value_name = "PATH")]
    base_path: Option<String>,
}

impl Arguments {
    pub(super) fn config(&self, global: &Global) -> Result<Config> {
        let layers = global
            .layers()?
            .flag(&["server", "listen"], self.listen.clone())
            .flag(&["server", "base_path"], self.base_path.clone());
        Ok(layers.load()?)
    }
}

pub(super) async fn run(config: Config) -> Result<ExitCode> {
    let listener = TcpListener::bind(&config.server.listen)
        .await
        .with_context(|| format!("listening on {}", config.server.listen))?;
    let address = listener.local_addr().context("asking for our own address")?;
    let gate = Gate::default();
    let grace = Duration::from_secs(config.server.shutdown_grace_secs);
    let served = tokio::spawn(serve(listener, gate.clone(), grace));
    tracing::info!(%address, base_path = config.server.base_path, "listening on http://{address}{}", config.server.base_path);

    let backend = open(&config).await?;
    let jobs = backend.start();
    gate.open(router(AppState::new(backend, config)));
    tracing::info!("ready");

    served.await.context("serving")??;
    jobs.shutdown().await;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Serves until asked to stop, then gives running requests `grace` to end.
async fn serve(listener: TcpListener, gate: Gate, grace: Duration) -> Result<()> {
    let (stop, stopping) = tokio::sync::oneshot::channel::<()>();
    let server = axum::serve(
        listener,
        axum::ServiceExt::<axum::extract::Request>::into_make_service(gate),
    )
    .with_graceful_shutdown(async {
        shutdown::requested().await;
        tracing::info!("stopping");
        drop(stop);
    });
    tokio::select! {
        result = async { server.await } => result.context("serving"),
        // Event streams never end by themselves: past the grace they are cut.
        () = async { let _ = stopping.await; tokio::time::sleep(grace).await; } => Ok(()),
    }
}
