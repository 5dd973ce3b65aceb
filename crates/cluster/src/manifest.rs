//! Objects of a manifest, each with its place in the cluster.

use helm::Compat;
use helm::manifest::split_documents;
use helm::values::Tree;
use serde_json::{Map, Value};

use crate::api::{JSON, Payload, Question, check_namespace, escape};
use crate::discovery::{Discovery, root_of};
use crate::{Cluster, Error};

/// An object that a manifest asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct ManifestObject {
    pub(crate) value: Value,
    pub(crate) place: Place,
}

/// Where an object is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Place {
    /// `v1`, or `apps/v1`.
    pub api_version: String,
    pub kind: String,
    /// As paths and rules name it: `deployments`.
    pub resource: String,
    /// `None` for what is in no namespace.
    pub namespace: Option<String>,
    /// Empty where the cluster makes a name.
    pub name: String,
    /// The path of all objects of its kind.
    #[serde(skip)]
    pub(crate) collection: String,
}

impl Place {
    /// The group, which is empty for the core.
    pub fn group(&self) -> &str {
        self.api_version.rsplit_once('/').map_or("", |(group, _)| group)
    }

    /// The group, which is empty for the core, and the version.
    pub(crate) fn group_version(&self) -> (&str, &str) {
        self.api_version
            .split_once('/')
            .unwrap_or(("", &self.api_version))
    }

    fn question(&self, verb: &'static str) -> Question<'_> {
        Question {
            verb,
            resource: &self.resource,
            namespace: self.namespace.as_deref(),
            path: self.path(),
            query: &[],
            accept: JSON,
            payload: Payload::Nothing,
        }
    }

    fn path(&self) -> String {
        format!("{}/{}", self.collection, escape(&self.name))
    }

    /// Whether both are the same object; versions of one kind share their objects.
    pub(crate) fn is_same_object(&self, other: &Self) -> bool {
        (&self.name, &self.namespace, &self.kind) == (&other.name, &other.namespace, &other.kind)
            && self.group() == other.group()
    }

    /// `Deployment shop/web`, for people.
    pub(crate) fn label(&self) -> String {
        match &self.namespace {
            None => format!("{} {}", self.kind, self.name),
            Some(namespace) => format!("{} {namespace}/{}", self.kind, self.name),
        }
    }

    /// `Deployment "web" in namespace "shop"`, as helm names an object.
    pub(crate) fn description(&self) -> String {
        let namespace = self.namespace.as_deref().unwrap_or_default();
        format!("{} {:?} in namespace {namespace:?}", self.kind, self.name)
    }

    /// `shop/web apps/v1, Kind=Deployment`, as Kubernetes' own libraries do; the core's group is an empty word.
    pub(crate) fn address(&self) -> String {
        let namespace = self.namespace.as_deref().unwrap_or_default();
        let slash = if self.group().is_empty() { "/" } else { "" };
        format!(
            "{namespace}/{} {slash}{}, Kind={}",
            self.name, self.api_version, self.kind
        )
    }
}

impl ManifestObject {
    /// Where it is.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The object as the manifest has it.
    pub fn value(&self) -> &Value {
        &self.value
    }

    pub(crate) fn question(&self, verb: &'static str) -> Question<'_> {
        self.place.question(verb)
    }

    /// Whether the cluster is to make its name; having both is an error of the manifest.
    pub(crate) fn is_nameless(&self) -> Result<bool, Error> {
        let has_prefix = !text(&self.value, "/metadata/generateName")
            .unwrap_or_default()
            .is_empty();
        if has_prefix && !self.place.name.is_empty() {
            return Err(Error::TwoNames {
                object: self.place.description(),
            });
        }
        Ok(has_prefix)
    }
}

impl Cluster {
    /// The object as it is now; `None` if it is not there.
    pub(crate) async fn live(&self, object: &ManifestObject) -> Result<Option<Value>, Error> {
        self.live_at(&object.place).await
    }

    /// What is at a place now.
    pub(crate) async fn live_at(&self, place: &Place) -> Result<Option<Value>, Error> {
        // Its path would be that of all objects of the kind.
        if place.name.is_empty() {
            return Ok(None);
        }
        match self.ask(place.question("get")).await {
            Ok(live) => Ok(Some(live)),
            Err(Error::Refused { code: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The objects of a manifest: those of kinds that a cluster has, and the others.
#[derive(Debug, Default)]
pub(crate) struct Located {
    pub(crate) objects: Vec<ManifestObject>,
    pub(crate) unknown: Vec<UnknownKind>,
}

impl Located {
    /// All objects; those whose kind the cluster does not have are told of at once.
    pub(crate) fn complete(self) -> Result<Vec<ManifestObject>, Error> {
        if self.unknown.is_empty() {
            Ok(self.objects)
        } else {
            Err(Error::UnknownKinds { kinds: self.unknown })
        }
    }
}

/// The objects of a manifest with their places. Those without a namespace are put into `namespace`.
///
/// All objects whose kind the cluster does not have are told of at once.
pub(crate) fn locate(
    manifest: &str,
    namespace: &str,
    discovery: &Discovery,
) -> Result<Vec<ManifestObject>, Error> {
    locate_known(manifest, namespace, discovery)?.complete()
}

/// The same, for who goes on with what is known.
pub(crate) fn locate_known(manifest: &str, namespace: &str, discovery: &Discovery) -> Result<Located, Error> {
    let mut located = Located::default();
    for mut value in objects(manifest)? {
        match place_of(&value, namespace, discovery)? {
            Ok(place) => {
                if let Some(namespace) = &place.namespace {
                    set_metadata(&mut value, "namespace", namespace.as_str().into());
                }
                located.objects.push(ManifestObject { value, place });
            }
            Err(kind) => located.unknown.push(kind),
        }
    }
    Ok(located)
}

/// A kind that the cluster does not have, and the object that wants it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct UnknownKind {
    pub api_version: String,
    pub kind: String,
    pub name: String,
    pub namespace: String,
}

impl std::fmt::Display for UnknownKind {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "resource mapping not found for name: {:?} namespace: {:?} from \"\": no matches for kind {:?} in version {:?}\nensure CRDs are installed first",
            self.name, self.namespace, self.kind, self.api_version
        )
    }
}

/// The place of an object; the outer error is one of the object itself.
pub(crate) fn place_of(
    object: &Value,
    namespace: &str,
    discovery: &Discovery,
) -> Result<Result<Place, UnknownKind>, Error> {
    let api_version = text(object, "/apiVersion").unwrap_or_default();
    let kind = text(object, "/kind").unwrap_or_default();
    let name = text(object, "/metadata/name").unwrap_or_default();
    let own = text(object, "/metadata/namespace").filter(|own| !own.is_empty());
    let Some(resource) = discovery.resource(api_version, kind) else {
        return Ok(Err(UnknownKind {
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
            name: name.to_owned(),
            namespace: own.unwrap_or_default().to_owned(),
        }));
    };
    let namespace = resource.namespaced.then(|| own.unwrap_or(namespace).to_owned());
    let root = root_of(api_version);
    let collection = match &namespace {
        None => format!("{root}/{}", escape(&resource.name)),
        Some(namespace) => {
            check_namespace(namespace)?;
            format!("{root}/namespaces/{namespace}/{}", escape(&resource.name))
        }
    };
    Ok(Ok(Place {
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        resource: resource.name.clone(),
        namespace,
        name: name.to_owned(),
        collection,
    }))
}

/// Sets a field of `metadata`.
pub(crate) fn set_metadata(object: &mut Value, field: &str, value: Value) {
    let Value::Object(object) = object else { return };
    let metadata = object
        .entry("metadata")
        .or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(metadata) = metadata {
        metadata.insert(field.to_owned(), value);
    }
}

/// The objects of a manifest, lists unfolded.
pub(crate) fn objects(manifest: &str) -> Result<Vec<Value>, Error> {
    let mut objects = Vec::new();
    for (number, document) in split_documents(manifest, Compat::Helm4_3).into_iter().enumerate() {
        let invalid = || Error::Manifest { number: number + 1 };
        let value = engine::yaml::decode(document.text.as_bytes()).map_err(|_| invalid())?;
        match Tree::from_value(&value).to_json() {
            Value::Null => {}
            Value::Object(mut object) => {
                let is_list = object
                    .get("kind")
                    .and_then(Value::as_str)
                    .is_some_and(|kind| kind.ends_with("List"));
                match object.get_mut("items").map(Value::take) {
                    Some(Value::Array(items)) if is_list => objects.extend(items),
                    Some(items) => {
                        object.insert("items".to_owned(), items);
                        objects.push(Value::Object(object));
                    }
                    None => objects.push(Value::Object(object)),
                }
            }
            _ => return Err(invalid()),
        }
    }
    Ok(objects)
}

pub(crate) fn text<'o>(object: &'o Value, pointer: &str) -> Option<&'o str> {
    object.pointer(pointer).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_become_objects() {
        let manifest =
            "---\n# Source: a\nkind: A\n---\n# nothing\n---\nkind: BList\nitems:\n- kind: B\n- kind: C\n";
        let kinds: Vec<String> = objects(manifest)
            .unwrap()
            .iter()
            .map(|object| text(object, "/kind").unwrap().to_owned())
            .collect();
        assert_eq!(kinds, ["A", "B", "C"]);
        assert!(matches!(objects("- 1\n"), Err(Error::Manifest { number: 1 })));
        assert!(matches!(objects("a: b: c\n"), Err(Error::Manifest { number: 1 })));
    }

    #[test]
    fn a_name_and_a_prefix_of_names_exclude_each_other() {
        let object = |metadata: Value| ManifestObject {
            place: Place {
                api_version: "v1".to_owned(),
                kind: "Pod".to_owned(),
                resource: "pods".to_owned(),
                namespace: Some("n".to_owned()),
                name: text(&metadata, "/name").unwrap_or_default().to_owned(),
                collection: String::new(),
            },
            value: serde_json::json!({ "metadata": metadata }),
        };
        assert!(
            object(serde_json::json!({ "generateName": "a-" }))
                .is_nameless()
                .unwrap()
        );
        assert!(!object(serde_json::json!({ "name": "a" })).is_nameless().unwrap());
        assert!(
            object(serde_json::json!({ "name": "a", "generateName": "a-" }))
                .is_nameless()
                .is_err()
        );
    }
}
