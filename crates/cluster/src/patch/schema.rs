//! How the fields of a kind are merged, read from the OpenAPI document a cluster publishes for each group and version.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::PatchProblem;

/// Groups that Kubernetes brings, with the versions that Helm 4.3 has types for.
const BUILT_IN: &[(&str, &[&str])] = &[
    ("", &["v1"]),
    ("admissionregistration.k8s.io", &["v1", "v1alpha1", "v1beta1"]),
    ("apiextensions.k8s.io", &["v1"]), // of v1beta1, Helm merges the kind as it does custom resources
    ("apps", &["v1", "v1beta1", "v1beta2"]),
    ("authentication.k8s.io", &["v1", "v1alpha1", "v1beta1"]),
    ("authorization.k8s.io", &["v1", "v1beta1"]),
    ("autoscaling", &["v1", "v2"]),
    ("batch", &["v1", "v1beta1"]),
    ("certificates.k8s.io", &["v1", "v1alpha1", "v1beta1"]),
    ("coordination.k8s.io", &["v1", "v1alpha2", "v1beta1"]),
    ("discovery.k8s.io", &["v1", "v1beta1"]),
    ("events.k8s.io", &["v1", "v1beta1"]),
    ("extensions", &["v1beta1"]),
    (
        "flowcontrol.apiserver.k8s.io",
        &["v1", "v1beta1", "v1beta2", "v1beta3"],
    ),
    ("internal.apiserver.k8s.io", &["v1alpha1"]),
    ("lifecycle.k8s.io", &["v1alpha1"]),
    ("networking.k8s.io", &["v1", "v1beta1"]),
    ("node.k8s.io", &["v1", "v1alpha1", "v1beta1"]),
    ("policy", &["v1", "v1beta1"]),
    ("rbac.authorization.k8s.io", &["v1", "v1alpha1", "v1beta1"]),
    ("resource.k8s.io", &["v1", "v1alpha3", "v1beta1", "v1beta2"]),
    ("scheduling.k8s.io", &["v1", "v1alpha3", "v1beta1"]),
    ("storage.k8s.io", &["v1", "v1alpha1", "v1beta1"]),
    ("storagemigration.k8s.io", &["v1", "v1beta1"]),
];

/// Whether objects of this version get strategic merge patches; all others get [`merge_patch`](super::merge_patch) or
/// [`three_way_merge_patch`](super::three_way_merge_patch), and the API server takes nothing else.
#[must_use]
pub fn has_strategic_merge(group: &str, version: &str) -> bool {
    BUILT_IN
        .iter()
        .any(|(name, versions)| *name == group && versions.contains(&version))
}

/// How a field's new value meets the one that is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// Objects are merged field by field; lists and all else are replaced.
    #[default]
    Atomic,
    /// Lists are merged: by the merge key, or, without one, as sets of values.
    Merge,
    /// Even an object is replaced as a whole.
    Replace,
}

/// What a schema says about merging one field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldPatch {
    pub strategy: Strategy,
    /// Fields that the new value does not have are cleared, whoever set them: a union can only be one thing.
    pub retain_keys: bool,
    /// The field that names an item of a merged list; a merged list without one is one of primitive values.
    pub merge_key: Option<String>,
    pub is_list: bool,
}

#[derive(Debug)]
struct Field {
    patch: FieldPatch,
    /// The object that the field, or an item of it, is.
    object: Option<usize>,
}

/// The fields of a kind, with those of all objects inside.
#[derive(Debug)]
pub struct PatchSchema {
    /// Objects refer to each other, and some to themselves.
    objects: Vec<HashMap<String, Field>>,
    root: usize,
}

impl PatchSchema {
    /// The schema of a kind out of the document of its group and version, such as `/openapi/v3/apis/apps/v1`.
    #[must_use]
    pub fn from_openapi(document: &Value, group: &str, version: &str, kind: &str) -> Option<Self> {
        let schemas = document.get("components")?.get("schemas")?.as_object()?;
        let text =
            |value: &Value, name: &str| -> Option<String> { Some(value.get(name)?.as_str()?.to_owned()) };
        let is_wanted = |id: &Value| {
            text(id, "group").unwrap_or_default() == group
                && text(id, "version").as_deref() == Some(version)
                && text(id, "kind").as_deref() == Some(kind)
        };
        let root = schemas.values().find(|schema| {
            let ids = schema
                .get("x-kubernetes-group-version-kind")
                .and_then(Value::as_array);
            ids.is_some_and(|ids| ids.iter().any(is_wanted))
        })?;
        let mut reader = Reader {
            schemas,
            known: HashMap::new(),
            pending: vec![root],
        };
        let mut objects = Vec::new();
        // Reading an object may find further ones, which then follow it.
        while let Some(schema) = reader.pending.get(objects.len()).copied() {
            objects.push(reader.fields(schema));
        }
        Some(Self { objects, root: 0 })
    }

    /// How the field at `path` is merged; lists on the way are passed through. `None` for a field the kind does not have.
    #[must_use]
    pub fn field(&self, path: &[&str]) -> Option<&FieldPatch> {
        let mut at = self.start();
        let mut found = None;
        for name in path {
            let (patch, inner) = at.field(name)?;
            (at, found) = (inner, Some(patch));
        }
        found
    }

    pub(super) fn start(&self) -> Place<'_> {
        Place {
            schema: Some(self),
            object: Some(self.root),
        }
    }
}

/// An object within a kind; one without fields where the schema knows nothing more.
#[derive(Clone, Copy)]
pub(super) struct Place<'s> {
    schema: Option<&'s PatchSchema>,
    object: Option<usize>,
}

impl<'s> Place<'s> {
    /// Where no schema is known.
    pub(super) const UNKNOWN: Self = Self {
        schema: None,
        object: None,
    };

    pub(super) fn field(self, name: &str) -> Option<(&'s FieldPatch, Self)> {
        let schema = self.schema?;
        let field = schema.objects.get(self.object?)?.get(name)?;
        let inner = Self {
            schema: self.schema,
            object: field.object,
        };
        Some((&field.patch, inner))
    }

    /// The field that holds an object.
    pub(super) fn object(self, name: &str) -> Result<(&'s FieldPatch, Self), PatchProblem> {
        let (patch, inner) = self.known(name)?;
        // An object where the kind has a list is none that anything is known of.
        Ok((patch, if patch.is_list { Self::UNKNOWN } else { inner }))
    }

    /// The field that holds a list, and what an item of it is.
    pub(super) fn list(self, name: &str) -> Result<(&'s FieldPatch, Self), PatchProblem> {
        let found = self.known(name)?;
        if found.0.is_list {
            Ok(found)
        } else {
            Err(PatchProblem::NotAList {
                field: name.to_owned(),
            })
        }
    }

    fn known(self, name: &str) -> Result<(&'s FieldPatch, Self), PatchProblem> {
        self.field(name).ok_or_else(|| PatchProblem::UnknownField {
            field: name.to_owned(),
        })
    }
}

struct Reader<'d> {
    schemas: &'d Map<String, Value>,
    known: HashMap<&'d str, usize>,
    /// All objects found so far, by their number.
    pending: Vec<&'d Value>,
}

impl<'d> Reader<'d> {
    fn fields(&mut self, schema: &'d Value) -> HashMap<String, Field> {
        let properties = schema.get("properties").and_then(Value::as_object);
        properties
            .into_iter()
            .flatten()
            .map(|(name, field)| (name.clone(), self.field(field)))
            .collect()
    }

    fn field(&mut self, field: &'d Value) -> Field {
        let is_list = field.get("type").and_then(Value::as_str) == Some("array");
        let mut patch = FieldPatch {
            is_list,
            ..FieldPatch::default()
        };
        let strategies = field.get("x-kubernetes-patch-strategy").and_then(Value::as_str);
        for strategy in strategies.unwrap_or_default().split(',') {
            match strategy {
                "merge" => patch.strategy = Strategy::Merge,
                "replace" => patch.strategy = Strategy::Replace,
                "retainKeys" => patch.retain_keys = true,
                _ => {}
            }
        }
        let key = field.get("x-kubernetes-patch-merge-key").and_then(Value::as_str);
        patch.merge_key = key.filter(|key| !key.is_empty()).map(str::to_owned);
        let inner = if is_list { field.get("items") } else { Some(field) };
        Field {
            patch,
            object: inner.and_then(|inner| self.object(inner)),
        }
    }

    /// The number of the object that a schema describes or refers to.
    fn object(&mut self, schema: &'d Value) -> Option<usize> {
        // A reference that carries more, such as a default, is wrapped.
        let wrapped = schema
            .get("allOf")
            .and_then(Value::as_array)
            .and_then(|all| all.first());
        let schema = wrapped.unwrap_or(schema);
        let Some(reference) = schema.get("$ref").and_then(Value::as_str) else {
            return schema.get("properties").map(|_| self.add(schema));
        };
        let name = reference.strip_prefix("#/components/schemas/")?;
        if let Some(number) = self.known.get(name) {
            return Some(*number);
        }
        let (name, schema) = self.schemas.get_key_value(name)?;
        let number = self.add(schema);
        self.known.insert(name, number);
        Some(number)
    }

    fn add(&mut self, schema: &'d Value) -> usize {
        self.pending.push(schema);
        self.pending.len() - 1
    }
}
