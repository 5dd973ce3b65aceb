//! The flags that say which version of a chart of the catalog is meant.

use clap::Args;

#[derive(Args)]
pub(in crate::cli) struct VersionFlags {
    /// The version of a chart of the catalog, or a range of them [default: the newest stable]
    #[arg(long)]
    version: Option<String>,
    /// Take pre-releases of the catalog into account
    #[arg(long)]
    devel: bool,
}

impl VersionFlags {
    /// A version or a range; nothing for the newest stable.
    pub(in crate::cli) fn wanted(&self) -> Option<&str> {
        let version = self.version.as_deref().map(str::trim);
        let version = version.filter(|version| !version.is_empty());
        version.or(self.devel.then_some(">0.0.0-0"))
    }
}
