//! Bringing objects into a cluster: creating, applying, deleting, in Helm's order and with Helm's rules.
//!
//! Server-side apply sends the whole object and lets the API server merge it, as the field manager `helm`. Releases
//! that were made by client-side apply stay so: [`patches`](self) are computed here from three states of an object.

mod client_side;
mod field_managers;
mod names;
mod server_side;

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use self::field_managers::has_client_side_fields;
use crate::api::{Answer, Before, Payload, Question};
use crate::discovery::Discovery;
use crate::error::{During as _, Step};
use crate::manifest::{ManifestObject, text};
use crate::storage::FIELD_MANAGER;
use crate::{Cluster, Error, Event, Observer};

/// Objects that are written at the same time.
const AT_ONCE: usize = 8;
/// How often something is repeated that lost a race for an object.
const ATTEMPTS: usize = 5;

/// How objects are brought into the cluster.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Method {
    pub(crate) server_side: bool,
    /// Take fields over from other managers.
    pub(crate) force_conflicts: bool,
    /// Replace objects instead of patching them; client-side only.
    pub(crate) force_replace: bool,
    /// Take over the fields that client-side apply has left to `helm`.
    pub(crate) adopt_client_side_fields: bool,
    /// Merge kinds without a schema by three states instead of two, as taking ownership client-side does.
    pub(crate) merge_all_by_three: bool,
}

/// Whose an object is that is just as the one to be created, and there after a request that nobody answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Twin {
    /// That request's: nothing was there before, or it does not matter who made it.
    Ours,
    /// Perhaps somebody's who was here long ago.
    Unknown,
}

/// What an update did, as far as it came.
#[derive(Debug, Default)]
pub(crate) struct Updated {
    pub(crate) created: Vec<ManifestObject>,
}

/// What is said to happen to dependents of a deleted object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Cascade {
    #[default]
    Background,
    Foreground,
    Orphan,
}

impl Cascade {
    fn as_str(self) -> &'static str {
        match self {
            Self::Background => "Background",
            Self::Foreground => "Foreground",
            Self::Orphan => "Orphan",
        }
    }
}

/// Applying the objects of one operation.
pub(crate) struct Applier<'a> {
    pub(crate) cluster: &'a Cluster,
    pub(crate) discovery: &'a Discovery,
    pub(crate) observer: &'a dyn Observer,
    method: Method,
    /// Ask what would come out, and change nothing.
    dry_run: bool,
    /// The descriptions of kinds that were asked for.
    documents: Mutex<HashMap<String, Arc<Value>>>,
}

impl<'a> Applier<'a> {
    pub(crate) fn new(
        cluster: &'a Cluster,
        discovery: &'a Discovery,
        observer: &'a dyn Observer,
        method: Method,
    ) -> Self {
        Self {
            cluster,
            discovery,
            observer,
            method,
            dry_run: false,
            documents: Mutex::default(),
        }
    }

    /// The same, which only asks what would come out: the API server does everything but store it.
    pub(crate) fn dry(self) -> Self {
        Self {
            dry_run: true,
            ..self
        }
    }
}

impl Applier<'_> {
    /// Creates objects, those of one kind at the same time; what exists is taken over by a server-side apply.
    ///
    /// Objects whose names the cluster makes have them afterwards.
    pub(crate) async fn create(&self, objects: &mut [ManifestObject], twin: Twin) -> Result<(), Error> {
        let mut errors = Vec::new();
        for kind in objects.chunk_by_mut(|a, b| a.place.kind == b.place.kind) {
            let mut results = futures_util::stream::iter(kind)
                .map(async |object| self.create_one(object, twin).await.map(drop))
                .buffered(AT_ONCE)
                .boxed();
            while let Some(result) = results.next().await {
                errors.extend(result.err());
            }
        }
        Error::of_several(errors, "\n")
    }

    async fn create_one(&self, object: &mut ManifestObject, twin: Twin) -> Result<Answer, Error> {
        // An object whose name is yet to be made cannot be applied: there is no name to apply it to.
        let answer = if object.is_nameless()? {
            let answer = self.post_named(object).await?;
            object.place.name = name_of(&answer)?;
            answer
        } else if self.method.server_side {
            self.apply(object, self.method.force_conflicts).await?
        } else {
            let answer = self.post(object, twin).await?;
            object.place.name = name_of(&answer)?;
            answer
        };
        self.observer.event(Event::Created(object.place()));
        Ok(answer)
    }

    /// What an update makes of an object that is there, or what is created where it is not; `None` where nothing is
    /// sent. For an applier that is [`dry`](Self::dry).
    pub(crate) async fn preview(
        &self,
        original: Option<&ManifestObject>,
        live: Option<&Value>,
        target: &ManifestObject,
    ) -> Result<Option<Answer>, Error> {
        let Some(live) = live else {
            return self.create_one(&mut target.clone(), Twin::Ours).await.map(Some);
        };
        let original = original.map_or(live, |original| &original.value);
        self.change(original, live, target).await
    }

    /// A request that changes an object, or only asks.
    async fn send(&self, question: Question<'_>) -> Result<Answer, Error> {
        self.send_repeatedly(question).await.0
    }

    /// The same, and whether it may have been done by a request before the last.
    async fn send_repeatedly(&self, question: Question<'_>) -> (Result<Answer, Error>, Before) {
        let mut query = question.query.to_vec();
        if self.dry_run {
            query.push(("dryRun", "All"));
        }
        let question = Question {
            query: &query,
            ..question
        };
        self.race(question).await
    }

    /// Sends again what loses a race for the object. Quotas make races, too: they are counted with optimistic locks, and
    /// several objects at once get in each other's way.
    async fn race(&self, question: Question<'_>) -> (Result<Answer, Error>, Before) {
        let mut before = Before::NotDone;
        let mut attempts = 0;
        loop {
            let (result, before_now) = self.cluster.ask_repeatedly(question.clone()).await;
            if before_now == Before::MayBeDone {
                before = Before::MayBeDone;
            }
            attempts += 1;
            match result {
                Err(error) if error.is_race() && attempts < ATTEMPTS => {}
                result => return (result, before),
            }
        }
    }

    /// Makes `targets` of `originals`: creates what is missing, changes what is there, deletes what is in `originals`
    /// only. What was created is told even if something went wrong.
    pub(crate) async fn update(
        &self,
        originals: &[ManifestObject],
        targets: &[ManifestObject],
    ) -> (Updated, Result<(), Error>) {
        let mut updated = Updated::default();
        let result = self.update_all(originals, targets, &mut updated).await;
        (updated, result)
    }

    async fn update_all(
        &self,
        originals: &[ManifestObject],
        targets: &[ManifestObject],
        updated: &mut Updated,
    ) -> Result<(), Error> {
        let mut errors = Vec::new();
        for target in targets {
            if target.is_nameless()? {
                return Err(Error::Nameless.during(Step::InspectForUpdate));
            }
            let live = self
                .cluster
                .live(target)
                .await
                .during(|| Step::InspectForUpdate)?;
            let Some(live) = live else {
                updated.created.push(target.clone());
                let mut target = target.clone();
                self.create_one(&mut target, Twin::Ours)
                    .await
                    .during(|| Step::Create)?;
                continue;
            };
            let original = originals
                .iter()
                .find(|original| original.place.is_same_object(&target.place));
            // What is there without being in the last revision is taken as the state to start from.
            let original = original.map_or(&live, |original| &original.value);
            match self.change(original, &live, target).await {
                Ok(_) => self.observer.event(Event::Changed(target.place())),
                Err(error) => errors.push(error),
            }
        }
        Error::of_several(errors, " && ")?;
        let gone = originals.iter().filter(|original| {
            !targets
                .iter()
                .any(|target| target.place.is_same_object(&original.place))
        });
        let mut errors = Vec::new();
        for object in gone {
            errors.extend(self.delete_gone(object).await.err());
        }
        Error::of_several(errors, " && ")
    }

    async fn change(
        &self,
        original: &Value,
        live: &Value,
        target: &ManifestObject,
    ) -> Result<Option<Answer>, Error> {
        if self.method.force_replace {
            return self.replace(live, target).await.map(Some);
        }
        if !self.method.server_side {
            return self.patch_client_side(original, live, target).await;
        }
        if self.dry_run && self.method.adopt_client_side_fields && has_client_side_fields(live) {
            return self.preview_adoption(original, live, target).await;
        }
        if self.method.adopt_client_side_fields {
            self.adopt_client_side_fields(target, live).await?;
        }
        let force = self.method.force_conflicts;
        self.apply(target, force).await.map(Some)
    }

    /// Deletes what no longer belongs to a release, unless it asks to be kept.
    async fn delete_gone(&self, object: &ManifestObject) -> Result<(), Error> {
        let live = match self.cluster.live(object).await {
            Ok(Some(live)) => live,
            // As in Helm, what cannot be looked at is left alone.
            Ok(None) | Err(_) => return Ok(()),
        };
        if live.pointer(KEEP_POLICY).and_then(Value::as_str) == Some("keep") {
            self.observer.event(Event::Kept(object.place()));
            return Ok(());
        }
        self.delete_one(object, Cascade::Background)
            .await
            .during(|| Step::Delete {
                namespace: object.place.namespace.clone().unwrap_or_default(),
                name: object.place.name.clone(),
                kind: object.place.kind.clone(),
            })?;
        self.observer.event(Event::Deleted(object.place()));
        Ok(())
    }

    /// Deletes objects, those of one kind at the same time. It does not matter if one has gone.
    pub(crate) async fn delete(&self, objects: &[ManifestObject], cascade: Cascade) -> Vec<Error> {
        let mut errors = Vec::new();
        for kind in objects.chunk_by(|a, b| a.place.kind == b.place.kind) {
            let mut results = futures_util::stream::iter(kind)
                .map(async |object| {
                    self.delete_one(object, cascade).await?;
                    self.observer.event(Event::Deleted(object.place()));
                    Ok(())
                })
                .buffered(AT_ONCE)
                .boxed();
            while let Some(result) = results.next().await {
                errors.extend(result.err());
            }
        }
        errors
    }

    async fn delete_one(&self, object: &ManifestObject, cascade: Cascade) -> Result<(), Error> {
        // Which object it was is not known, and its path would be that of all objects of the kind.
        if object.place.name.is_empty() {
            return Ok(());
        }
        let options = json!({
            "apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": cascade.as_str(),
        });
        let mut attempts = 0;
        loop {
            let question = Question {
                payload: Payload::Delete(body(&options)?),
                ..object.question("delete")
            };
            attempts += 1;
            match self.cluster.ask_bytes(question).await {
                Err(error) if error.is_not_found() => return Ok(()),
                Err(error) if error.is_conflict() && attempts < ATTEMPTS => {}
                result => return result.map(drop),
            }
        }
    }

    async fn post(&self, object: &ManifestObject, twin: Twin) -> Result<Answer, Error> {
        let question = Question {
            path: object.place.collection.clone(),
            query: &[("fieldManager", FIELD_MANAGER)],
            payload: Payload::Post(body(&object.value)?),
            ..object.question("create")
        };
        match self.send_repeatedly(question).await {
            (Err(error), Before::MayBeDone) if error.already_exists() && twin == Twin::Ours => {
                self.created_unheard(object).await.ok_or(error)
            }
            (result, _) => result,
        }
    }

    /// Creates an object of which the manifest has the beginning of a name. The rest is drawn here and not by the API
    /// server: a request whose answer was lost can then be repeated without making a second object.
    async fn post_named(&self, object: &ManifestObject) -> Result<Answer, Error> {
        let prefix = text(&object.value, "/metadata/generateName").unwrap_or_default();
        let mut attempts = 0;
        loop {
            let mut named = object.clone();
            let name = names::drawn(prefix)?;
            crate::manifest::set_metadata(&mut named.value, "name", name.clone().into());
            named.place.name = name;
            attempts += 1;
            let question = Question {
                path: named.place.collection.clone(),
                query: &[("fieldManager", FIELD_MANAGER)],
                payload: Payload::Post(body(&named.value)?),
                ..named.question("create")
            };
            let (error, before) = match self.send_repeatedly(question).await {
                (Err(error), before) if error.already_exists() => (error, before),
                (result, _) => return result,
            };
            // Nobody else has drawn the same: it is what the request before has made.
            if before == Before::MayBeDone
                && let Some(live) = self.cluster.live(&named).await?
            {
                return Ok(Answer {
                    bytes: body(&live)?,
                    warnings: Vec::new(),
                });
            }
            if attempts == ATTEMPTS {
                return Err(error);
            }
        }
    }

    /// An object that a request has made whose answer was lost: what is there is what was asked for, the marks of the
    /// release included.
    async fn created_unheard(&self, object: &ManifestObject) -> Option<Answer> {
        let version = |value: &Value| text(value, "/metadata/resourceVersion").map(str::to_owned);
        for _ in 0..ATTEMPTS {
            let live = self.cluster.live(object).await.ok()??;
            let would_be = self.overlaid(object).await?;
            if content(&live) == content(&would_be) {
                return body(&live).ok().map(|bytes| Answer {
                    bytes,
                    warnings: Vec::new(),
                });
            }
            // Controllers write into new objects; where none did in between, it is another object.
            if version(&live) == version(&would_be) {
                return None;
            }
        }
        None
    }

    /// Replaces an object, whoever changed it since.
    async fn replace(&self, live: &Value, target: &ManifestObject) -> Result<Answer, Error> {
        let mut version = text(live, "/metadata/resourceVersion").map(str::to_owned);
        let mut attempts = 0;
        loop {
            let mut value = target.value.clone();
            if let Some(version) = version {
                crate::manifest::set_metadata(&mut value, "resourceVersion", version.into());
            }
            let question = Question {
                query: &[("fieldManager", FIELD_MANAGER), ("fieldValidation", "Strict")],
                payload: Payload::Put(body(&value)?),
                ..target.question("update")
            };
            attempts += 1;
            match self.send(question).await {
                Err(error) if error.is_race() && attempts < ATTEMPTS => {}
                result => return result.during(|| Step::Replace),
            }
            let newer = self.cluster.live(target).await.during(|| Step::Replace)?;
            let newer = newer
                .as_ref()
                .and_then(|live| text(live, "/metadata/resourceVersion"));
            version = newer.map(str::to_owned);
        }
    }
}

/// What of an object does not change by itself.
fn content(object: &Value) -> Value {
    let mut object = object.clone();
    if let Value::Object(fields) = &mut object {
        fields.remove("status");
        if let Some(Value::Object(metadata)) = fields.get_mut("metadata") {
            for field in ["managedFields", "resourceVersion", "generation"] {
                metadata.remove(field);
            }
        }
    }
    object
}

/// The name that a created object has, which the cluster may have made.
fn name_of(created: &Answer) -> Result<String, Error> {
    let created: Value = serde_json::from_slice(&created.bytes).map_err(|source| Error::Unreadable {
        what: "a creation".to_owned(),
        source,
    })?;
    Ok(text(&created, "/metadata/name").unwrap_or_default().to_owned())
}

/// Where an object says what happens to it with its release.
pub(crate) const KEEP_POLICY: &str = "/metadata/annotations/helm.sh~1resource-policy";

fn body(value: &Value) -> Result<Bytes, Error> {
    Ok(serde_json::to_vec(value).map_err(Error::Encode)?.into())
}
