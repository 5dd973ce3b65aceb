//! `chartroom serve`.
//!
//! Listening comes first: probes are answered while the store opens, so that a slow disk or database is seen as "not
//! ready", never as "dead".

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use app::routes::Links;
use axum::extract::Request;
use backend::Backend;
use clap::Args;
use tokio::net::TcpListener;

use super::{Global, open, terminal};
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
    offer_setup(&backend, &config, address).await?;
    let jobs = backend.start();
    gate.open(router(AppState::new(backend, config)));
    tracing::info!("ready");

    served.await.context("serving")??;
    jobs.shutdown().await;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// While there is no user: prints a link that makes the first one. It goes to standard output, not into the log.
async fn offer_setup(backend: &Backend, config: &Config, address: SocketAddr) -> Result<()> {
    let link = backend.accounts().new_setup_link().await;
    let Some(secret) = link.context("making the link for the first user")? else {
        return Ok(());
    };
    let origin = match config.server.public_origin.as_str() {
        "" => format!("http://{}", reachable(address)),
        origin => origin.to_owned(),
    };
    let setup = Links::new(&config.server.base_path).setup(secret.expose());
    terminal::print(&format!(
        "There is no user yet. This link makes the first one, who may do everything; it works once, for {} hours:\n\n    \
         {origin}{setup}\n",
        config.access.setup_link_secs.div_ceil(3_600)
    ));
    Ok(())
}

/// An address to type into a browser on this machine: one that stands for all is none, and a name is what browsers trust
/// without HTTPS.
fn reachable(address: SocketAddr) -> String {
    if address.ip().is_unspecified() || address.ip().is_loopback() {
        format!("localhost:{}", address.port())
    } else {
        address.to_string()
    }
}

/// Serves until asked to stop, then gives running requests `grace` to end.
async fn serve(listener: TcpListener, gate: Gate, grace: Duration) -> Result<()> {
    let (stop, stopping) = tokio::sync::oneshot::channel::<()>();
    let server = axum::serve(
        listener,
        axum::ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(gate),
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
