//! A real registry, CNCF Distribution, and real clients of it, where the environment names the programs:
//! `CHARTROOM_TEST_REGISTRY`, `CHARTROOM_TEST_ORAS`, `CHARTROOM_TEST_HELM3` and `CHARTROOM_TEST_HELM4`. `cargo xtask test
//! registry` builds them and sets these.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Who may enter a registry that asks, as `htpasswd -B` writes it; the password is [`PASSWORD`].
const HTPASSWD: &str = "me:$2y$05$abcdefghijklmnopqrstuuoXuKqgZXLiJqzfmMXDDhSFPIvxV7t8.\n";
pub(crate) const USER: &str = "me";
pub(crate) const PASSWORD: &str = "hunter2";

/// A registry that ends with the test.
pub(crate) struct Distribution {
    child: Child,
    pub(crate) address: SocketAddr,
    _directory: tempfile::TempDir,
}

impl Drop for Distribution {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How it is set up.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Setup {
    /// Only [`USER`] may do anything.
    pub(crate) is_closed: bool,
    /// Names on a page of the catalog; whoever wants more is refused.
    pub(crate) max_entries: Option<usize>,
}

impl Distribution {
    /// Starts one; none where there is no program, which is said.
    pub(crate) fn start(setup: Setup) -> Option<Self> {
        let program = program("CHARTROOM_TEST_REGISTRY")?;
        let directory = tempfile::tempdir().expect("a directory");
        let at = |name: &str| directory.path().join(name);
        let mut config = format!(
            "version: 0.1\nlog: {{ level: info, accesslog: {{ disabled: true }} }}\nstorage:\n  filesystem: {{ rootdirectory: {:?} }}\n  \
             delete: {{ enabled: true }}\nhttp: {{ addr: \"127.0.0.1:0\", secret: for-tests }}\n",
            at("data")
        );
        if setup.is_closed {
            std::fs::write(at("htpasswd"), HTPASSWD).expect("it is written");
            config.push_str(&format!(
                "auth: {{ htpasswd: {{ realm: tests, path: {:?} }} }}\n",
                at("htpasswd")
            ));
        }
        if let Some(n) = setup.max_entries {
            config.push_str(&format!("catalog: {{ maxentries: {n} }}\n"));
        }
        std::fs::write(at("config.yml"), config).expect("it is written");
        let mut child = Command::new(program)
            .arg("serve")
            .arg(at("config.yml"))
            .env_clear()
            .env("OTEL_TRACES_EXPORTER", "none")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the registry starts");
        let log = BufReader::new(child.stderr.take().expect("it is piped"));
        let mut lines = log.lines().map_while(Result::ok);
        let mut said = Vec::new();
        let address = lines.by_ref().find_map(|line| {
            let address = line.split("listening on ").nth(1).map(|rest| {
                let end = rest.find(|c: char| c != '.' && c != ':' && !c.is_ascii_digit());
                rest.get(..end.unwrap_or(rest.len()))
                    .unwrap_or_default()
                    .to_owned()
            });
            said.push(line);
            address?.parse().ok()
        });
        // Whoever writes to a pipe that nobody reads stands still.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self {
            child,
            address: address.unwrap_or_else(|| panic!("the registry says where it is: {said:#?}")),
            _directory: directory,
        })
    }

    /// Host and port.
    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    /// The namespace that tests follow.
    pub(crate) fn url(&self) -> String {
        format!("oci://{}/team", self.address)
    }

    /// Takes a tag away, as people do; what it led to stays.
    pub(crate) fn untag(&self, repository: &str, tag: &str) {
        let mut stream = TcpStream::connect(self.address).expect("it answers");
        let request = format!(
            "DELETE /v2/{repository}/manifests/{tag} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.address
        );
        stream.write_all(request.as_bytes()).expect("it listens");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    }
}

/// A command line client.
pub(crate) struct Client<'a> {
    program: OsString,
    home: &'a Path,
}

impl<'a> Client<'a> {
    /// The program that a variable names, at home in a folder; none where there is none, which is said.
    pub(crate) fn find(variable: &str, home: &'a Path) -> Option<Self> {
        Some(Self {
            program: program(variable)?,
            home,
        })
    }

    /// What it prints; it has to succeed.
    pub(crate) fn works(&self, arguments: &[&str]) -> String {
        let output = Command::new(&self.program)
            .args(arguments)
            .env_clear()
            .env("HOME", self.home)
            .env("HELM_CACHE_HOME", self.home.join("cache"))
            .env("HELM_CONFIG_HOME", self.home.join("config"))
            .env("HELM_DATA_HOME", self.home.join("data"))
            .env("DOCKER_CONFIG", self.home.join("docker"))
            .current_dir(self.home)
            .output()
            .expect("it starts");
        let said = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(output.status.success(), "{arguments:?}: {said}");
        said
    }
}

#[expect(clippy::print_stderr, reason = "says why a test does nothing")]
fn program(variable: &str) -> Option<OsString> {
    let program = std::env::var_os(variable);
    if program.is_none() {
        eprintln!("skipped: {variable} is not set");
    }
    program
}
