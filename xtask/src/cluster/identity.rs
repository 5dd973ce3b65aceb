//! Who is who in a cluster of ours: certificates, the key of service accounts, users with their tokens, the kubeconfig.
//!
//! Everything is made anew at each start, by the engine's own template functions for certificates: keys that only one
//! machine's loopback ever sees.

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, anyhow};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use engine::value::{Map, Value as EngineValue};
use engine::{FnError, Host, Renderer, TemplateSet};
use serde_json::{Value, json};

/// A user of the cluster, and of the kubeconfig: each has a context of the same name.
struct User {
    name: &'static str,
    group: &'static str,
    /// What [`super::contents`] binds the group to, for people.
    may: &'static str,
}

/// The first is the one for the cluster's own parts.
const USERS: &[User] = &[
    User {
        name: "admin",
        group: "system:masters",
        may: "everything",
    },
    User {
        name: "alice",
        group: "developers",
        may: "edit in the namespace development, nothing elsewhere",
    },
    User {
        name: "bob",
        group: "operators",
        may: "admin in every namespace, nothing outside of namespaces",
    },
    User {
        name: "carol",
        group: "viewers",
        may: "view in every namespace, which does not include secrets",
    },
];

/// Prints one JSON object of PEM texts. ECDSA keys take no time to make.
const KEYS: &str = r#"
{{- $authority := genCAWithKey "chartroom cluster" 3650 (genPrivateKey "ecdsa") }}
{{- $server := genSignedCertWithKey "kube-apiserver" (list "127.0.0.1") (list "localhost") 3650 $authority (genPrivateKey "ecdsa") }}
{{- dict "ca.crt" $authority.Cert "server.crt" $server.Cert "server.key" $server.Key "accounts.key" (genPrivateKey "ecdsa") | toJson }}"#;

/// Files that the parts of a control plane are given.
pub(super) struct Identity {
    folder: PathBuf,
    authority: String,
    tokens: Vec<(&'static User, String)>,
}

impl Identity {
    /// Makes keys and tokens, and writes them into a folder that only this user may read.
    pub(super) fn make(folder: &Path) -> Result<Self> {
        let files = keys()?;
        for (name, text) in &files {
            write_private(&folder.join(name), text)?;
        }
        let mut tokens = Vec::new();
        let mut table = String::new();
        for user in USERS {
            let token = token()?;
            writeln!(table, "{token},{},{},{}", user.name, user.name, user.group)?;
            tokens.push((user, token));
        }
        write_private(&folder.join("users.csv"), &table)?;
        let authority = files.into_iter().find(|(name, _)| name == "ca.crt");
        Ok(Self {
            folder: folder.to_owned(),
            authority: authority.context("there is a certificate authority")?.1,
            tokens,
        })
    }

    /// The path of one of the files.
    pub(super) fn file(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// Writes a kubeconfig with a context for each user, the first of them current.
    pub(super) fn write_kubeconfig(&self, path: &Path, port: u16) -> Result<()> {
        let users: Vec<Value> = self
            .tokens
            .iter()
            .map(|(user, token)| json!({ "name": user.name, "user": { "token": token } }))
            .collect();
        let contexts: Vec<Value> = USERS
            .iter()
            .map(
                |user| json!({ "name": user.name, "context": { "cluster": "chartroom", "user": user.name } }),
            )
            .collect();
        let kubeconfig = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{
                "name": "chartroom",
                "cluster": {
                    "server": format!("https://127.0.0.1:{port}"),
                    "certificate-authority-data": BASE64_STANDARD.encode(&self.authority),
                },
            }],
            "users": users,
            "contexts": contexts,
            "current-context": USERS.first().map(|user| user.name),
        });
        // JSON is YAML, too.
        write_private(path, &format!("{kubeconfig:#}\n"))
    }
}

/// The users, a line each, for people.
pub(super) fn explained() -> String {
    let mut lines = String::new();
    for user in USERS {
        lines += &format!("  {:<6} {} ({})\n", user.name, user.may, user.group);
    }
    lines
}

fn keys() -> Result<Vec<(String, String)>> {
    let mut templates = TemplateSet::new();
    templates.add("keys", KEYS)?;
    let host = Machine;
    let rendered = Renderer::new(&templates, &host, engine::Options::default())
        .render("keys", EngineValue::Map(Map::new()))?;
    let files: std::collections::BTreeMap<String, String> = serde_json::from_slice(rendered.as_bytes())?;
    Ok(files.into_iter().collect())
}

/// 256 bits, unguessable by whoever else is on the machine.
fn token() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("reading randomness: {error}"))?;
    let mut shown = String::new();
    for byte in bytes {
        write!(shown, "{byte:02x}")?;
    }
    Ok(shown)
}

fn write_private(path: &Path, text: &str) -> Result<()> {
    // A file that is there keeps its mode, so it goes first.
    if path.exists() {
        std::fs::remove_file(path)?;
    }
    let mut file = std::fs::File::options()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("writing {}", path.display()))?;
    Ok(file.write_all(text.as_bytes())?)
}

/// What the functions for certificates need: the time, and randomness.
struct Machine;

impl Host for Machine {
    fn unix_nanos(&self) -> i128 {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i128::try_from(elapsed.as_nanos()).unwrap_or(i128::MAX)
    }

    fn fill_random(&self, buffer: &mut [u8]) -> Result<(), FnError> {
        getrandom::fill(buffer).map_err(|error| FnError::new(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_an_identity_are_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let identity = Identity::make(folder.path()).unwrap();
        identity
            .write_kubeconfig(&folder.path().join("kubeconfig"), 6443)
            .unwrap();
        let mut names = Vec::new();
        for entry in folder.path().read_dir().unwrap() {
            let entry = entry.unwrap();
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600);
            names.push(entry.file_name().into_string().unwrap());
        }
        names.sort();
        assert_eq!(
            names,
            [
                "accounts.key",
                "ca.crt",
                "kubeconfig",
                "server.crt",
                "server.key",
                "users.csv"
            ]
        );
    }

    #[test]
    fn tokens_of_the_kubeconfig_are_those_the_server_knows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kubeconfig");
        Identity::make(folder.path())
            .unwrap()
            .write_kubeconfig(&path, 6443)
            .unwrap();
        let kubeconfig: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let table = std::fs::read_to_string(folder.path().join("users.csv")).unwrap();
        for user in kubeconfig["users"].as_array().unwrap() {
            let token = user["user"]["token"].as_str().unwrap();
            assert_eq!(token.len(), 64);
            let line = table.lines().find(|line| line.starts_with(token)).unwrap();
            assert!(line.contains(&format!(",{},", user["name"].as_str().unwrap())));
        }
    }
}
