//! The key that seals webhooks' secrets: the configuration's, or one in a file beside the charts, which every process that
//! shares the directory reads. A copy of the database alone opens none of them.

use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use super::{Hosted, blocking};
use crate::secret::SecretString;
use crate::{Error, Result, drawn, seal};

/// Tenants do not begin with a dot.
const FILE: &str = ".webhook-key";
/// What secrets are sealed for.
const CONTEXT: &str = "webhook";

impl Hosted {
    /// Seals a webhook's secret.
    pub(crate) async fn seal_webhook(&self, secret: &SecretString) -> Result<Vec<u8>> {
        seal::seal(&self.webhook_key().await?, CONTEXT, secret.expose())
    }

    /// A webhook's secret; none where it was sealed with another key.
    pub(crate) async fn open_webhook(&self, sealed: &[u8]) -> Result<Option<SecretString>> {
        Ok(seal::open(&self.webhook_key().await?, CONTEXT, sealed))
    }

    async fn webhook_key(&self) -> Result<SecretString> {
        if !self.settings.webhook_key.expose().is_empty() {
            return Ok(self.settings.webhook_key.clone());
        }
        let path = self.files.root().join(FILE);
        let known = path.clone();
        if let Some(key) = blocking(move || read(&known)).await?.map_err(Error::internal)? {
            return Ok(key);
        }
        // One process makes it: this count is every writer's lock. Nothing is counted, for nothing is committed.
        let mut tx = self.store.begin().await?;
        tx.bump_generation().await?;
        let (drawn, fsync) = (drawn::secret()?, self.files.fsync());
        let made = blocking(move || {
            if let Some(key) = read(&path)? {
                return Ok(key);
            }
            write(&path, &drawn, fsync)?;
            io::Result::Ok(drawn)
        });
        made.await?.map_err(Error::internal)
    }
}

fn read(path: &Path) -> io::Result<Option<SecretString>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(SecretString::new(text.trim()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// All of it or nothing is there.
fn write(path: &Path, key: &SecretString, fsync: bool) -> io::Result<()> {
    let new = path.with_extension("new");
    let _ = std::fs::remove_file(&new);
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&new)?;
    file.write_all(key.expose().as_bytes())?;
    if fsync {
        file.sync_all()?;
    }
    std::fs::rename(&new, path)
}
