//! The flags that say which cluster a command speaks to, and as whom: straight, with helm's flags and variables, or by a
//! Chartroom that knows the cluster.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use cluster::{Cluster, Driver, Settings, Subject};

use super::remote::{Remote, ServerFlags};
use super::variable;

#[derive(Args)]
pub(super) struct ClusterFlags {
    /// The namespace [default: that of the context, or the one that the server has for the cluster]
    #[arg(short, long, env = "HELM_NAMESPACE", hide_env = true)]
    namespace: Option<String>,
    #[command(flatten)]
    server: ServerFlags,
    // Helm's variables are read where no flag is given, not by clap: a flag that is given says that the cluster is meant.
    /// The kubeconfig file [default: $KUBECONFIG, ~/.kube/config, or the service account of this pod]
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig [default: its current one]
    #[arg(long, value_name = "NAME")]
    kube_context: Option<String>,
    /// The address of the API server
    #[arg(long, value_name = "URL")]
    kube_apiserver: Option<String>,
    /// A bearer token to identify with
    #[arg(long, value_name = "TOKEN")]
    kube_token: Option<String>,
    /// The user to impersonate
    #[arg(long, value_name = "USER")]
    kube_as_user: Option<String>,
    /// A group to impersonate; can be given several times
    #[arg(long, value_name = "GROUP", value_delimiter = ',')]
    kube_as_group: Vec<String>,
    /// Certificates that the API server's is checked with
    #[arg(long, value_name = "FILE")]
    kube_ca_file: Option<PathBuf>,
    /// The name in the certificate of the API server
    #[arg(long, value_name = "NAME")]
    kube_tls_server_name: Option<String>,
    /// Accept any certificate of the API server
    #[arg(long)]
    kube_insecure_skip_tls_verify: bool,
}

/// Where a command works.
pub(super) enum Place {
    /// A cluster itself, and a namespace.
    Direct(Cluster, String),
    /// A cluster of a server's, and a namespace.
    Server(Remote),
}

impl ClusterFlags {
    /// Whether a server is meant: its address. Nothing is asked of it yet.
    pub(super) fn server(&self) -> Result<Option<String>> {
        self.server.address(self.kube_flag())
    }

    /// The connection, and the namespace.
    pub(super) async fn place(&self) -> Result<Place> {
        Ok(match self.server()? {
            Some(address) => Place::Server(self.remote(&address).await?),
            None => {
                let (cluster, namespace) = self.connect().await?;
                Place::Direct(cluster, namespace)
            }
        })
    }

    /// The server's cluster, and the namespace.
    pub(super) async fn remote(&self, address: &str) -> Result<Remote> {
        self.server.connect(address, self.namespace()).await
    }

    /// The cluster itself, and the namespace.
    pub(super) async fn connect(&self) -> Result<(Cluster, String)> {
        let cluster = self.open().await?;
        let namespace = self.namespace();
        let namespace = namespace.unwrap_or_else(|| cluster.default_namespace().to_owned());
        Ok((cluster, namespace))
    }

    fn namespace(&self) -> Option<String> {
        self.namespace.clone().filter(|text| !text.is_empty())
    }

    /// The first flag that is about a cluster itself.
    fn kube_flag(&self) -> Option<&'static str> {
        let flags = [
            ("--kubeconfig", self.kubeconfig.is_some()),
            ("--kube-context", self.kube_context.is_some()),
            ("--kube-apiserver", self.kube_apiserver.is_some()),
            ("--kube-token", self.kube_token.is_some()),
            ("--kube-as-user", self.kube_as_user.is_some()),
            ("--kube-as-group", !self.kube_as_group.is_empty()),
            ("--kube-ca-file", self.kube_ca_file.is_some()),
            ("--kube-tls-server-name", self.kube_tls_server_name.is_some()),
            (
                "--kube-insecure-skip-tls-verify",
                self.kube_insecure_skip_tls_verify,
            ),
        ];
        flags
            .into_iter()
            .find(|(_, is_given)| *is_given)
            .map(|(name, _)| name)
    }

    async fn open(&self) -> Result<Cluster> {
        let given = |flag: &Option<String>, name: &str| {
            let text = flag.clone().or_else(|| variable(name));
            text.filter(|text| !text.is_empty())
        };
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
        let as_groups = if self.kube_as_group.is_empty() {
            let groups = variable("HELM_KUBEASGROUPS").unwrap_or_default();
            let groups = groups.split(',').filter(|group| !group.is_empty());
            groups.map(str::to_owned).collect()
        } else {
            self.kube_as_group.clone()
        };
        let ca_file = self.kube_ca_file.clone();
        let accepts_any = variable("HELM_KUBEINSECURE_SKIP_TLS_VERIFY").is_some_and(|text| is_true(&text));
        Ok(Cluster::connect(Settings {
            in_cluster: false,
            kubeconfig,
            context: given(&self.kube_context, "HELM_KUBECONTEXT"),
            api_server: given(&self.kube_apiserver, "HELM_KUBEAPISERVER"),
            token: given(&self.kube_token, "HELM_KUBETOKEN"),
            as_user: given(&self.kube_as_user, "HELM_KUBEASUSER"),
            as_groups,
            ca_file: ca_file.or_else(|| given(&None, "HELM_KUBECAFILE").map(PathBuf::from)),
            tls_server_name: given(&self.kube_tls_server_name, "HELM_KUBETLS_SERVER_NAME"),
            accept_any_certificate: self.kube_insecure_skip_tls_verify || accepts_any,
            driver,
        })
        .await?)
    }

    /// Whom the cluster sees, where a flag or variable says so.
    pub(super) fn subject(&self) -> Option<Subject> {
        let user = self.kube_as_user.clone().or_else(|| variable("HELM_KUBEASUSER"));
        let user = user.filter(|user| !user.is_empty());
        user.map(|name| Subject::User { name })
    }
}

/// As Go reads a word for yes (`strconv.ParseBool`).
fn is_true(text: &str) -> bool {
    matches!(text, "1" | "t" | "T" | "true" | "TRUE" | "True")
}
