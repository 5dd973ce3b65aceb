//! Server-side apply: the API server merges, and knows whose field is whose.

use super::{ATTEMPTS, Applier, body};
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
        let mut attempts = 0;
        loop {
            let question = Question {
                query: &[
                    ("fieldManager", FIELD_MANAGER),
                    ("fieldValidation", "Strict"),
                    ("force", force),
                ],
                payload: Payload::Patch(APPLY, body(&object.value)?),
                ..object.question("patch")
            };
            attempts += 1;
            match self.send(question).await {
                Ok(answer) => return Ok(answer),
                Err(error) if is_race_for_quota(&error) && attempts < ATTEMPTS => {}
                Err(error) => {
                    let object = object.place.address();
                    return Err(if error.is_conflict() {
                        error.during(Step::Conflict { object })
                    } else {
                        error.during(Step::Apply { object })
                    });
                }
            }
        }
    }
}

/// Quotas are counted with optimistic locks, and several objects at once get in each other's way.
fn is_race_for_quota(error: &Error) -> bool {
    error.is_conflict() && {
        let text = error.to_string();
        text.contains("Operation cannot be fulfilled on resourcequotas")
            && text.contains("the object has been modified")
    }
}
