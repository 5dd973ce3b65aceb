//! `helm uninstall`.

use std::time::Duration;

use helm::Compat;
use helm::chart::validate_release_name;
use helm::manifest::{HookEvent, Object, RESOURCE_POLICY_ANNOTATION, sort_manifests, uninstall_order};
use helm::release::{Release, ReleaseStatus};

use super::{Context, DEFAULT_TIMEOUT, hooks};
use crate::apply::{Cascade, Method};
use crate::discovery::Discovery;
use crate::error::{During as _, Step};
use crate::manifest::{ManifestObject, locate};
use crate::storage::{info_mut, now, status_of};
use crate::wait::Goal;
use crate::{Error, RecordHead, Wait, ownership};

/// An uninstallation.
#[derive(Clone)]
pub struct Uninstall {
    pub name: String,
    pub namespace: String,
    /// Keep the records, as uninstalled; without it the name is free.
    pub keep_history: bool,
    pub ignore_not_found: bool,
    pub no_hooks: bool,
    pub cascade: Cascade,
    pub wait: Wait,
    /// For each step that waits.
    pub timeout: Duration,
    pub description: Option<String>,
    pub dry_run: bool,
}

/// What was uninstalled.
#[derive(Debug)]
pub struct Uninstalled {
    /// The last revision.
    pub release: Release,
    /// What was left in the cluster, in helm's words; empty if nothing was.
    pub kept: String,
}

/// What deleting a release's objects would do.
pub(crate) struct Deletion {
    /// In the order of their deletion.
    pub(crate) owned: Vec<ManifestObject>,
    /// What asks to be kept.
    pub(crate) keep: Vec<Object>,
    /// What is somebody else's by now.
    pub(crate) foreign: Vec<ManifestObject>,
    /// What could not be looked at.
    pub(crate) unverified: Vec<(ManifestObject, Error)>,
}

impl Deletion {
    /// What is left in the cluster, in helm's words; empty if nothing is.
    fn kept(&self) -> String {
        let mut parts = Vec::new();
        let keep: Vec<String> = self
            .keep
            .iter()
            .map(|document| format!("[{}] {}\n", document.head.kind, document.head.name))
            .collect();
        if !keep.is_empty() {
            parts.push(format!(
                "These resources were kept due to the resource policy:\n{}",
                keep.concat()
            ));
        }
        let foreign: Vec<String> = self.foreign.iter().map(|object| line(object, "")).collect();
        let unverified: Vec<String> = self
            .unverified
            .iter()
            .map(|(object, error)| line(object, &format!(": {}", error.chain())))
            .collect();
        for (lines, why) in [
            (foreign, "they are not owned by this release"),
            (unverified, "their ownership could not be verified"),
        ] {
            if !lines.is_empty() {
                parts.push(format!(
                    "{} resource(s) were not deleted because {why}:\n{}",
                    lines.len(),
                    lines.concat()
                ));
            }
        }
        parts.join("\n")
    }
}

impl Uninstall {
    /// An uninstallation as helm does it without flags.
    pub fn new(name: impl Into<String>, namespace: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            namespace: namespace.into(),
            keep_history: false,
            ignore_not_found: false,
            no_hooks: false,
            cascade: Cascade::Background,
            wait: Wait::Hooks,
            timeout: DEFAULT_TIMEOUT,
            description: None,
            dry_run: false,
        }
    }

    /// Uninstalls; nothing if there was nothing and that was allowed for. It cannot be canceled once it has begun.
    pub async fn run(self, context: &Context<'_>) -> Result<Option<Uninstalled>, Error> {
        let cluster = &context.cluster;
        validate_release_name(&self.name).map_err(|_| Error::ReleaseName {
            name: self.name.clone(),
        })?;
        let discovery = cluster.discover().await?;
        let heads = cluster.history_heads(&self.namespace, &self.name).await?;
        let Some(last) = heads.last() else {
            if self.ignore_not_found {
                return Ok(None);
            }
            let name = self.name.clone();
            return Err(Error::NotFound.during(Step::LoadForUninstall { name }));
        };
        let mut release = cluster.record(&self.namespace, &last.object).await?.release;
        if self.dry_run {
            let deletion = self.deletion(context, &discovery, &release).await?;
            return Ok(Some(Uninstalled {
                release,
                kept: deletion.kept(),
            }));
        }
        if status_of(&release) == ReleaseStatus::Uninstalled {
            if self.keep_history {
                return Err(Error::AlreadyUninstalled { name: self.name });
            }
            self.purge(context, &heads).await.during(|| Step::Purge)?;
            let kept = String::new();
            return Ok(Some(Uninstalled { release, kept }));
        }
        self.uninstall(context, &discovery, &heads, &mut release)
            .await
            .map(|kept| Some(Uninstalled { release, kept }))
    }

    async fn uninstall(
        &self,
        context: &Context<'_>,
        discovery: &Discovery,
        heads: &[RecordHead],
        release: &mut Release,
    ) -> Result<String, Error> {
        let cluster = &context.cluster;
        let info = info_mut(release);
        info.status = ReleaseStatus::Uninstalling;
        info.deleted = Some(now());
        "Deletion in progress (or silently failed)".clone_into(&mut info.description);
        let method = Method {
            server_side: true,
            force_conflicts: false,
            force_replace: false,
            adopt_client_side_fields: false,
            merge_all_by_three: false,
        };
        let applier = context.applier(discovery, method);
        let hooks = hooks(&applier, self.timeout);
        if !self.no_hooks {
            hooks.run(release, HookEvent::PreDelete).await?;
        }
        cluster.update_record(release).await?;
        let failed = || Step::DeleteRelease {
            name: self.name.clone(),
        };
        let deletion = self.deletion(context, discovery, release).await.during(failed)?;
        let (kept, owned) = (deletion.kept(), deletion.owned);
        let errors = applier.delete(&owned, self.cascade).await;
        Error::of_several(errors, "; ").during(failed)?;
        let mut errors = Vec::new();
        if self.wait != Wait::Hooks {
            let gone = cluster
                .wait(&owned, Goal::Gone, self.timeout, context.observer)
                .await;
            errors.extend(gone.err());
        }
        if !self.no_hooks {
            errors.extend(hooks.run(release, HookEvent::PostDelete).await.err());
        }
        let info = info_mut(release);
        info.status = ReleaseStatus::Uninstalled;
        info.description = self
            .description
            .clone()
            .filter(|text| !text.is_empty())
            .unwrap_or_else(|| "Uninstallation complete".to_owned());
        if self.keep_history {
            cluster.update_record(release).await?;
            cluster
                .supersede(&self.namespace, &self.name, release.revision)
                .await?;
        } else {
            errors.extend(self.purge(context, heads).await.during(|| Step::Purge).err());
        }
        if !errors.is_empty() {
            let count = errors.len();
            return Error::of_several(errors, "; ")
                .during(|| Step::UninstalledWithErrors { errors: count })
                .map(|()| kept);
        }
        Ok(kept)
    }

    /// Deletes the records, the oldest first: as long as one is left, the rest can be deleted by doing it again.
    async fn purge(&self, context: &Context<'_>, heads: &[RecordHead]) -> Result<(), Error> {
        for head in heads {
            context
                .cluster
                .delete_record(&self.namespace, &head.object)
                .await?;
        }
        Ok(())
    }

    /// The objects that are the release's own and do not ask to be kept, in the order of their deletion.
    pub(crate) async fn deletion(
        &self,
        context: &Context<'_>,
        discovery: &Discovery,
        release: &Release,
    ) -> Result<Deletion, Error> {
        let path = String::from("manifest");
        let mut documents = sort_manifests([(&path, &release.manifest)].into(), Compat::Helm4_3)?.objects;
        documents.sort_by(|a, b| uninstall_order(&a.head.kind).cmp(&uninstall_order(&b.head.kind)));
        let policy = |object: &Object| {
            let annotations = &object.head.annotations;
            annotations
                .get(RESOURCE_POLICY_ANNOTATION)
                .map(|policy| policy.trim().to_lowercase())
        };
        let keep = documents
            .iter()
            .filter(|document| policy(document).as_deref() == Some("keep"))
            .cloned()
            .collect();
        // As in Helm, a policy that nobody knows is neither kept nor deleted.
        let delete = documents.iter().filter(|document| policy(document).is_none());
        let manifest: String = delete
            .map(|document| format!("\n---\n{}", document.text))
            .collect();
        let objects = locate(&manifest, &self.namespace, discovery).during(|| Step::DeletedObjects)?;
        let mut deletion = Deletion {
            owned: Vec::new(),
            keep,
            foreign: Vec::new(),
            unverified: Vec::new(),
        };
        for object in objects {
            match context.cluster.live(&object).await {
                Ok(None) => {}
                Ok(Some(live)) => match ownership::check(&live, &release.name, &release.namespace) {
                    Ok(()) => deletion.owned.push(object),
                    Err(_) => deletion.foreign.push(object),
                },
                Err(error) => deletion.unverified.push((object, error)),
            }
        }
        Ok(deletion)
    }
}

fn line(object: &ManifestObject, rest: &str) -> String {
    format!("[{}] {}{rest}\n", object.place.kind, object.place.name)
}
