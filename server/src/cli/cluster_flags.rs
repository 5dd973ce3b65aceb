//! The flags that say which cluster a command speaks to, and as whom: helm's, with helm's variables.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use cluster::{Cluster, Driver, Settings};

#[derive(Args)]
pub(super) struct ClusterFlags {
    /// The namespace [default: that of the context]
    #[arg(short, long, env = "HELM_NAMESPACE", hide_env = true)]
    namespace: Option<String>,
    /// The kubeconfig file [default: $KUBECONFIG, ~/.kube/config, or the service account of this pod]
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig [default: its current one]
    #[arg(long, value_name = "NAME", env = "HELM_KUBECONTEXT", hide_env = true)]
    kube_context: Option<String>,
    /// The address of the API server
    #[arg(long, value_name = "URL", env = "HELM_KUBEAPISERVER", hide_env = true)]
    kube_apiserver: Option<String>,
    /// A bearer token to identify with
    #[arg(
        long,
        value_name = "TOKEN",
        env = "HELM_KUBETOKEN",
        hide_env = true,
        hide_env_values = true
    )]
    kube_token: Option<String>,
    /// The user to impersonate
    #[arg(long, value_name = "USER", env = "HELM_KUBEASUSER", hide_env = true)]
    kube_as_user: Option<String>,
    /// A group to impersonate; can be given several times
    #[arg(
        long,
        value_name = "GROUP",
        env = "HELM_KUBEASGROUPS",
        hide_env = true,
        value_delimiter = ','
    )]
    kube_as_group: Vec<String>,
    /// Certificates that the API server's is checked with
    #[arg(long, value_name = "FILE", env = "HELM_KUBECAFILE", hide_env = true)]
    kube_ca_file: Option<PathBuf>,
    /// The name in the certificate of the API server
    #[arg(long, value_name = "NAME", env = "HELM_KUBETLS_SERVER_NAME", hide_env = true)]
    kube_tls_server_name: Option<String>,
    /// Accept any certificate of the API server
    #[arg(long, env = "HELM_KUBEINSECURE_SKIP_TLS_VERIFY", hide_env = true)]
    kube_insecure_skip_tls_verify: bool,
}

impl ClusterFlags {
    /// The connection, and the namespace.
    pub(super) async fn connect(&self) -> Result<(Cluster, String)> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let word = variable("HELM_DRIVER").unwrap_or_default();
        let Some(driver) = Driver::parse(&word) else {
            bail!("unknown driver {word:?} in HELM_DRIVER; there are secret and configmap");
        };
        let kubeconfig = match &self.kubeconfig {
            Some(file) => vec![file.clone()],
            None => variable("KUBECONFIG").map_or_else(Vec::new, |files| {
                // Files of the list that are not there are passed over, as kubectl does.
                std::env::split_paths(&files)
                    .filter(|file| file.is_file())
                    .collect()
            }),
        };
        let cluster = Cluster::connect(Settings {
            in_cluster: false,
            kubeconfig,
            context: given(&self.kube_context),
            api_server: given(&self.kube_apiserver),
            token: given(&self.kube_token),
            as_user: given(&self.kube_as_user),
            as_groups: self.kube_as_group.clone(),
            ca_file: self.kube_ca_file.clone(),
            tls_server_name: given(&self.kube_tls_server_name),
            accept_any_certificate: self.kube_insecure_skip_tls_verify,
            driver,
        })
        .await?;
        let namespace = given(&self.namespace).unwrap_or_else(|| cluster.default_namespace().to_owned());
        Ok((cluster, namespace))
    }
}

fn variable(name: &str) -> Option<String> {
    super::environment()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value)
}
