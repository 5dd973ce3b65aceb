//! Server-side apply: the API server merges, and knows whose field is whose.

use super::{Applier, body};
use crate::Error;
use crate::api::{Answer, Payload, Question};
use crate::error::Step;
use crate::manifest::ManifestObject;
use crate::storage::FIELD_MANAGER;

/// JSON is YAML, and every API server since 1.22 reads it under this name.
const APPLY: &str = "application/apply-patch+yaml";

impl Applier<'_> {
    /// Applies one object. A field that another manager owns is a conflict, unless it is forced.
    pub(super) async fn apply(&self, object: &ManifestObject, force: bool) -> Result<Answer, Error> {
        if object.place.name.is_empty() {
            return Err(Error::Nameless);
        }
        let force = if force { "true" } else { "false" };
        let question = Question {
            query: &[
                ("fieldManager", FIELD_MANAGER),
                ("fieldValidation", "Strict"),
                ("force", force),
            ],
            payload: Payload::Patch(APPLY, body(&object.value)?),
            ..object.question("patch")
        };
        self.send(question).await.map_err(|error| {
            let object = object.place.address();
            if error.is_conflict() {
                error.during(Step::Conflict { object })
            } else {
                error.during(Step::Apply { object })
            }
        })
    }
}
