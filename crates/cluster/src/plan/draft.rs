//! Making a plan: one way for all operations.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use futures_util::StreamExt as _;
use helm::Compat;
use helm::manifest::{HookEvent, split_documents};
use helm::release::Release;
use serde_json::Value;

use super::facts::{Facts, Seen};
use super::needs::{self, Records};
use super::objects::{Action, Looked, NewObjects, PlannedObject, Survey};
use super::secret::is_secret;
use super::warnings::{self, PlanWarning};
use super::{Kept, Operation, Plan, PlannedHook, Prepared};
use crate::apply::{Applier, Method};
use crate::discovery::Discovery;
use crate::hooks::order;
use crate::manifest::{Located, ManifestObject, locate_known, objects};
use crate::operations::Context;
use crate::rights::{NeededRight, missing_rights};
use crate::storage::{MAX_RECORD_SIZE_BYTES, record_size_bytes};
use crate::{Error, Event, Observer, RecordHead, Silent};

/// Objects that are looked at at the same time.
const AT_ONCE: usize = 8;
/// From which part of the limit on a record's size is told: three quarters.
const LARGE_RECORD_BYTES: usize = MAX_RECORD_SIZE_BYTES / 4 * 3;

/// What an operation is going to do, as far as the operation itself knows.
pub(super) struct Draft<'a> {
    pub(super) context: &'a Context<'a>,
    /// The kinds that the cluster has now.
    pub(super) now: &'a Discovery,
    /// With those that the chart brings.
    pub(super) discovery: &'a Discovery,
    pub(super) operation: Operation,
    /// The revision that is made; of an uninstallation the last.
    pub(super) release: &'a Release,
    pub(super) namespace: &'a str,
    pub(super) from_revision: Option<i64>,
    /// The newest revision; the outer `None` where records may not be read.
    pub(super) last: Option<Option<RecordHead>>,
    pub(super) method: Method,
    /// What is there before the objects: the namespace, definitions.
    pub(super) first: Vec<ManifestObject>,
    pub(super) originals: Located,
    pub(super) targets: Located,
    pub(super) new_objects: NewObjects,
    /// Objects about which the operation has decided.
    pub(super) decided: Vec<PlannedObject>,
    pub(super) events: &'static [HookEvent],
    pub(super) records: Records,
    pub(super) heard: &'a Heard,
    /// For the hash.
    pub(super) inputs: Value,
}

/// What rendering warned of.
#[derive(Default)]
pub(super) struct Heard {
    warnings: Mutex<Vec<String>>,
}

impl Observer for Heard {
    fn event(&self, event: Event<'_>) {
        if let Event::Warning(text) = event {
            let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
            warnings.push(text.to_owned());
        }
    }
}

/// What is gathered on the way.
#[derive(Default)]
struct Gathered {
    objects: Vec<PlannedObject>,
    warnings: Vec<PlanWarning>,
    seen: Vec<(crate::Place, Seen)>,
    needed: Vec<NeededRight>,
}

impl Gathered {
    fn add(&mut self, looked: Looked, method: Method) {
        let Looked {
            planned,
            seen,
            warnings,
        } = looked;
        let is_hidden = seen == Seen::Hidden;
        self.needed.extend(needs::of_object(
            &planned.place,
            &planned.action,
            is_hidden,
            method,
        ));
        for warning in warnings {
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
        // The cluster makes the name of an object that has none.
        if !planned.place.name.is_empty() {
            self.seen.push((planned.place.clone(), seen));
        }
        self.objects.push(planned);
    }
}

impl Draft<'_> {
    pub(super) async fn finish(self, prepared: Prepared) -> Result<Plan, Error> {
        let cluster = &self.context.cluster;
        let mut gathered = Gathered::default();
        let absent_namespaces = self.namespaces(&mut gathered).await?;
        let applier = |method| Applier::new(cluster, self.discovery, &Silent, method).dry();
        let forcing = Method {
            force_conflicts: self.method.server_side,
            ..self.method
        };
        let survey = Survey {
            cluster,
            discovery: self.now,
            applier: applier(self.method),
            forcing: applier(forcing),
            absent_namespaces,
            release: &self.release.name,
            namespace: self.namespace,
        };
        self.look(&survey, &mut gathered).await;
        for planned in self.decided.iter().cloned() {
            let seen = Seen::of(&cluster.live_at(&planned.place).await);
            let warnings = Vec::new();
            let looked = Looked {
                planned,
                seen,
                warnings,
            };
            gathered.add(looked, self.method);
        }
        let (hooks, hook_objects) = self.hooks(&mut gathered).await?;
        let targets = self.first.iter().chain(&self.targets.objects);
        let shown: Vec<&ManifestObject> = targets.chain(&hook_objects).collect();
        gathered.warnings.extend(warnings::of_objects(&shown));
        gathered
            .warnings
            .extend(warnings::of_storage_classes(cluster, &shown).await?);
        self.warn(&mut gathered)?;
        let records = needs::of_records(cluster, self.namespace, &self.records);
        gathered.needed.extend(records);
        let missing_rights = missing_rights(cluster, &gathered.needed).await?;
        let facts = Facts {
            name: self.release.name.clone(),
            namespace: self.namespace.to_owned(),
            last: self.last,
            capabilities: Facts::capabilities_of(self.now)?,
            objects: gathered.seen,
        };
        let info = self.release.info.as_ref();
        let notes = info.map(|info| info.notes.clone()).unwrap_or_default();
        let hook_manifests = self.release.hooks.iter().map(|hook| hook.manifest.as_str());
        let applied: Vec<&str> = [self.operation.as_str(), &self.release.manifest, &notes]
            .into_iter()
            .chain(hook_manifests)
            .collect();
        Ok(Plan {
            operation: self.operation,
            name: self.release.name.clone(),
            namespace: self.namespace.to_owned(),
            revision: self.release.revision,
            from_revision: self.from_revision,
            objects: gathered.objects,
            hooks,
            warnings: gathered.warnings,
            missing_rights,
            manifest: public_manifest(&self.release.manifest),
            hash: facts.hash(&self.inputs, &applied),
            notes,
            kept: Kept { facts, prepared },
        })
    }

    /// Namespaces that are not there; what that means is a warning.
    async fn namespaces(&self, gathered: &mut Gathered) -> Result<BTreeSet<String>, Error> {
        let created: BTreeSet<&str> = self
            .first
            .iter()
            .chain(&self.targets.objects)
            .filter(|object| object.place.kind == "Namespace" && object.place.group().is_empty())
            .map(|object| object.place.name.as_str())
            .collect();
        let own = (!matches!(self.operation, Operation::Uninstall)).then_some(self.namespace);
        let wanted: BTreeSet<&str> = self
            .targets
            .objects
            .iter()
            .filter_map(|object| object.place.namespace.as_deref())
            .chain(own)
            .collect();
        let mut absent = BTreeSet::new();
        for namespace in wanted {
            if self.context.cluster.has_namespace(namespace).await? {
                continue;
            }
            let namespace = namespace.to_owned();
            absent.insert(namespace.clone());
            gathered.warnings.push(if created.contains(namespace.as_str()) {
                PlanWarning::NamespaceCreated { namespace }
            } else {
                PlanWarning::NamespaceMissing { namespace }
            });
        }
        Ok(absent)
    }

    async fn look(&self, survey: &Survey<'_>, gathered: &mut Gathered) {
        let first = self
            .first
            .iter()
            .map(|object| (None, object, NewObjects::Applied));
        let targets = self.targets.objects.iter().map(|target| {
            let original = self
                .originals
                .objects
                .iter()
                .find(|original| original.place.is_same_object(&target.place));
            (original, target, self.new_objects)
        });
        let mut looked = futures_util::stream::iter(first.chain(targets))
            .map(|(original, target, new)| survey.target(original, target, new))
            .buffered(AT_ONCE)
            .boxed();
        while let Some(looked) = looked.next().await {
            gathered.add(looked, self.method);
        }
        let gone = self.originals.objects.iter().filter(|original| {
            let is_same = |target: &ManifestObject| target.place.is_same_object(&original.place);
            !self.targets.objects.iter().any(is_same)
        });
        let mut looked = futures_util::stream::iter(gone)
            .map(|object| survey.gone(object))
            .buffered(AT_ONCE)
            .boxed();
        while let Some(looked) = looked.next().await {
            if let Some(looked) = looked {
                gathered.add(looked, self.method);
            }
        }
    }

    /// The hooks in the order in which they run, and their objects.
    async fn hooks(&self, gathered: &mut Gathered) -> Result<(Vec<PlannedHook>, Vec<ManifestObject>), Error> {
        let (mut hooks, mut found) = (Vec::new(), Vec::new());
        let mut unknown = Vec::new();
        for event in self.events {
            for number in order(&self.release.hooks, *event) {
                let Some(hook) = self.release.hooks.get(number) else {
                    continue;
                };
                let located = locate_known(&hook.manifest, self.namespace, self.discovery)?;
                let mut exists = None;
                for object in &located.objects {
                    gathered
                        .needed
                        .extend(needs::of_hook(&object.place, hook, self.method));
                    let live = self.context.cluster.live_at(&object.place).await;
                    exists = live.ok().map(|live| live.is_some());
                }
                hooks.push(PlannedHook {
                    event: event.as_str(),
                    name: hook.name.clone(),
                    kind: hook.kind.clone(),
                    path: hook.path.clone(),
                    weight: hook.weight,
                    exists,
                });
                for object in located.objects {
                    if !found.contains(&object) {
                        found.push(object);
                    }
                }
                unknown.extend(located.unknown);
            }
        }
        if !unknown.is_empty() {
            gathered
                .warnings
                .push(PlanWarning::UnknownKinds { kinds: unknown });
        }
        Ok((hooks, found))
    }

    fn warn(&self, gathered: &mut Gathered) -> Result<(), Error> {
        let mut kinds = self.targets.unknown.clone();
        for kind in &self.originals.unknown {
            if !kinds.contains(kind) {
                kinds.push(kind.clone());
            }
        }
        if !kinds.is_empty() {
            gathered.warnings.push(PlanWarning::UnknownKinds { kinds });
        }
        let size_bytes = record_size_bytes(self.release)?;
        if size_bytes >= LARGE_RECORD_BYTES {
            gathered.warnings.push(PlanWarning::RecordSize {
                size_bytes,
                limit_bytes: MAX_RECORD_SIZE_BYTES,
            });
        }
        let heard = self.heard.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        gathered
            .warnings
            .extend(heard.iter().map(|message| PlanWarning::Chart {
                message: message.clone(),
            }));
        Ok(())
    }
}

/// A manifest without the documents that are, or hold, Secrets.
fn public_manifest(manifest: &str) -> String {
    let mut public = String::new();
    for document in split_documents(manifest, Compat::Helm4_3) {
        // What cannot be read is not known to hold none.
        let is_public = objects(document.text).is_ok_and(|objects| !objects.iter().any(is_secret));
        public.push_str("---\n");
        if is_public {
            public.push_str(document.text.trim_end());
        } else {
            let source = document
                .text
                .lines()
                .next()
                .filter(|line| line.starts_with("# Source: "));
            if let Some(source) = source {
                public.push_str(source);
                public.push('\n');
            }
            public.push_str("# HIDDEN: a Secret, which a plan does not show");
        }
        public.push('\n');
    }
    public
}

/// The action of an object that is not the operation's to decide about.
pub(super) fn kept(object: &ManifestObject, problem: Option<String>) -> PlannedObject {
    PlannedObject {
        problem,
        ..PlannedObject::new(&object.place, Action::Keep)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_in_a_public_manifest() {
        let manifest = "---\n# Source: a/templates/b.yaml\napiVersion: v1\nkind: ConfigMap\ndata: {a: shown}\n\
            ---\n# Source: a/templates/c.yaml\napiVersion: v1\nkind: Secret\nstringData: {a: hidden}\n\
            ---\napiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  data: {a: hidden}\n";
        let public = public_manifest(manifest);
        assert!(public.contains("shown") && !public.contains("hidden"), "{public}");
        assert_eq!(public.matches("# Source: ").count(), 2);
    }
}
