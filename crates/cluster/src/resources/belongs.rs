//! Whether a pod is a release's: by its owners, up to an object that the release has.

use helm::release::Release;
use serde_json::{Value, json};

use super::look::owner_reference;
use crate::api::check_namespace;
use crate::manifest::{Place, locate_known, place_of, text};
use crate::{Cluster, Error};

/// Owners that are gone up to. Kubernetes' own kinds have two; operators add one or two.
const MAX_OWNERS: usize = 5;

impl Cluster {
    /// Whether a pod is an object of the release or of its hooks, or owned by one.
    ///
    /// For whoever shows logs of a release: without it, the page of one release would show those of any pod that the
    /// viewer may see. A pod that is not there is nobody's. An error where an owner may not be looked at.
    pub async fn pod_of_release(&self, release: &Release, namespace: &str, pod: &str) -> Result<bool, Error> {
        check_namespace(namespace)?;
        let discovery = self.discover().await?;
        let hooks = release.hooks.iter().map(|hook| &hook.manifest);
        let mut places: Vec<Place> = Vec::new();
        for manifest in std::iter::once(&release.manifest).chain(hooks) {
            // What cannot be read is no object that a pod could belong to.
            if let Ok(located) = locate_known(manifest, &release.namespace, &discovery) {
                places.extend(located.objects.into_iter().map(|object| object.place));
            }
        }
        let mut wanted = reference("v1", "Pod", namespace, pod);
        let mut wanted_uid: Option<String> = None;
        for _ in 0..=MAX_OWNERS {
            let Ok(place) = place_of(&wanted, namespace, &discovery)? else {
                return Ok(false);
            };
            let Some(live) = self.live_at(&place).await? else {
                return Ok(false);
            };
            // Another object may have got the name of an owner that has gone.
            if wanted_uid.is_some() && wanted_uid.as_deref() != text(&live, "/metadata/uid") {
                return Ok(false);
            }
            if places.iter().any(|known| known.is_same_object(&place)) {
                return Ok(true);
            }
            let Some(owner) = owner_reference(&live) else {
                return Ok(false);
            };
            let field = |pointer| text(owner, pointer).unwrap_or_default();
            wanted = reference(field("/apiVersion"), field("/kind"), namespace, field("/name"));
            wanted_uid = Some(field("/uid").to_owned());
        }
        Ok(false)
    }
}

fn reference(api_version: &str, kind: &str, namespace: &str, name: &str) -> Value {
    json!({
        "apiVersion": api_version, "kind": kind,
        "metadata": { "namespace": namespace, "name": name },
    })
}
