//! The release binary with the catalog of [`super::made`] in it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::load::Connection;
use super::made::{LAST_WORD, Made, N_CHARTS, N_REPOSITORIES, N_VERSIONS, repository_name};
use super::measured::{cpu_seconds, get, peak_rss_mib, rss_mib, wait_for};
use super::static_server::{Files, serve};
use crate::process::{self, say};
use crate::services::free_port;

/// Says that the catalog in a folder is whole, and which port its repositories were on: a repository that the
/// configuration does not name any more is removed.
const MARK: &str = "bench-catalog";
const PATIENCE: Duration = Duration::from_secs(1_800);

/// The program, and where its data is.
pub(crate) struct CatalogServer {
    binary: PathBuf,
    data_dir: PathBuf,
    is_kept: bool,
    /// The port that the repositories are or were on.
    upstream: u16,
    is_made: bool,
    /// Further settings.
    more: Vec<(String, String)>,
}

/// A process of it.
pub(crate) struct Running {
    child: Child,
    pub(crate) port: u16,
    pub(crate) began: Instant,
}

impl CatalogServer {
    /// Reads the flags, builds the release binary where none is named, and syncs the catalog where none is kept.
    pub(crate) fn new(arguments: &[String]) -> Result<(Self, Made)> {
        let flag = |name: &str| -> Option<PathBuf> {
            let at = arguments.iter().position(|argument| argument == name)?;
            arguments.get(at + 1).map(PathBuf::from)
        };
        let binary = match flag("--binary") {
            Some(binary) => binary,
            None => {
                process::cargo(&["build", "--release", "--package", "server"])?;
                process::target_dir().join("release/chartroom")
            }
        };
        let kept = flag("--data");
        let data_dir = kept
            .clone()
            .unwrap_or_else(|| std::env::temp_dir().join(format!("chartroom-bench-{}", std::process::id())));
        let mut server = Self {
            binary,
            is_kept: kept.is_some(),
            data_dir,
            upstream: 0,
            is_made: false,
            more: Vec::new(),
        };
        if let Ok(port) = std::fs::read_to_string(server.data_dir.join(MARK)) {
            say("using the catalog that is there");
            server.upstream = port
                .trim()
                .parse()
                .context("reading which port the repositories were on")?;
            server.is_made = true;
            return Ok((server, Made::again()?));
        }
        let made = server.sync()?;
        Ok((server, made))
    }

    fn sync(&mut self) -> Result<Made> {
        say(&format!(
            "making {N_CHARTS} charts with {N_VERSIONS} versions in {N_REPOSITORIES} repositories"
        ));
        let files = Arc::new(Files::default());
        let made = Made::into(&files)?;
        self.upstream = serve(Arc::clone(&files))?;
        let running = self.start()?;
        let began = Instant::now();
        loop {
            let repositories = repositories(running.port);
            let is_synced = |repository: &&serde_json::Value| {
                let state = &repository["state"];
                state["last_success"].is_number()
                    && state["running"].is_null()
                    && state["n_archives_pending"] == 0
            };
            if repositories.iter().filter(is_synced).count() >= N_REPOSITORIES {
                break;
            }
            if began.elapsed() > PATIENCE {
                bail!("the sync did not end in time");
            }
            std::thread::sleep(Duration::from_secs(1));
        }
        let (own, system) = cpu_seconds(running.pid())?;
        say(&format!(
            "first sync                   {:>9.1} s, {:.1} s CPU, peak memory {:.0} MiB",
            began.elapsed().as_secs_f64(),
            own + system,
            peak_rss_mib(running.pid())?
        ));
        // Older archives come when somebody asks for them; later there is nobody to fetch them from.
        let mut connection = Connection::open(running.port)?;
        for chart in &made.charts {
            for version in chart.versions.iter().skip(1) {
                let (repository, name) = (&chart.repository, &chart.name);
                let path = format!("/archives/{repository}/{name}/{version}/{name}-{version}.tgz");
                let answer = connection.get(&path, "")?;
                if answer.status != 200 {
                    bail!("{path} was answered with {}", answer.status);
                }
            }
        }
        running.stop()?;
        self.is_made = true;
        std::fs::write(self.data_dir.join(MARK), self.upstream.to_string())?;
        Ok(made)
    }

    /// Starts a process; unless the catalog is being made, it syncs nothing.
    pub(crate) fn start(&self) -> Result<Running> {
        std::fs::create_dir_all(&self.data_dir)?;
        let port = free_port()?;
        let upstream = self.upstream;
        let repositories: Vec<String> = (0..N_REPOSITORIES)
            .map(repository_name)
            .map(|name| {
                format!(
                    "{{name=\"{name}\",url=\"http://127.0.0.1:{upstream}/{name}\",allow_private_network=true}}"
                )
            })
            .collect();
        let mut command = Command::new(&self.binary);
        command
            .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data-dir"])
            .arg(&self.data_dir)
            .env("CHARTROOM__TELEMETRY__LOG", "warn")
            .env("CHARTROOM__REPOSITORIES", format!("[{}]", repositories.join(",")))
            .env("CHARTROOM__SYNC__ENABLED", (!self.is_made).to_string())
            .stdout(Stdio::null())
            .stderr(File::create(self.data_dir.join("bench.log"))?);
        command.envs(self.more.iter().map(|(name, value)| (name, value)));
        let began = Instant::now();
        let child = command.spawn().context("starting chartroom")?;
        Ok(Running { child, port, began })
    }

    /// Hosts the charts in a folder beside the catalog.
    pub(crate) fn host(&mut self, folder: &Path) {
        self.more
            .push(("CHARTROOM__HOSTED__DIR".to_owned(), folder.display().to_string()));
    }

    pub(crate) fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// Removes what was made, unless it is to be kept.
    pub(crate) fn finish(self) -> Result<()> {
        if !self.is_kept {
            std::fs::remove_dir_all(&self.data_dir)?;
        }
        Ok(())
    }
}

/// A bench that fails leaves no server behind.
impl Drop for Running {
    fn drop(&mut self) {
        // One that has been stopped is gone, and then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until every chart is found by what its archive tells, and says how the start went.
    pub(crate) fn until_searchable(&self, is_told: bool) -> Result<()> {
        wait_for(self.port, "/readyz")?;
        let ready = self.began.elapsed();
        let mut connection = Connection::open(self.port)?;
        let first = connection.get("/api/v1/charts?q=redis", "")?;
        let answered = self.began.elapsed();
        if first.status != 200 {
            bail!("the first search was answered with {}", first.status);
        }
        let all = loop {
            let answer = connection.get(
                &format!("/api/v1/charts?q=readme:{LAST_WORD}&deprecated=true"),
                "",
            )?;
            let answer: serde_json::Value = serde_json::from_slice(&answer.body)?;
            if answer["data"]["charts"]["total"] == N_CHARTS {
                break self.began.elapsed();
            }
            if self.began.elapsed() > PATIENCE {
                bail!(
                    "the texts of archives were not read in time: {}",
                    answer["data"]["charts"]["total"]
                );
            }
            std::thread::sleep(Duration::from_millis(100));
        };
        if is_told {
            let (own, system) = cpu_seconds(self.pid())?;
            say(&format!(
                "start                        {:>9.0} ms until ready, {:.0} ms until the first search is answered, \
                 {:.1} s until all texts are in the index, {:.1} s CPU",
                ready.as_secs_f64() * 1e3,
                answered.as_secs_f64() * 1e3,
                all.as_secs_f64(),
                own + system
            ));
            self.say_memory("memory then")?;
        }
        Ok(())
    }

    pub(crate) fn say_memory(&self, what: &str) -> Result<()> {
        say(&format!(
            "{what:<28} {:>9.0} MiB, at most {:.0} MiB so far",
            rss_mib(self.pid())?,
            peak_rss_mib(self.pid())?
        ));
        Ok(())
    }

    pub(crate) fn stop(mut self) -> Result<()> {
        process::run("kill", &["-TERM", &self.child.id().to_string()])?;
        self.child.wait()?;
        Ok(())
    }
}

/// All repositories of a server, part by part; those that it told before it stopped answering.
fn repositories(port: u16) -> Vec<serde_json::Value> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let (_, body) = get(port, &format!("/api/v1/repositories?cursor={cursor}")).unwrap_or_default();
        // The answer may come in chunks; the one line of JSON in it is what counts.
        let json = body.lines().find(|line| line.starts_with('{')).unwrap_or("null");
        let answer: serde_json::Value = serde_json::from_str(json).unwrap_or_default();
        all.extend(answer["data"]["items"].as_array().into_iter().flatten().cloned());
        match answer["data"]["next"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return all,
        }
    }
}
