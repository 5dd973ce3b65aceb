//! How live objects differ from what a release's record says: what applying the recorded manifest again would change.
//!
//! It is asked as a plan asks, by dry runs of the very requests. What controllers, webhooks and other people have added
//! is no difference: only fields that the manifest sets count.

use std::collections::BTreeSet;

use futures_util::StreamExt as _;
use helm::release::Release;

use super::facts::Seen;
use super::needs;
use super::objects::{Action, Looked, NewObjects, PlannedObject, Survey};
use crate::apply::{Applier, Method};
use crate::manifest::{ManifestObject, Place};
use crate::operations::{is_server_side, targets};
use crate::resources::{Problem, Problems};
use crate::rights::{MissingRight, missing_rights};
use crate::{Cluster, Error, Silent};

/// Objects that are looked at at the same time.
const AT_ONCE: usize = 8;
/// Objects of one release that are compared.
const MAX_OBJECTS: usize = 1_000;

/// How a release's objects differ from its manifest. It shows nothing of what is in Secrets.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Drift {
    pub revision: i64,
    /// Those that differ; what is gone is [`Action::Create`]. Of a field `proposed` is what the manifest says.
    pub objects: Vec<PlannedObject>,
    /// Those that do not.
    pub n_equal: usize,
    /// What could not be compared, or only roughly.
    pub problems: Vec<Problem>,
}

impl Cluster {
    /// How live objects differ from the manifest of a revision. Nothing is changed.
    ///
    /// Comparing needs the rights to get and, for the dry run, to patch. Who may not patch gets a comparison of what the
    /// manifest sets with what is there, which takes another spelling (`1000m` and `1`) for a difference, and says so
    /// among the problems.
    pub async fn drift(&self, release: &Release) -> Result<Drift, Error> {
        let discovery = self.discover().await?;
        let mut located = targets(release, &release.namespace, &discovery)?;
        let mut problems = Problems::default();
        for unknown in &located.unknown {
            problems.say(format!(
                "{} {} is not in the cluster, which does not have its kind of {}",
                unknown.kind, unknown.name, unknown.api_version
            ));
        }
        let is_nameless = |object: &mut ManifestObject| object.place.name.is_empty();
        for object in located.objects.extract_if(.., is_nameless) {
            problems.say(format!(
                "an object of the kind {} cannot be compared: the cluster made its name, which no record has",
                object.place.kind
            ));
        }
        let n_all = located.objects.len();
        if n_all > MAX_OBJECTS {
            located.objects.truncate(MAX_OBJECTS);
            problems.say(format!("of {n_all} objects only {MAX_OBJECTS} are compared"));
        }
        let method = Method {
            server_side: is_server_side(release),
            force_conflicts: false,
            force_replace: false,
            adopt_client_side_fields: true,
            // Else what others changed in objects of custom kinds would not be seen.
            merge_all_by_three: true,
        };
        let forcing = Method {
            force_conflicts: method.server_side,
            ..method
        };
        let survey = Survey {
            cluster: self,
            discovery: &discovery,
            applier: Applier::new(self, &discovery, &Silent, method).dry(),
            forcing: Applier::new(self, &discovery, &Silent, forcing).dry(),
            absent_namespaces: BTreeSet::new(),
            release: &release.name,
            namespace: &release.namespace,
        };
        let claimed = NewObjects::Claimed { take_ownership: true };
        let mut answers = futures_util::stream::iter(&located.objects)
            .map(|target| survey.target(Some(target), target, claimed))
            .buffered(AT_ONCE);
        let mut drift = Drift {
            revision: release.revision,
            ..Drift::default()
        };
        let mut uncertain = Vec::new();
        while let Some(looked) = answers.next().await {
            uncertain.extend(drift.add(looked));
        }
        self.explain(&uncertain, &mut problems).await?;
        drift.problems = problems.into_list();
        Ok(drift)
    }

    /// What keeps objects from being compared: missing rights as one problem, everything else by itself.
    async fn explain(&self, uncertain: &[(Place, String)], problems: &mut Problems) -> Result<(), Error> {
        if uncertain.is_empty() {
            return Ok(());
        }
        let needed: Vec<_> = uncertain
            .iter()
            .flat_map(|(place, _)| needs::rights(place, vec!["get", "patch"]))
            .collect();
        let missing = missing_rights(self, &needed).await?;
        let is_missing = |place: &Place| {
            let is_of = |right: &MissingRight| {
                (right.group.as_str(), &right.resource, &right.namespace)
                    == (place.group(), &place.resource, &place.namespace)
            };
            missing.iter().any(is_of)
        };
        for (place, problem) in uncertain.iter().filter(|(place, _)| !is_missing(place)) {
            problems.say(format!("{}: {problem}", place.label()));
        }
        if !missing.is_empty() {
            let rights: Vec<String> = missing.iter().map(ToString::to_string).collect();
            problems.add(Problem {
                message: format!(
                    "not all objects can be compared exactly: you {}",
                    rights.join(", you ")
                ),
                missing_rights: missing,
            });
        }
        Ok(())
    }
}

impl Drift {
    /// Adds what differs. What is not certain is told: the object, and why.
    fn add(&mut self, looked: Looked) -> Option<(Place, String)> {
        let Looked {
            mut planned, seen, ..
        } = looked;
        // What the manifest does not set is not the release's, whatever it would become of it.
        planned.fields.retain(|field| field.applied.is_some());
        if planned.action == Action::Create {
            // That it is gone is what counts, not what would come of creating it.
            planned.problem = None;
            self.objects.push(planned);
            return None;
        }
        let uncertain = planned
            .problem
            .clone()
            .map(|problem| (planned.place.clone(), problem));
        let is_hidden = seen == Seen::Hidden;
        if !planned.fields.is_empty() || matches!(planned.action, Action::Recreate { .. }) {
            self.objects.push(planned);
        } else if !is_hidden {
            self.n_equal += 1;
        }
        uncertain
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::{FieldChange, Shown};

    fn looked(action: Action, fields: &[(&str, bool)], seen: Seen, problem: Option<&str>) -> Looked {
        let place = Place {
            api_version: "v1".to_owned(),
            kind: "ConfigMap".to_owned(),
            resource: "configmaps".to_owned(),
            namespace: Some("shop".to_owned()),
            name: "web".to_owned(),
            collection: String::new(),
        };
        let value = || Some(Shown::Value(json!(1)));
        let fields = fields.iter().map(|(path, is_set)| FieldChange {
            path: (*path).to_owned(),
            applied: value().filter(|_| *is_set),
            live: None,
            proposed: value(),
        });
        Looked {
            planned: PlannedObject {
                fields: fields.collect(),
                problem: problem.map(str::to_owned),
                ..PlannedObject::new(&place, action)
            },
            seen,
            warnings: Vec::new(),
        }
    }

    #[test]
    fn only_what_the_manifest_sets_is_drift() {
        let there = || Seen::There(String::new());
        let mut drift = Drift::default();
        let theirs = looked(Action::Change, &[("/data/own", false)], there(), None);
        assert_eq!(drift.add(theirs), None);
        assert_eq!(drift.add(looked(Action::Unchanged, &[], there(), None)), None);
        assert_eq!((drift.objects.len(), drift.n_equal), (0, 2));
        let fields = [("/data/own", false), ("/data/a", true)];
        assert_eq!(drift.add(looked(Action::Change, &fields, there(), None)), None);
        let paths: Vec<&str> = drift.objects[0]
            .fields
            .iter()
            .map(|field| field.path.as_str())
            .collect();
        assert_eq!(paths, ["/data/a"]);
    }

    #[test]
    fn what_is_hidden_is_neither_equal_nor_drift() {
        let mut drift = Drift::default();
        let hidden = looked(Action::Change, &[], Seen::Hidden, Some("no right"));
        assert_eq!(drift.add(hidden).unwrap().1, "no right");
        assert_eq!((drift.objects.len(), drift.n_equal), (0, 0));
        let gone = looked(Action::Create, &[], Seen::Absent, Some("no right to create"));
        assert_eq!(drift.add(gone), None);
        assert_eq!(
            (&drift.objects[0].action, &drift.objects[0].problem),
            (&Action::Create, &None)
        );
    }
}
