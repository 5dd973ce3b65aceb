//! What would become of one object: the API server is asked, by a dry run of the very request that would be sent.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::facts::Seen;
use super::fields::{FieldChange, changes, guessed_changes};
use super::secret::{is_secret, without_server_fields};
use super::warnings::PlanWarning;
use crate::api::Answer;
use crate::apply::{Applier, KEEP_POLICY};
use crate::discovery::Discovery;
use crate::error::{CONFLICT, Cause};
use crate::manifest::{ManifestObject, Place};
use crate::{Cluster, Error, ownership};

/// What becomes of an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    Create,
    Change,
    /// It cannot be changed in place: these fields are fixed once it is there. The operation would fail.
    Recreate {
        fields: Vec<String>,
    },
    Delete,
    /// It leaves the release and stays in the cluster.
    Keep,
    Unchanged,
    /// It is there already, and becomes part of the release.
    Adopt,
}

/// One object of a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedObject {
    pub place: Place,
    pub action: Action,
    /// What differs from what is there; empty for what is created or deleted as a whole.
    pub fields: Vec<FieldChange>,
    /// Fields that others manage.
    pub conflicts: Vec<Conflict>,
    /// Why it would not work, or why that cannot be known.
    pub problem: Option<String>,
}

/// Fields of another manager that the operation sets, too. Unless they are taken by force, it fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Conflict {
    pub manager: String,
    pub fields: Vec<String>,
}

impl PlannedObject {
    pub(super) fn new(place: &Place, action: Action) -> Self {
        Self {
            place: place.clone(),
            action,
            fields: Vec::new(),
            conflicts: Vec::new(),
            problem: None,
        }
    }
}

/// An object that was looked at.
pub(super) struct Looked {
    pub(super) planned: PlannedObject,
    pub(super) seen: Seen,
    pub(super) warnings: Vec<PlanWarning>,
}

/// How objects get into the cluster that the last revision does not have.
#[derive(Clone, Copy)]
pub(super) enum NewObjects {
    /// They are applied, whatever is there.
    Applied,
    /// What is there must be the release's, unless it takes over what is not; without a state it was in before.
    Claimed { take_ownership: bool },
    /// They are changed as if what is there had been applied last.
    Updated,
}

/// Looks at objects.
pub(super) struct Survey<'a> {
    pub(super) cluster: &'a Cluster,
    /// The kinds that the cluster has now.
    pub(super) discovery: &'a Discovery,
    pub(super) applier: Applier<'a>,
    /// For what a conflict is about.
    pub(super) forcing: Applier<'a>,
    /// Namespaces that are not there: the API server checks nothing in them.
    pub(super) absent_namespaces: BTreeSet<String>,
    pub(super) release: &'a str,
    pub(super) namespace: &'a str,
}

/// What a dry run answered.
struct Outcome {
    proposed: Option<Value>,
    warnings: Vec<String>,
    conflicts: Vec<Conflict>,
    error: Option<Error>,
}

impl Survey<'_> {
    /// What becomes of an object that the new revision has.
    pub(super) async fn target(
        &self,
        original: Option<&ManifestObject>,
        target: &ManifestObject,
        new: NewObjects,
    ) -> Looked {
        let place = &target.place;
        let live = match target.is_nameless() {
            Ok(false) if self.can_ask(place) => self.cluster.live_at(place).await,
            Ok(_) => Ok(None),
            Err(error) => Err(error),
        };
        let seen = Seen::of(&live);
        let mut planned = PlannedObject::new(place, Action::Create);
        let live = match live {
            Ok(live) => live,
            Err(error) => {
                if original.is_some() {
                    planned.action = Action::Change;
                }
                planned.problem = Some(error.chain());
                return Looked {
                    planned,
                    seen,
                    warnings: Vec::new(),
                };
            }
        };
        if !self.can_ask(place) {
            return Looked {
                planned,
                seen,
                warnings: Vec::new(),
            };
        }
        let is_new = original.is_none_or(|original| original.place.api_version != place.api_version);
        if let (
            Some(live),
            NewObjects::Claimed {
                take_ownership: false,
            },
        ) = (&live, new)
            && is_new
        {
            let owned = ownership::check(live, self.release, self.namespace);
            planned.problem = owned.err().map(|error| error.chain());
        }
        let (basis, present) = match new {
            NewObjects::Applied => (None, None),
            NewObjects::Claimed { .. } => (original.or(Some(target)), live.as_ref()),
            NewObjects::Updated => (original, live.as_ref()),
        };
        let outcome = self.ask(basis, present, target).await;
        let label = place.label();
        let warnings = outcome.warnings.iter().cloned();
        let warnings = warnings
            .map(|message| PlanWarning::of_api_server(label.clone(), message))
            .collect();
        if let Some(live) = &live {
            self.compare(&mut planned, original, live, target, outcome, new)
                .await;
        } else if let Some(error) = &outcome.error {
            planned.problem = planned.problem.or_else(|| Some(problem(error, target)));
        }
        Looked {
            planned,
            seen,
            warnings,
        }
    }

    /// What becomes of an object that the new revision does not have any more; `None` where it has gone already.
    pub(super) async fn gone(&self, object: &ManifestObject) -> Option<Looked> {
        let live = self.cluster.live_at(&object.place).await;
        let seen = Seen::of(&live);
        let mut planned = PlannedObject::new(&object.place, Action::Delete);
        match live {
            Ok(None) => return None,
            Ok(Some(live)) => {
                if live.pointer(KEEP_POLICY).and_then(Value::as_str) == Some("keep") {
                    planned.action = Action::Keep;
                }
            }
            // What cannot be looked at is left alone.
            Err(error) => {
                planned.action = Action::Keep;
                planned.problem = Some(error.chain());
            }
        }
        Some(Looked {
            planned,
            seen,
            warnings: Vec::new(),
        })
    }

    /// Whether the API server can check what goes to a place.
    fn can_ask(&self, place: &Place) -> bool {
        let is_absent = |namespace: &String| self.absent_namespaces.contains(namespace);
        let is_known = self.discovery.resource(&place.api_version, &place.kind).is_some();
        is_known && !place.namespace.as_ref().is_some_and(is_absent)
    }

    async fn ask(
        &self,
        basis: Option<&ManifestObject>,
        live: Option<&Value>,
        target: &ManifestObject,
    ) -> Outcome {
        let answer = self.applier.preview(basis, live, target).await;
        let Err(error) = answer else {
            return Outcome::of(answer);
        };
        let conflicts = conflicts_of(error.causes());
        if conflicts.is_empty() {
            return Outcome::of(Err(error));
        }
        Outcome {
            conflicts,
            ..Outcome::of(self.forcing.preview(basis, live, target).await)
        }
    }

    async fn compare(
        &self,
        planned: &mut PlannedObject,
        original: Option<&ManifestObject>,
        live: &Value,
        target: &ManifestObject,
        outcome: Outcome,
        new: NewObjects,
    ) {
        let adopts = original.is_none() && !matches!(new, NewObjects::Applied);
        let before = without_server_fields(live);
        let is_same = match (&outcome.error, &outcome.proposed) {
            (Some(error), _) => error.already_exists(),
            (None, None) => true,
            (None, Some(proposed)) => without_server_fields(proposed) == before,
        };
        planned.conflicts = outcome.conflicts;
        if !is_same {
            // Without a schema lists are compared by position, which is still true.
            let schema = self.applier.schema(target).await.ok().flatten();
            let applied = original.map(|original| &original.value);
            planned.fields = match &outcome.proposed {
                Some(proposed) => changes(applied, live, proposed, schema.as_ref()),
                None => guessed_changes(applied, live, &target.value, schema.as_ref()),
            };
        }
        planned.action = match &outcome.error {
            Some(error) if !is_same => {
                let fixed = fixed_fields(error.causes());
                let problem = problem(error, target);
                if planned.problem.is_none() {
                    planned.problem = Some(problem);
                }
                if fixed.is_empty() {
                    Action::Change
                } else {
                    Action::Recreate { fields: fixed }
                }
            }
            _ if adopts => Action::Adopt,
            _ if is_same || planned.fields.is_empty() => Action::Unchanged,
            _ => Action::Change,
        };
    }
}

impl Outcome {
    fn of(answer: Result<Option<Answer>, Error>) -> Self {
        let mut outcome = Self {
            proposed: None,
            warnings: Vec::new(),
            conflicts: Vec::new(),
            error: None,
        };
        match answer {
            Ok(None) => {}
            Ok(Some(answer)) => {
                outcome.warnings = answer.warnings;
                match serde_json::from_slice(&answer.bytes) {
                    Ok(proposed) => outcome.proposed = Some(proposed),
                    Err(source) => {
                        let what = "a dry run".to_owned();
                        outcome.error = Some(Error::Unreadable { what, source });
                    }
                }
            }
            Err(error) => outcome.error = Some(error),
        }
        outcome
    }
}

/// What a person reads about an error. What the API server says about a Secret may quote it.
fn problem(error: &Error, target: &ManifestObject) -> String {
    match error.innermost() {
        Error::Refused {
            code, reason, causes, ..
        } if is_secret(&target.value) => {
            let fields: Vec<&str> = causes.iter().map(|cause| cause.field.as_str()).collect();
            format!(
                "the cluster refuses it: {code} {reason}, in {}",
                fields.join(", ")
            )
        }
        _ => error.chain(),
    }
}

fn conflicts_of(causes: &[Cause]) -> Vec<Conflict> {
    let mut by_manager: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for cause in causes.iter().filter(|cause| cause.reason == CONFLICT) {
        if let Some(manager) = cause.conflicting_manager() {
            let field = cause.field.trim_start_matches('.').to_owned();
            by_manager.entry(manager).or_default().push(field);
        }
    }
    by_manager
        .into_iter()
        .map(|(manager, fields)| Conflict {
            manager: manager.to_owned(),
            fields,
        })
        .collect()
}

/// How validations say that a field is fixed once an object is there.
const FIXED: [&str; 5] = [
    "is immutable",
    "Forbidden: updates to",
    "updates may not change",
    "may not change once set",
    "cannot change roleRef",
];

fn fixed_fields(causes: &[Cause]) -> Vec<String> {
    let fixed = causes
        .iter()
        .filter(|cause| FIXED.iter().any(|words| cause.message.contains(words)))
        .map(|cause| cause.field.clone());
    let fields: BTreeSet<String> = fixed.collect();
    fields.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_tell_owners_and_fixed_fields() {
        let cause = |reason: &str, message: &str, field: &str| Cause {
            reason: reason.to_owned(),
            message: message.to_owned(),
            field: field.to_owned(),
        };
        let causes = [
            cause(
                CONFLICT,
                "conflict with \"scaler\" using apps/v1",
                ".spec.replicas",
            ),
            cause(CONFLICT, "conflict with \"scaler\" using apps/v1", ".spec.paused"),
            cause(
                "FieldValueInvalid",
                "Invalid value: {}: field is immutable",
                "spec.selector",
            ),
            cause(
                "FieldValueForbidden",
                "Forbidden: updates to statefulset spec for fields",
                "spec",
            ),
            cause("FieldValueInvalid", "Invalid value: 70000", "spec.port"),
        ];
        let conflict = Conflict {
            manager: "scaler".to_owned(),
            fields: vec!["spec.replicas".to_owned(), "spec.paused".to_owned()],
        };
        assert_eq!(conflicts_of(&causes), [conflict]);
        assert_eq!(fixed_fields(&causes), ["spec", "spec.selector"]);
    }
}
