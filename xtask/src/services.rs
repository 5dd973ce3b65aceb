//! Services that tests need, started for one run on a free port and stopped by process id.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::{bootstrap, process};

/// A PostgreSQL server of its own in a temporary folder; stopped and removed when dropped.
pub(crate) struct PostgreSql {
    bin: PathBuf,
    folder: PathBuf,
    port: u16,
    /// PostgreSQL refuses to run as root: the account it runs as then.
    account: Option<&'static str>,
}

impl PostgreSql {
    pub(crate) fn start() -> Result<Self> {
        let bin = bootstrap::postgresql_bin().context("PostgreSQL's server programs are not installed")?;
        let folder = std::env::temp_dir().join(format!("chartroom-postgresql-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let is_root = process::output("id", &["-u"]).as_deref() == Some("0");
        let account = is_root.then_some("postgres");
        if account.is_some() {
            std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777))?;
        }
        let server = Self {
            bin,
            folder,
            port: free_port()?,
            account,
        };
        let data = server.data().display().to_string();
        server.run(
            "initdb",
            &[
                "--pgdata",
                &data,
                "--username=chartroom",
                "--auth=trust",
                "--no-sync",
            ],
        )?;
        // No TCP beyond loopback, no durability: the data lives as long as the tests.
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c fsync=off -c synchronous_commit=off -c full_page_writes=off -k {}",
            server.port,
            server.folder.display()
        );
        let log = server.folder.join("log").display().to_string();
        server.run(
            "pg_ctl",
            &[
                "start",
                "--wait",
                "--pgdata",
                &data,
                "--log",
                &log,
                "--options",
                &options,
            ],
        )?;
        Ok(server)
    }

    /// A URL of the server's maintenance database; tests make databases of their own.
    pub(crate) fn url(&self) -> String {
        format!("postgres://chartroom@127.0.0.1:{}/postgres", self.port)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn run(&self, program: &str, args: &[&str]) -> Result<()> {
        let program = if self.bin.as_os_str().is_empty() {
            PathBuf::from(program)
        } else {
            self.bin.join(program)
        };
        let mut command = match self.account {
            Some(account) => {
                let mut command = Command::new("setpriv");
                command.args([
                    &format!("--reuid={account}"),
                    &format!("--regid={account}"),
                    "--clear-groups",
                    "--",
                ]);
                command.arg(program);
                command
            }
            None => Command::new(program),
        };
        command
            .args(args)
            .current_dir(&self.folder)
            .stdout(std::process::Stdio::null());
        process::run_within(&mut command, Duration::from_secs(60))
    }
}

impl Drop for PostgreSql {
    fn drop(&mut self) {
        let data = self.data().display().to_string();
        if let Err(error) = self.run("pg_ctl", &["stop", "--mode=immediate", "--pgdata", &data]) {
            process::say(&format!("services: stopping PostgreSQL: {error:#}"));
        }
        remove(&self.folder);
    }
}

fn remove(folder: &Path) {
    if let Err(error) = std::fs::remove_dir_all(folder) {
        process::say(&format!("services: removing {}: {error}", folder.display()));
    }
}

/// A TCP port that is free now.
pub(crate) fn free_port() -> Result<u16> {
    let Ok(listener) = TcpListener::bind("127.0.0.1:0") else {
        bail!("no port is free on 127.0.0.1")
    };
    Ok(listener.local_addr()?.port())
}
