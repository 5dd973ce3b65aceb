//! `chartroom verify`: whether an archive was signed by a key of a keyring, as `helm verify` does; and the flags with which
//! other commands ask that before they use a chart.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, anyhow, bail};
use clap::Args;
use helm::chart::Chart;
use sha2::{Digest as _, Sha256};
use signatures::openpgp::{self, Keyring};
use signatures::{Archive, Outcome, Verified};

use super::charts::{describe, read_file};
use super::{terminal, variable};

#[derive(Args)]
pub(super) struct Arguments {
    /// The archive; its provenance file lies beside it, with .prov added to the name
    path: PathBuf,
    #[command(flatten)]
    keyring: KeyringFlag,
}

#[derive(Args)]
pub(super) struct KeyringFlag {
    /// OpenPGP public keys, armored or not [default: pubring.gpg of GnuPG's directory]
    #[arg(long, value_name = "FILE")]
    keyring: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let (verified, sum) = file(&arguments.path, &arguments.keyring)?;
    let mut text = String::new();
    for name in &verified.by.names {
        text.push_str(&format!("Signed by: {name}\n"));
    }
    text.push_str(&format!(
        "Using Key With Fingerprint: {}\n",
        verified.by.fingerprint
    ));
    text.push_str(&format!("Chart Hash Verified: sha256:{sum}\n"));
    terminal::write(&text);
    Ok(ExitCode::SUCCESS)
}

/// Verifies an archive with the provenance file beside it; who signed it, and its SHA-256. What is wrong with the files is
/// told in helm's words.
pub(super) fn file(path: &Path, keyring: &KeyringFlag) -> Result<(Verified, String)> {
    let shown = path.display();
    let metadata = std::fs::metadata(path).map_err(|error| anyhow!("stat {shown}: {}", describe(&error)))?;
    if metadata.is_dir() {
        bail!("unpacked charts cannot be verified");
    }
    let is_archive = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("tgz"));
    if !is_archive {
        bail!("chart must be a tgz file");
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(".prov");
    let beside = PathBuf::from(beside);
    if let Err(error) = std::fs::metadata(&beside) {
        let name = beside.display();
        bail!(
            "could not load provenance file {name}: stat {name}: {}",
            describe(&error)
        );
    }
    let keyring = keyring.read()?;
    let archive = read_file(path).context("failed to read chart archive")?;
    let provenance = read_file(&beside).context("failed to read provenance file")?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    bytes(&keyring, &archive, &provenance, &name)
}

/// Verifies the bytes of an archive that is called `file_name`.
pub(super) fn bytes(
    keyring: &Keyring,
    archive: &[u8],
    provenance: &[u8],
    file_name: &str,
) -> Result<(Verified, String)> {
    let sha256: [u8; 32] = Sha256::digest(archive).into();
    let metadata = Chart::from_archive(archive)?.metadata;
    let about = Archive {
        file_name,
        name: &metadata.name,
        version: &metadata.version,
        sha256: &sha256,
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    match openpgp::verify(keyring, provenance, &about, now) {
        Outcome::Verified(verified) => Ok((verified, hex(&sha256))),
        Outcome::Unverified(reason) => bail!("{file_name} is not verified: {reason}"),
        Outcome::Bad(reason) => bail!("the signature of {file_name} is bad: {reason}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl KeyringFlag {
    pub(super) fn read(&self) -> Result<Keyring> {
        const FAILED: &str = "failed to load keyring";
        let path = match &self.keyring {
            Some(path) => path.clone(),
            None => usual(),
        };
        let bytes = read_file(&path).context(FAILED)?;
        let mut keyring = Keyring::default();
        keyring
            .add(&bytes)
            .with_context(|| format!("{FAILED}: {}", path.display()))?;
        Ok(keyring)
    }
}

/// Where GnuPG kept public keys before it had key boxes; helm looks there.
fn usual() -> PathBuf {
    let directory = match variable("GNUPGHOME").filter(|directory| !directory.is_empty()) {
        Some(directory) => PathBuf::from(directory),
        None => PathBuf::from(variable("HOME").unwrap_or_default()).join(".gnupg"),
    };
    directory.join("pubring.gpg")
}
