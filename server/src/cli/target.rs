//! The flags that say what templates see of a cluster, common to the commands that render.

use anyhow::{Context as _, Result};
use clap::Args;
use helm::capabilities::KubeVersion;

#[derive(Args)]
pub(super) struct TargetFlags {
    /// The release's namespace
    #[arg(
        short,
        long,
        default_value = "default",
        env = "HELM_NAMESPACE",
        hide_env = true
    )]
    pub(super) namespace: String,
    /// The Kubernetes version that templates see; lint also tells by it which kinds are deprecated
    #[arg(long, value_name = "VERSION")]
    kube_version: Option<String>,
}

impl TargetFlags {
    /// The version given, if one is.
    pub(super) fn kube_version(&self) -> Result<Option<KubeVersion>> {
        let given = self.kube_version.as_deref().filter(|version| !version.is_empty());
        given
            .map(|version| {
                KubeVersion::parse(version).with_context(|| format!("invalid kube version '{version}'"))
            })
            .transpose()
    }
}
