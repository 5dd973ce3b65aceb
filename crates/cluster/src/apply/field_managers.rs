//! From client-side to server-side apply: the fields that `helm` owned by updating become fields that it applies.
//!
//! Without this, the fields of the last client-side apply would stay owned forever and never be removed.

use serde_json::Value;

use super::{ATTEMPTS, Applier, body};
use crate::Error;
use crate::api::{Answer, JSON, Payload, Question};
use crate::error::{CONFLICT, Cause};
use crate::manifest::ManifestObject;
use crate::patch::upgrade_managed_fields;
use crate::storage::FIELD_MANAGER;

const JSON_PATCH: &str = "application/json-patch+json";

impl Applier<'_> {
    /// What adopting fields and then applying would make of an object: the patch of client-side apply makes the same of
    /// it, and the fields that the first of two dry runs hands over are not handed over in the second.
    pub(super) async fn preview_adoption(
        &self,
        original: &Value,
        live: &Value,
        target: &ManifestObject,
    ) -> Result<Option<Answer>, Error> {
        match self.apply(target, self.method.force_conflicts).await {
            Err(error) if error.causes().iter().any(is_conflict_with_another) => return Err(error),
            _ => {}
        }
        self.patch_client_side(original, live, target).await
    }

    pub(super) async fn adopt_client_side_fields(
        &self,
        target: &ManifestObject,
        live: &Value,
    ) -> Result<(), Error> {
        let mut live = live.clone();
        let mut attempts = 0;
        loop {
            let Some(patch) = upgrade_managed_fields(&live, &[FIELD_MANAGER], FIELD_MANAGER) else {
                return Ok(());
            };
            let question = Question {
                query: &[("fieldManager", FIELD_MANAGER), ("fieldValidation", "Strict")],
                accept: JSON,
                payload: Payload::Patch(JSON_PATCH, body(&patch)?),
                ..target.question("patch")
            };
            attempts += 1;
            match self.cluster.ask_bytes(question).await {
                Err(error) if error.is_conflict() && attempts < ATTEMPTS => {}
                result => return result.map(drop),
            }
            // The patch names the version of the object it was made for.
            match self.cluster.live(target).await? {
                Some(newer) => live = newer,
                None => return Ok(()),
            }
        }
    }
}

/// Whether client-side apply has left fields that are to be taken over.
pub(super) fn has_client_side_fields(live: &Value) -> bool {
    upgrade_managed_fields(live, &[FIELD_MANAGER], FIELD_MANAGER).is_some()
}

/// Whether a field belongs to somebody who is not `helm` under its other operation.
fn is_conflict_with_another(cause: &Cause) -> bool {
    cause.reason == CONFLICT && cause.conflicting_manager() != Some(FIELD_MANAGER)
}
