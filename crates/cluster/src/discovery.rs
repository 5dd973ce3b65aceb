//! What a cluster is: its version, and which kinds it has under which paths.

use std::sync::Arc;

use helm::Compat;
use helm::capabilities::{Capabilities, KubeVersion};
use serde::Deserialize;
use serde_json::Value;

use crate::api::{JSON, Payload, Question, escape};
use crate::manifest::text;
use crate::{Cluster, Error};

/// One answer for all groups, which servers give since 1.26; older ones answer the plain list.
const AGGREGATED: &str =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

/// The kinds of a cluster, as its identity may see them. Made for one operation: a definition may add kinds.
#[derive(Debug, Clone)]
pub struct Discovery {
    version: ServerVersion,
    versions: Arc<[GroupVersion]>,
}

/// The kinds of one `group/version`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct GroupVersion {
    /// `v1`, or `apps/v1`.
    api_version: String,
    resources: Vec<Resource>,
    /// Kinds that only parts of resources have, such as `Scale`.
    part_kinds: Vec<String>,
}

/// A kind and where its objects are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resource {
    /// In paths: `deployments`.
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) namespaced: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServerVersion {
    git_version: String,
    #[serde(default)]
    major: String,
    #[serde(default)]
    minor: String,
}

#[derive(Deserialize)]
struct Aggregated {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    items: Vec<AggregatedGroup>,
    /// Of the plain answer of `/api`.
    #[serde(default)]
    versions: Vec<String>,
    /// Of the plain answer of `/apis`.
    #[serde(default)]
    groups: Vec<PlainGroup>,
}

#[derive(Deserialize)]
struct AggregatedGroup {
    #[serde(default)]
    metadata: GroupMetadata,
    #[serde(default)]
    versions: Vec<AggregatedVersion>,
}

#[derive(Deserialize, Default)]
struct GroupMetadata {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct AggregatedVersion {
    version: String,
    #[serde(default)]
    resources: Vec<AggregatedResource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AggregatedResource {
    resource: String,
    #[serde(default)]
    response_kind: Option<ResponseKind>,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    subresources: Vec<AggregatedPart>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AggregatedPart {
    #[serde(default)]
    response_kind: Option<ResponseKind>,
}

#[derive(Deserialize)]
struct ResponseKind {
    #[serde(default)]
    kind: String,
}

#[derive(Deserialize)]
struct PlainGroup {
    #[serde(default)]
    versions: Vec<PlainVersion>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PlainVersion {
    group_version: String,
}

#[derive(Deserialize)]
struct PlainResources {
    #[serde(default)]
    resources: Vec<PlainResource>,
}

#[derive(Deserialize)]
struct PlainResource {
    name: String,
    kind: String,
    #[serde(default)]
    namespaced: bool,
}

impl Cluster {
    /// Asks for the version and all kinds.
    pub async fn discover(&self) -> Result<Discovery, Error> {
        self.discover_as(AGGREGATED).await
    }

    /// The same without the answer that servers before 1.26 do not have.
    #[doc(hidden)]
    pub async fn discover_plainly(&self) -> Result<Discovery, Error> {
        self.discover_as(JSON).await
    }

    async fn discover_as(&self, accept: &str) -> Result<Discovery, Error> {
        let version: ServerVersion = self.ask(question("/version", "version", JSON)).await?;
        let mut versions = Vec::new();
        for root in ["/api", "/apis"] {
            let answer: Aggregated = self.ask(question(root, "apis", accept)).await?;
            if answer.kind == "APIGroupDiscoveryList" {
                versions.extend(answer.items.into_iter().flat_map(group_versions));
                continue;
            }
            let core = answer.versions.into_iter();
            let groups = answer
                .groups
                .into_iter()
                .flat_map(|group| group.versions)
                .map(|version| version.group_version);
            for api_version in core.chain(groups) {
                match self.plain_resources(&api_version).await {
                    Ok(found) => versions.push(found),
                    // A group whose server is away does not hide the others.
                    Err(Error::Refused { code: 404 | 503, .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(Discovery {
            version,
            versions: versions.into(),
        })
    }

    async fn plain_resources(&self, api_version: &str) -> Result<GroupVersion, Error> {
        let path = root_of(api_version);
        let plain: PlainResources = self.ask(question(&path, api_version, JSON)).await?;
        let (parts, resources): (Vec<_>, Vec<_>) = plain
            .resources
            .into_iter()
            .partition(|resource| resource.name.contains('/'));
        Ok(GroupVersion {
            api_version: api_version.to_owned(),
            resources: resources
                .into_iter()
                .map(|plain| Resource {
                    name: plain.name,
                    kind: plain.kind,
                    namespaced: plain.namespaced,
                })
                .collect(),
            part_kinds: parts.into_iter().map(|part| part.kind).collect(),
        })
    }
}

impl Discovery {
    /// The kind of an object, if the cluster has it in this version.
    pub(crate) fn resource(&self, api_version: &str, kind: &str) -> Option<&Resource> {
        self.versions
            .iter()
            .filter(|known| known.api_version == api_version)
            .flat_map(|known| &known.resources)
            .find(|resource| resource.kind == kind)
    }

    /// The kinds of a `group/version` whose objects are in namespaces.
    pub(crate) fn namespaced(&self, api_version: &str) -> impl Iterator<Item = &Resource> {
        self.versions
            .iter()
            .filter(move |known| known.api_version == api_version)
            .flat_map(|known| &known.resources)
            .filter(|resource| resource.namespaced)
    }

    /// A `group/version` that the cluster has, as a text that lives as long as what is known of it.
    pub(crate) fn version_name(&self, api_version: &str) -> Option<&str> {
        let known = self
            .versions
            .iter()
            .find(|known| known.api_version == api_version);
        known.map(|known| known.api_version.as_str())
    }

    pub(crate) fn has_version(&self, api_version: &str) -> bool {
        self.versions.iter().any(|known| known.api_version == api_version)
    }

    /// What templates see of this cluster: its version, `group/version` and `group/version/Kind`.
    pub fn capabilities(&self) -> Result<Capabilities, Error> {
        let mut capabilities = Capabilities::of(Compat::Helm4_3);
        let unreadable = || Error::Version {
            version: self.version.git_version.clone(),
        };
        let mut version = KubeVersion::parse(&self.version.git_version).map_err(|_| unreadable())?;
        // As the server says them: with a plus where a vendor adds one.
        if !self.version.major.is_empty() {
            version.major.clone_from(&self.version.major);
            version.minor.clone_from(&self.version.minor);
        }
        capabilities.kube_version = version;
        let mut known: Vec<String> = self
            .versions
            .iter()
            .flat_map(|version| {
                let kinds = version
                    .resources
                    .iter()
                    .map(|resource| &resource.kind)
                    .chain(&version.part_kinds)
                    .map(|kind| format!("{}/{kind}", version.api_version));
                std::iter::once(version.api_version.clone()).chain(kinds)
            })
            .collect();
        known.sort();
        known.dedup();
        capabilities.api_versions = known;
        Ok(capabilities)
    }

    /// The same with the kinds that definitions would bring.
    pub(crate) fn with_definitions(self, definitions: &[Value]) -> Self {
        let mut versions = self.versions.to_vec();
        for definition in definitions {
            for (api_version, resource) in defined(definition) {
                let known = versions.iter_mut().find(|known| known.api_version == api_version);
                match known {
                    None => versions.push(GroupVersion {
                        api_version,
                        resources: vec![resource],
                        part_kinds: Vec::new(),
                    }),
                    Some(known) if known.resources.iter().all(|other| other.kind != resource.kind) => {
                        known.resources.push(resource);
                    }
                    Some(_) => {}
                }
            }
        }
        Self {
            versions: versions.into(),
            ..self
        }
    }

    /// The version as the server tells it: `v1.35.4`.
    pub fn server_version(&self) -> &str {
        &self.version.git_version
    }
}

fn group_versions(group: AggregatedGroup) -> impl Iterator<Item = GroupVersion> {
    let name = group.metadata.name;
    group.versions.into_iter().map(move |version| {
        let api_version = if name.is_empty() {
            version.version
        } else {
            format!("{name}/{}", version.version)
        };
        let mut part_kinds = Vec::new();
        let mut resources = Vec::new();
        for resource in version.resources {
            let parts = resource.subresources.into_iter();
            part_kinds.extend(parts.filter_map(|part| Some(part.response_kind?.kind)));
            let Some(kind) = resource.response_kind else {
                continue;
            };
            resources.push(Resource {
                name: resource.resource,
                kind: kind.kind,
                namespaced: resource.scope == "Namespaced",
            });
        }
        GroupVersion {
            api_version,
            resources,
            part_kinds,
        }
    })
}

/// The kind that a definition defines, in each of its versions.
fn defined(definition: &Value) -> Vec<(String, Resource)> {
    let text = |pointer: &str| text(definition, pointer).unwrap_or_default();
    if text("/kind") != "CustomResourceDefinition" {
        return Vec::new();
    }
    let resource = Resource {
        name: text("/spec/names/plural").to_owned(),
        kind: text("/spec/names/kind").to_owned(),
        namespaced: text("/spec/scope") == "Namespaced",
    };
    let versions = definition.pointer("/spec/versions").and_then(Value::as_array);
    versions
        .into_iter()
        .flatten()
        .filter(|version| version.get("served") == Some(&Value::Bool(true)))
        .filter_map(|version| version.get("name")?.as_str())
        .map(|version| (format!("{}/{version}", text("/spec/group")), resource.clone()))
        .collect()
}

/// The path below which the kinds of a version are.
pub(crate) fn root_of(api_version: &str) -> String {
    match api_version.split_once('/') {
        None => format!("/api/{}", escape(api_version)),
        Some((group, version)) => format!("/apis/{}/{}", escape(group), escape(version)),
    }
}

fn question<'q>(path: &str, resource: &'q str, accept: &'q str) -> Question<'q> {
    Question {
        verb: "get",
        resource,
        namespace: None,
        path: path.to_owned(),
        query: &[],
        accept,
        payload: Payload::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn discovery(git_version: &str, minor: &str) -> Discovery {
        let answer: Aggregated = serde_json::from_str(
            r#"{"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"apps"},"versions":[
                {"version":"v1","resources":[
                    {"resource":"deployments","responseKind":{"kind":"Deployment"},"scope":"Namespaced",
                     "subresources":[{"subresource":"scale","responseKind":{"group":"autoscaling","kind":"Scale"}},
                                     {"subresource":"odd"}]},
                    {"resource":"nameless","scope":"Cluster"}]}]}]}"#,
        )
        .unwrap();
        Discovery {
            version: ServerVersion {
                git_version: git_version.to_owned(),
                major: "1".to_owned(),
                minor: minor.to_owned(),
            },
            versions: answer.items.into_iter().flat_map(group_versions).collect(),
        }
    }

    #[test]
    fn kinds_are_found_by_version_and_kind() {
        let discovery = discovery("v1.35.4", "35");
        assert_eq!(
            discovery.resource("apps/v1", "Deployment").unwrap().name,
            "deployments"
        );
        assert_eq!(discovery.resource("apps/v1", "Scale"), None);
        assert_eq!(discovery.resource("apps/v1beta1", "Deployment"), None);
    }

    #[test]
    fn definitions_bring_kinds() {
        let definition = serde_json::json!({
            "kind": "CustomResourceDefinition",
            "spec": {
                "group": "example.org", "scope": "Namespaced", "names": { "plural": "shops", "kind": "Shop" },
                "versions": [{ "name": "v1", "served": true }, { "name": "v0", "served": false }],
            },
        });
        let discovery = discovery("v1.35.4", "35").with_definitions(&[definition.clone(), definition]);
        assert_eq!(
            discovery.resource("example.org/v1", "Shop").unwrap().name,
            "shops"
        );
        assert!(!discovery.has_version("example.org/v0"));
    }

    #[test]
    fn templates_see_versions_and_kinds() {
        let capabilities = discovery("v1.33.4-gke.1", "33+").capabilities().unwrap();
        assert_eq!(
            capabilities.api_versions,
            ["apps/v1", "apps/v1/Deployment", "apps/v1/Scale"]
        );
        assert_eq!(capabilities.kube_version.version, "v1.33.4-gke.1");
        assert_eq!(capabilities.kube_version.minor, "33+");
        assert!(matches!(
            discovery("latest", "").capabilities(),
            Err(Error::Version { .. })
        ));
    }
}
