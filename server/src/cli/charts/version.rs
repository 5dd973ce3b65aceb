//! The flags that say which version of a chart of the catalog is meant, and who must have signed it.

use anyhow::{Result, bail};
use clap::Args;

use crate::cli::verify::KeyringFlag;

#[derive(Args)]
pub(in crate::cli) struct VersionFlags {
    /// The version of a chart of the catalog, or a range of them [default: the newest stable]
    #[arg(long)]
    version: Option<String>,
    /// Take pre-releases of the catalog into account
    #[arg(long)]
    devel: bool,
    /// Use the chart only if a key of the keyring signed it
    #[arg(long)]
    verify: bool,
    #[command(flatten)]
    keyring: KeyringFlag,
}

impl VersionFlags {
    /// A version or a range; nothing for the newest stable.
    pub(in crate::cli) fn wanted(&self) -> Option<&str> {
        let version = self.version.as_deref().map(str::trim);
        let version = version.filter(|version| !version.is_empty());
        version.or(self.devel.then_some(">0.0.0-0"))
    }

    /// The keyring that the chart must be signed with a key of.
    pub(in crate::cli) fn keyring(&self) -> Option<&KeyringFlag> {
        self.verify.then_some(&self.keyring)
    }

    /// A server has keyrings of its own.
    pub(in crate::cli) fn refuse_verify(&self) -> Result<()> {
        if self.verify {
            bail!(
                "a server verifies charts with its own keyrings, by the policy of their repository: --verify is for \
                 working straight"
            );
        }
        Ok(())
    }
}
