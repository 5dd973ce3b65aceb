//! Where log lines go.

use tracing_subscriber::EnvFilter;

use crate::config::{ConfigError, LogFormat, TelemetrySection};

/// Sends log lines to standard error as the section says. Call it once.
pub(crate) fn start(section: &TelemetrySection) -> Result<(), ConfigError> {
    let filter = EnvFilter::try_new(&section.log).map_err(|_| ConfigError::Invalid {
        key: "telemetry.log",
        reason: "is a level or directives such as `info,backend::sync=debug`",
        value: section.log.clone(),
    })?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match section.format {
        LogFormat::Text => lines.init(),
        LogFormat::Json => lines.json().init(),
    }
    Ok(())
}
