//! What to render with: the page's side of one render.

use std::time::Duration;

use engine::Limits;
use helm::Compat;
use helm::capabilities::{Capabilities, KubeVersion};
use helm::render::{ReleaseOptions, RenderOptions};
use helm::values::strvals::Assignments;
use helm::values::{Table, Tree, merge_over, parse_values};
use serde::{Deserialize, Serialize};

use crate::answer::{Problem, Stage};

/// One render. Every field has a default; a field with another name is refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct RenderRequest {
    pub release_name: String,
    pub namespace: String,
    pub revision: i64,
    pub is_upgrade: bool,
    /// As `--kube-version` takes it; without it, Helm's own default.
    pub kube_version: Option<String>,
    /// All API versions of the cluster; without them, those Helm assumes.
    pub api_versions: Option<Vec<String>>,
    /// Further ones, as `--api-versions` gives them.
    pub extra_api_versions: Vec<String>,
    /// Prints what Helm 4.2 printed; else what 4.3 does, as `chartroom template` and every operation do.
    pub as_helm_4_2: bool,

    /// Values as JSON, below everything else.
    pub values: Option<serde_json::Value>,
    /// Values files as the user typed them, each over the ones before.
    pub values_files: Vec<String>,
    pub set_json: Vec<String>,
    pub set: Vec<String>,
    pub set_string: Vec<String>,
    pub set_literal: Vec<String>,

    /// What `now` answers.
    pub unix_millis: i64,
    /// What random functions draw from: the same seed, the same draws.
    pub seed: u64,
    /// The render ends with a problem when it takes longer.
    pub time_limit_millis: Option<u32>,

    pub strict: bool,
    pub lint: bool,
    pub skip_schema_validation: bool,
    pub check_kube_version: bool,
    pub sub_notes: bool,
    pub include_crds: bool,
    pub hide_secrets: bool,
}

impl Default for RenderRequest {
    fn default() -> Self {
        Self {
            release_name: "release-name".to_owned(),
            namespace: "default".to_owned(),
            revision: 1,
            is_upgrade: false,
            kube_version: None,
            api_versions: None,
            extra_api_versions: Vec::new(),
            as_helm_4_2: false,
            values: None,
            values_files: Vec::new(),
            set_json: Vec::new(),
            set: Vec::new(),
            set_string: Vec::new(),
            set_literal: Vec::new(),
            unix_millis: 0,
            seed: 0,
            time_limit_millis: None,
            strict: false,
            lint: false,
            skip_schema_validation: false,
            check_kube_version: false,
            sub_notes: false,
            include_crds: false,
            hide_secrets: false,
        }
    }
}

/// Stack that a render may use in a browser. V8 gives a worker about a megabyte for its own frames and what is counted
/// here is the module's share of it, which is smaller: with this much the rest stays below two thirds.
#[cfg(target_family = "wasm")]
const MAX_STACK_BYTES: usize = 256 << 10;

impl RenderRequest {
    pub(crate) fn options(&self) -> Result<RenderOptions, Box<Problem>> {
        let mut capabilities = Capabilities::of(self.compat());
        if let Some(version) = &self.kube_version {
            capabilities.kube_version = KubeVersion::parse(version)
                .map_err(|error| Problem::new(Stage::Request, error.to_string()))?;
        }
        if let Some(versions) = &self.api_versions {
            capabilities.api_versions.clone_from(versions);
        }
        capabilities
            .api_versions
            .extend(self.extra_api_versions.iter().cloned());
        Ok(RenderOptions {
            release_name: self.release_name.clone(),
            namespace: self.namespace.clone(),
            revision: self.revision,
            is_upgrade: self.is_upgrade,
            capabilities,
            strict: self.strict,
            lint: self.lint,
            skip_schema_validation: self.skip_schema_validation,
            check_kube_version: self.check_kube_version,
            limits: self.limits(),
            keep_values: false,
        })
    }

    fn limits(&self) -> Limits {
        Limits {
            max_time: self
                .time_limit_millis
                .map(|limit| Duration::from_millis(limit.into())),
            #[cfg(target_family = "wasm")]
            max_stack_bytes: MAX_STACK_BYTES,
            ..Limits::default()
        }
    }

    /// The Helm that is followed.
    pub(crate) fn compat(&self) -> Compat {
        if self.as_helm_4_2 {
            Compat::Helm4_2
        } else {
            Compat::Helm4_3
        }
    }

    pub(crate) fn release_options(&self) -> ReleaseOptions {
        ReleaseOptions {
            sub_notes: self.sub_notes,
            include_crds: self.include_crds,
            hide_secrets: self.hide_secrets,
        }
    }

    /// All values the user gave, laid over each other in Helm's order.
    pub(crate) fn user_values(&self) -> Result<Table, Box<Problem>> {
        let mut values = match self.values.as_ref().map(Tree::from_json) {
            Some(Tree::Table(values)) => values,
            _ => Table::new(),
        };
        for file in &self.values_files {
            let file = parse_values(file.as_bytes()).map_err(|error| Problem::in_values(&error))?;
            merge_over(&mut values, file);
        }
        let assignments = Assignments {
            json: self.set_json.clone(),
            set: self.set.clone(),
            string: self.set_string.clone(),
            file: Vec::new(),
            literal: self.set_literal.clone(),
        };
        let no_files = &mut |_: &str| Err("files are not read here".to_owned());
        assignments
            .apply(&mut values, no_files)
            .map_err(|error| Problem::new(Stage::Values, error.to_string()))?;
        Ok(values)
    }
}
