//! A running control plane: its start in order, its API server away and back, its end.

use std::fs::File;
use std::io::Write as _;
use std::iter;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::contents::{self, NAMESPACES};
use super::flags::{self, Ports};
use super::identity::Identity;
use super::part::{BREATH, Part};
use super::remote;
use crate::go_tools::{CONTROL_PLANE, KWOK};
use crate::process::say;

/// A start takes about five seconds; a machine that compiles on all cores takes its time.
const PATIENCE: Duration = Duration::from_secs(120);
const API_SERVER: &str = "kube-apiserver";
/// What kwok reads: how pods live.
const PODS: &str = include_str!("../../../end2end/cluster/pods.yaml");

/// What a cluster is to be like.
pub(crate) struct Options {
    pub(crate) n_nodes: usize,
    pub(crate) namespaces: Vec<String>,
    /// What is in the directory at the end stays, and the next start there goes on with it.
    pub(crate) keeps_directory: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            n_nodes: 3,
            namespaces: NAMESPACES.iter().map(|&name| name.to_owned()).collect(),
            keeps_directory: false,
        }
    }
}

/// A control plane of its own; stopped when dropped, and when this program is told to end.
pub(crate) struct Cluster(Arc<Plane>);

/// What the owner, the socket for tests and the thread that waits for signals share.
pub(super) struct Plane {
    control_plane: PathBuf,
    kwok: PathBuf,
    directory: PathBuf,
    options: Options,
    ports: Ports,
    identity: Identity,
    state: Mutex<State>,
    /// Held as long as something runs in the directory.
    _lock: File,
}

#[derive(Default)]
struct State {
    /// In the order of their starts.
    parts: Vec<Part>,
    /// Nothing starts any more.
    is_over: bool,
}

impl Cluster {
    /// Starts all parts in a directory that is made where it is missing, and waits until pods can run.
    pub(crate) fn start(directory: &Path, options: Options) -> Result<Self> {
        let (control_plane, kwok) = (CONTROL_PLANE.program()?, KWOK.program()?);
        ensure!(options.n_nodes > 0, "pods need a node");
        let started = Instant::now();
        let directory = made(directory)?;
        let lock = File::create(directory.join(LOCK))?;
        if lock.try_lock().is_err() {
            bail!("a cluster runs in {} already", directory.display());
        }
        for name in FOLDERS {
            let folder = directory.join(name);
            std::fs::create_dir_all(&folder)?;
            std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700))?;
        }
        let cluster = Self(Arc::new(Plane {
            identity: Identity::make(&directory.join("identity"))?,
            control_plane,
            kwok,
            directory,
            options,
            ports: Ports::free()?,
            state: Mutex::default(),
            _lock: lock,
        }));
        end_on_signals(Arc::downgrade(&cluster.0))?;
        cluster.0.start()?;
        remote::serve(&cluster.socket(), Arc::downgrade(&cluster.0))?;
        say(&format!(
            "cluster: ready after {:.1} s in {}",
            started.elapsed().as_secs_f64(),
            cluster.0.directory.display()
        ));
        Ok(cluster)
    }

    /// Has a context for each user.
    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.0.directory.join("kubeconfig")
    }

    /// The kubectl of the cluster's own version.
    pub(crate) fn kubectl(&self) -> PathBuf {
        self.0.directory.join("bin/kubectl")
    }

    /// Where tests in other processes ask for faults, see [`remote`].
    pub(crate) fn socket(&self) -> PathBuf {
        self.0.directory.join("control")
    }

    pub(crate) fn keeps_directory(&self) -> bool {
        self.0.options.keeps_directory
    }

    /// Waits for ever, or until a part ends that nobody stopped.
    pub(crate) fn watch(&self) -> Result<()> {
        loop {
            self.ensure_runs()?;
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// An error with the last words of a part that ended and that nobody stopped.
    pub(crate) fn ensure_runs(&self) -> Result<()> {
        self.0.state().parts.iter_mut().try_for_each(Part::ensure_runs)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Marks a directory as a cluster's, and is locked as long as one runs there.
const LOCK: &str = "chartroom-cluster";
/// Folders of the directory, for this user only. `home` is that of the parts, who remember things there.
const FOLDERS: &[&str] = &["identity", "etcd", "logs", "bin", "home"];
/// What else is in it. The mark goes last: what is left after a removal that failed can be removed.
const FILES: &[&str] = &[
    "kubeconfig",
    "parts.kubeconfig",
    "pods.yaml",
    "pod.log",
    "control",
    LOCK,
];

/// The directory, absolute, and made if it is missing. One that holds something else is refused: its `bin` is not ours.
fn made(directory: &Path) -> Result<PathBuf> {
    std::fs::create_dir_all(directory).with_context(|| format!("making {}", directory.display()))?;
    let directory = directory.canonicalize()?;
    let is_ours = directory.join(LOCK).is_file() || directory.read_dir()?.next().is_none();
    ensure!(
        is_ours,
        "{} holds something that is no cluster of ours; name an empty or a new directory",
        directory.display()
    );
    Ok(directory)
}

impl Plane {
    fn start(&self) -> Result<()> {
        // The parts have a kubeconfig of their own: people change the current context of theirs.
        for name in ["kubeconfig", "parts.kubeconfig"] {
            self.identity
                .write_kubeconfig(&self.directory.join(name), self.ports.api_server)?;
        }
        std::fs::write(self.directory.join("pods.yaml"), PODS)?;
        std::fs::write(self.directory.join("pod.log"), POD_LOG)?;
        let kubectl = self.directory.join("bin/kubectl");
        std::fs::remove_file(&kubectl).ok();
        std::os::unix::fs::symlink(&self.control_plane, &kubectl)?;

        self.start_part("etcd", &flags::etcd(&self.ports))?;
        self.wait_for("etcd", || self.listens(self.ports.etcd))?;
        self.start_api_server()?;
        self.start_part(
            "kube-controller-manager",
            &flags::controller_manager(&self.identity),
        )?;
        self.start_part("kube-scheduler", &flags::scheduler())?;
        let objects = contents::objects(self.options.n_nodes, &self.options.namespaces);
        self.kubectl(
            &["apply", "--server-side", "--force-conflicts", "--filename=-"],
            &objects.to_string(),
        )?;
        self.start_part("kwok", &flags::kwok(&self.ports, &self.identity))?;
        self.wait_until_pods_can_run()
    }

    /// Starts the API server on its old port and data, and waits until it is ready.
    pub(super) fn start_api_server(&self) -> Result<()> {
        if self.state().parts.iter().any(|part| part.name == API_SERVER) {
            return Ok(());
        }
        self.start_part(API_SERVER, &flags::api_server(&self.ports, &self.identity))?;
        self.wait_for(API_SERVER, || {
            // Connecting costs nothing, kubectl a tenth of a second.
            self.listens(self.ports.api_server) && self.kubectl(&["get", "--raw=/readyz"], "").is_ok()
        })
    }

    /// Ends the API server as an orderly shutdown does, which answers what it was asked before; waits until it is gone.
    pub(super) fn stop_api_server(&self) -> Result<()> {
        let mut part = self.take_api_server()?;
        part.ask_to_end();
        part.wait_for_end();
        Ok(())
    }

    /// Ends the API server as a crash does.
    pub(super) fn kill_api_server(&self) -> Result<()> {
        self.take_api_server()?.kill();
        Ok(())
    }

    pub(super) fn restart_api_server(&self) -> Result<()> {
        self.stop_api_server()?;
        self.start_api_server()
    }

    fn take_api_server(&self) -> Result<Part> {
        let mut state = self.state();
        let found = state.parts.iter().position(|part| part.name == API_SERVER);
        let position = found.context("the API server does not run")?;
        Ok(state.parts.remove(position))
    }

    /// Ends all parts, the last started first, and removes what they left. A second call finds nothing to do.
    fn end(&self) {
        // Held to the end: who else wants it to end waits until it has.
        let mut state = self.state();
        if state.is_over {
            return;
        }
        state.is_over = true;
        while let Some(mut part) = state.parts.pop() {
            if self.options.keeps_directory {
                part.ask_to_end();
                part.wait_for_end();
            } else {
                // Nothing that it could still write is read again.
                part.kill();
            }
        }
        if !self.options.keeps_directory
            && let Err(error) = self.remove()
        {
            say(&format!(
                "cluster: removing {}: {error}",
                self.directory.display()
            ));
        }
    }

    /// Only what is ours: people may have put something beside it.
    fn remove(&self) -> std::io::Result<()> {
        for folder in FOLDERS {
            let folder = self.directory.join(folder);
            if folder.is_dir() {
                std::fs::remove_dir_all(folder)?;
            }
        }
        for file in FILES {
            let file = self.directory.join(file);
            if file.symlink_metadata().is_ok() {
                std::fs::remove_file(file)?;
            }
        }
        // Fails where there is more in it.
        std::fs::remove_dir(&self.directory).ok();
        Ok(())
    }

    /// Starts a part; the control plane's program is told which of its parts to be.
    fn start_part(&self, name: &'static str, flags: &[String]) -> Result<()> {
        let mut state = self.state();
        ensure!(!state.is_over, "the cluster is being stopped");
        let part = if name == "kwok" {
            Part::start(&self.kwok, name, flags, &self.directory)?
        } else {
            let args: Vec<String> = iter::once(name.to_owned()).chain(flags.iter().cloned()).collect();
            Part::start(&self.control_plane, name, &args, &self.directory)?
        };
        state.parts.push(part);
        Ok(())
    }

    /// Waits for something that a part is to bring about; an error when the part ends first.
    fn wait_for(&self, name: &str, is_there: impl Fn() -> bool) -> Result<()> {
        let started = Instant::now();
        while !is_there() {
            let mut state = self.state();
            let Some(part) = state.parts.iter_mut().find(|part| part.name == name) else {
                bail!("{name} was stopped")
            };
            part.ensure_runs()?;
            if started.elapsed() > PATIENCE {
                let (seconds, lines) = (PATIENCE.as_secs(), part.last_lines());
                bail!("{name} is not ready after {seconds} s; its last words:\n{lines}");
            }
            drop(state);
            std::thread::sleep(BREATH);
        }
        Ok(())
    }

    fn wait_until_pods_can_run(&self) -> Result<()> {
        let timeout = format!("--timeout={}s", PATIENCE.as_secs());
        let waited = self
            .kubectl(&["wait", "--for=condition=Ready", "node", "--all", &timeout], "")
            .and_then(|()| {
                // Pods are refused until the controller manager has made their account.
                self.options.namespaces.iter().try_for_each(|namespace| {
                    let namespace = format!("--namespace={namespace}");
                    self.kubectl(
                        &[
                            "wait",
                            "--for=create",
                            "serviceaccount/default",
                            &namespace,
                            &timeout,
                        ],
                        "",
                    )
                })
            });
        // A part that ended says why better than the wait for what it should have done.
        self.state().parts.iter_mut().try_for_each(Part::ensure_runs)?;
        waited
    }

    /// Runs kubectl as the cluster's administrator; its words are the error's.
    fn kubectl(&self, args: &[&str], input: &str) -> Result<()> {
        let mut child = Command::new(self.directory.join("bin/kubectl"))
            .arg("--kubeconfig=parts.kubeconfig")
            .args(args)
            .current_dir(&self.directory)
            .env_clear()
            .env("HOME", self.directory.join("home"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("starting kubectl")?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(input.as_bytes())?;
        }
        let output = child.wait_with_output()?;
        ensure!(
            output.status.success(),
            "kubectl {}: {}",
            args.join(" "),
            String::from_utf8_lossy(&output.stderr).trim()
        );
        Ok(())
    }

    fn listens(&self, port: u16) -> bool {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What every container of every pod says, in the form that container runtimes write.
const POD_LOG: &str = "\
2026-01-01T00:00:00.000000000Z stdout F The nodes of this cluster are played: no container runs,
2026-01-01T00:00:01.000000000Z stderr F and every one of them says these two lines.
";

/// Ends the cluster, and this program, when it is told to end, whatever it does at that moment.
fn end_on_signals(plane: Weak<Plane>) -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("waiting for signals")?;
    std::thread::spawn(move || {
        let Some(signal) = signals.forever().next() else {
            return;
        };
        if let Some(plane) = plane.upgrade() {
            plane.end();
        }
        // As shells tell it.
        std::process::exit(128 + signal);
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_of_others_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let new = folder.path().join("new");
        assert_eq!(made(&new).unwrap(), new.canonicalize().unwrap());
        std::fs::create_dir(folder.path().join("bin")).unwrap();
        assert!(
            made(folder.path())
                .unwrap_err()
                .to_string()
                .contains("no cluster of ours")
        );
        std::fs::write(folder.path().join(LOCK), "").unwrap();
        made(folder.path()).unwrap();
    }
}
