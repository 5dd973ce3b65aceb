//! `.Capabilities`: a pointer to a Go struct of structs.

use engine::FnError;
use engine::funcs::Builtin;
use engine::value::{Field, GoStr, Kind, List, Named, Object, Type, Value};

use super::method;
use crate::capabilities::{Capabilities, HelmVersion, KubeVersion};

static CAPABILITIES: Named = Named {
    name: "*common.Capabilities",
    kind: Kind::Pointer,
    elem: Type::Interface,
    methods: &[],
};
static KUBE_VERSION: Named = Named {
    name: "common.KubeVersion",
    kind: Kind::Struct,
    elem: Type::Interface,
    methods: &[],
};
static BUILD_INFO: Named = Named {
    name: "version.BuildInfo",
    kind: Kind::Struct,
    elem: Type::Interface,
    methods: &[],
};
static VERSION_SET: Named = Named {
    name: "common.VersionSet",
    kind: Kind::Slice,
    elem: Type::String,
    methods: &[method!("Has", version_set_has)],
};

/// `.Capabilities`
pub(crate) fn capabilities_value(capabilities: &Capabilities) -> Value {
    let versions = capabilities
        .api_versions
        .iter()
        .map(|version| Value::from(version.as_str()))
        .collect();
    Value::object(CapabilitiesObject {
        kube_version: Value::object(KubeVersionObject(capabilities.kube_version.clone())),
        api_versions: Value::List(List::typed(Type::Named(&VERSION_SET), versions)),
        helm_version: Value::object(BuildInfoObject(capabilities.helm_version.clone())),
        json: json_of(capabilities),
    })
}

fn version_set_has(versions: Value, version: GoStr) -> bool {
    versions
        .as_list()
        .is_some_and(|list| list.iter().any(|item| item.as_str() == Some(&version)))
}

#[derive(Debug)]
struct CapabilitiesObject {
    kube_version: Value,
    api_versions: Value,
    helm_version: Value,
    json: String,
}

impl Object for CapabilitiesObject {
    fn ty(&self) -> Type {
        Type::Named(&CAPABILITIES)
    }

    fn methods(&self) -> &'static [Builtin] {
        const METHODS: &[Builtin] = &[method!("Copy", copy)];
        METHODS
    }

    fn field(&self, name: &str) -> Option<Field> {
        let (value, named) = match name {
            "KubeVersion" => (&self.kube_version, &KUBE_VERSION),
            "APIVersions" => (&self.api_versions, &VERSION_SET),
            "HelmVersion" => (&self.helm_version, &BUILD_INFO),
            _ => return None,
        };
        Some(Field::Value(value.clone(), Type::Named(named)))
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("KubeVersion", self.kube_version.clone()),
            ("APIVersions", self.api_versions.clone()),
            ("HelmVersion", self.helm_version.clone()),
        ]
    }

    fn json(&self) -> Option<String> {
        Some(self.json.clone())
    }
}

/// What it points to never changes, so the pointer is as good as a copy.
fn copy(capabilities: Value) -> Result<Value, FnError> {
    Ok(capabilities)
}

#[derive(Debug)]
struct KubeVersionObject(KubeVersion);

impl Object for KubeVersionObject {
    fn ty(&self) -> Type {
        Type::Named(&KUBE_VERSION)
    }

    fn methods(&self) -> &'static [Builtin] {
        const METHODS: &[Builtin] = &[method!("GitVersion", git_version), method!("String", normalized)];
        METHODS
    }

    fn field(&self, name: &str) -> Option<Field> {
        let text = match name {
            "Version" => &self.0.version,
            "Major" => &self.0.major,
            "Minor" => &self.0.minor,
            "normalizedVersion" => return Some(Field::Unexported),
            _ => return None,
        };
        Some(Field::Value(text.as_str().into(), Type::String))
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("Version", self.0.version.as_str().into()),
            ("normalizedVersion", self.0.normalized.as_str().into()),
            ("Major", self.0.major.as_str().into()),
            ("Minor", self.0.minor.as_str().into()),
        ]
    }

    fn string(&self) -> Option<GoStr> {
        Some(self.0.normalized.as_str().into())
    }

    fn json(&self) -> Option<String> {
        Some(json_of_kube_version(&self.0))
    }

    fn equals(&self, other: &dyn Object) -> bool {
        let other: &dyn std::any::Any = other;
        other
            .downcast_ref::<Self>()
            .is_some_and(|other| other.0 == self.0)
    }
}

fn git_version(version: Value) -> GoStr {
    version
        .as_object::<KubeVersionObject>()
        .map_or(GoStr::EMPTY, |object| object.0.version.as_str().into())
}

fn normalized(version: Value) -> GoStr {
    version
        .as_object::<KubeVersionObject>()
        .map_or(GoStr::EMPTY, |object| object.0.normalized.as_str().into())
}

#[derive(Debug)]
struct BuildInfoObject(HelmVersion);

impl Object for BuildInfoObject {
    fn ty(&self) -> Type {
        Type::Named(&BUILD_INFO)
    }

    fn field(&self, name: &str) -> Option<Field> {
        let found = self.fields().into_iter().find(|(field, _)| *field == name);
        found.map(|(_, value)| Field::Value(value, Type::String))
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("Version", self.0.version.as_str().into()),
            ("GitCommit", self.0.git_commit.as_str().into()),
            ("GitTreeState", self.0.git_tree_state.as_str().into()),
            ("GoVersion", self.0.go_version.as_str().into()),
            ("KubeClientVersion", self.0.kube_client_version.as_str().into()),
        ]
    }

    fn json(&self) -> Option<String> {
        Some(json_of_helm_version(&self.0))
    }

    fn equals(&self, other: &dyn Object) -> bool {
        let other: &dyn std::any::Any = other;
        other
            .downcast_ref::<Self>()
            .is_some_and(|other| other.0 == self.0)
    }
}

fn json_of(capabilities: &Capabilities) -> String {
    let kube = json_of_kube_version(&capabilities.kube_version);
    let versions = serde_json::Value::from(capabilities.api_versions.clone());
    let helm = json_of_helm_version(&capabilities.helm_version);
    format!(r#"{{"KubeVersion":{kube},"APIVersions":{versions},"HelmVersion":{helm}}}"#)
}

fn json_of_kube_version(version: &KubeVersion) -> String {
    let text = |text: &str| serde_json::Value::from(text);
    format!(
        r#"{{"Version":{},"Major":{},"Minor":{}}}"#,
        text(&version.version),
        text(&version.major),
        text(&version.minor)
    )
}

/// Under the struct's JSON names; all but the last are left out when empty.
fn json_of_helm_version(version: &HelmVersion) -> String {
    let mut json = String::from("{");
    for (name, text) in [
        ("version", &version.version),
        ("git_commit", &version.git_commit),
        ("git_tree_state", &version.git_tree_state),
        ("go_version", &version.go_version),
    ] {
        if !text.is_empty() {
            json.push_str(&format!("\"{name}\":{},", serde_json::Value::from(text.as_str())));
        }
    }
    json.push_str(&format!(
        "\"kube_client_version\":{}}}",
        serde_json::Value::from(version.kube_client_version.as_str())
    ));
    json
}
