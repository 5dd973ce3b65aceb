//! Where the control plane and the programs are, and a namespace for one test.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use cluster::{Cluster, Driver, Settings};

#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) kubeconfig: PathBuf,
    pub(crate) namespace: String,
    pub(crate) driver: Driver,
}

impl Setup {
    /// `None`, and a line that says so, where there is no cluster; else with a new namespace.
    #[expect(clippy::print_stderr, reason = "says why a test does nothing")]
    pub(crate) fn find(purpose: &str) -> Option<Self> {
        let Some(kubeconfig) = std::env::var_os("CHARTROOM_TEST_KUBECONFIG") else {
            eprintln!("skipped: CHARTROOM_TEST_KUBECONFIG is not set; `cargo xtask test cluster` sets it");
            return None;
        };
        Some(Self {
            kubeconfig: kubeconfig.into(),
            namespace: format!("{purpose}-{}", std::process::id()),
            driver: Driver::Secrets,
        })
    }

    /// Helm's word for where records are.
    fn word(&self) -> &'static str {
        match self.driver {
            Driver::Secrets => "secret",
            Driver::ConfigMaps => "configmap",
        }
    }

    fn run(&self, variable: &str, args: &[&str]) -> Output {
        let program: OsString =
            std::env::var_os(variable).unwrap_or_else(|| panic!("{variable} is set, too"));
        Command::new(program)
            .args(args)
            .args(["--namespace", &self.namespace])
            .env_clear()
            .env("HOME", self.kubeconfig.with_file_name("home"))
            .env("KUBECONFIG", &self.kubeconfig)
            .env("HELM_DRIVER", self.word())
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples"))
            .output()
            .unwrap()
    }

    pub(crate) fn helm3(&self, args: &[&str]) -> String {
        self.succeeds("CHARTROOM_TEST_HELM3", args)
    }

    pub(crate) fn helm4(&self, args: &[&str]) -> String {
        self.succeeds("CHARTROOM_TEST_HELM4", args)
    }

    pub(crate) fn kubectl(&self, args: &[&str]) -> String {
        self.succeeds("CHARTROOM_TEST_KUBECTL", args)
    }

    /// What real helm says, whether it works or not.
    pub(crate) fn helm4_says(&self, args: &[&str]) -> (bool, String) {
        let output = self.run("CHARTROOM_TEST_HELM4", args);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), text)
    }

    fn succeeds(&self, variable: &str, args: &[&str]) -> String {
        let output = self.run(variable, args);
        assert!(
            output.status.success(),
            "{args:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) fn helm4_fails(&self, args: &[&str]) {
        assert!(
            !self.run("CHARTROOM_TEST_HELM4", args).status.success(),
            "{args:?}"
        );
    }

    pub(crate) async fn cluster(&self, context: Option<&str>) -> Cluster {
        let settings = Settings {
            kubeconfig: vec![self.kubeconfig.clone()],
            context: context.map(str::to_owned),
            driver: self.driver,
            ..Settings::default()
        };
        Cluster::connect(settings).await.unwrap()
    }
}
