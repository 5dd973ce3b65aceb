//! Client-side apply: a patch from what was applied last, what is wanted, and what is there.
//!
//! Kinds of Kubernetes itself are merged by their schema (lists by key), all others by replacing what differs.

use std::sync::Arc;

use serde_json::Value;

use super::{Applier, body};
use crate::Error;
use crate::api::{Answer, JSON, Payload, Question};
use crate::error::{During as _, Step};
use crate::manifest::ManifestObject;
use crate::patch::{
    PatchSchema, has_strategic_merge, merge_patch, three_way_merge_patch, three_way_strategic_merge,
};
use crate::storage::FIELD_MANAGER;

const STRATEGIC: &str = "application/strategic-merge-patch+json";
const MERGE: &str = "application/merge-patch+json";

impl Applier<'_> {
    pub(super) async fn patch_client_side(
        &self,
        original: &Value,
        live: &Value,
        target: &ManifestObject,
    ) -> Result<Option<Answer>, Error> {
        let (media_type, patch) = match self.schema(target).await? {
            Some(schema) => (
                STRATEGIC,
                three_way_strategic_merge(original, &target.value, live, &schema)?,
            ),
            None if self.method.merge_all_by_three => {
                (MERGE, three_way_merge_patch(original, &target.value, live)?)
            }
            // Helm's choice: what others changed in between stays, even where the chart says otherwise.
            None => (MERGE, merge_patch(original, &target.value)),
        };
        if patch.as_object().is_some_and(serde_json::Map::is_empty) {
            return Ok(None);
        }
        let question = Question {
            query: &[("fieldManager", FIELD_MANAGER)],
            payload: Payload::Patch(media_type, body(&patch)?),
            ..target.question("patch")
        };
        self.send(question).await.map(Some).during(|| Step::PatchObject {
            name: target.place.name.clone(),
            kind: target.place.kind.clone(),
        })
    }

    /// What is there with what is wanted laid over it, as the API server would make it; nothing is changed.
    pub(super) async fn overlaid(&self, target: &ManifestObject) -> Option<Value> {
        let (group, version) = target.place.group_version();
        let media_type = if has_strategic_merge(group, version) {
            STRATEGIC
        } else {
            MERGE
        };
        let question = Question {
            query: &[("fieldManager", FIELD_MANAGER), ("dryRun", "All")],
            payload: Payload::Patch(media_type, body(&target.value).ok()?),
            ..target.question("patch")
        };
        let answer = self.race(question).await.0.ok()?;
        serde_json::from_slice(&answer.bytes).ok()
    }

    /// How the lists of a kind merge; `None` for kinds that Kubernetes itself does not define.
    pub(crate) async fn schema(&self, target: &ManifestObject) -> Result<Option<PatchSchema>, Error> {
        let place = &target.place;
        let (group, version) = place.group_version();
        if !has_strategic_merge(group, version) {
            return Ok(None);
        }
        let path = if group.is_empty() {
            format!("/openapi/v3/api/{version}")
        } else {
            format!("/openapi/v3/apis/{group}/{version}")
        };
        let document = self.document(path).await?;
        Ok(PatchSchema::from_openapi(&document, group, version, &place.kind))
    }
}

impl Applier<'_> {
    /// A document of the API server; they are large, and an operation needs few of them often.
    async fn document(&self, path: String) -> Result<Arc<Value>, Error> {
        let mut documents = self.documents.lock().await;
        if let Some(document) = documents.get(&path) {
            return Ok(Arc::clone(document));
        }
        let question = Question {
            verb: "get",
            resource: "openapi",
            namespace: None,
            path: path.clone(),
            query: &[],
            accept: JSON,
            payload: Payload::Nothing,
        };
        let document = Arc::new(self.cluster.ask::<Value>(question).await?);
        documents.insert(path, Arc::clone(&document));
        Ok(document)
    }
}
