//! Running hooks: one after the other by weight, each until it is through.

use std::time::Duration;

use helm::manifest::HookEvent;
use helm::release::{Release, ReleaseHook};

use crate::apply::{Applier, Cascade, Twin};
use crate::error::{During as _, Step};
use crate::manifest::{ManifestObject, locate, objects, text};
use crate::storage::now;
use crate::wait::Goal;
use crate::{Error, Event};

const BEFORE_CREATION: &str = "before-hook-creation";
const SUCCEEDED: &str = "hook-succeeded";
const FAILED: &str = "hook-failed";

/// The objects of hooks that are still there, and why they ran.
pub(crate) struct Leftovers {
    /// Places in the release's list of hooks, with the policy under which each is to be deleted.
    hooks: Vec<(usize, &'static str)>,
}

impl Leftovers {
    pub(crate) fn none() -> Self {
        Self { hooks: Vec::new() }
    }
}

/// Runs the hooks of one operation.
pub(crate) struct HookRunner<'a> {
    pub(crate) applier: &'a Applier<'a>,
    pub(crate) timeout: Duration,
}

impl HookRunner<'_> {
    /// Runs the hooks of an event and deletes of them what they ask to be deleted.
    pub(crate) async fn run(&self, release: &mut Release, event: HookEvent) -> Result<(), Error> {
        let (result, leftovers) = self.run_keeping(release, event).await;
        match result {
            Ok(()) => self.delete(release, &leftovers).await,
            Err(error) => {
                // What went wrong first is what a person has to know.
                let _ = self.delete(release, &leftovers).await;
                Err(error)
            }
        }
    }

    /// The same without deleting, for who wants to see logs first.
    pub(crate) async fn run_keeping(
        &self,
        release: &mut Release,
        event: HookEvent,
    ) -> (Result<(), Error>, Leftovers) {
        let order = order(&release.hooks, event);
        let mut leftovers = Leftovers::none();
        for (done, number) in order.iter().copied().enumerate() {
            match self.run_one(release, number, event).await {
                Ok(()) => {}
                Err((error, has_run)) => {
                    if has_run {
                        let before = order.iter().take(done);
                        leftovers.hooks.push((number, FAILED));
                        leftovers.hooks.extend(before.map(|number| (*number, SUCCEEDED)));
                    }
                    return (Err(error), leftovers);
                }
            }
        }
        leftovers.hooks = order.iter().rev().map(|number| (*number, SUCCEEDED)).collect();
        (Ok(()), leftovers)
    }

    /// Deletes what is left of hooks that ask for it; where they succeeded their logs are told before.
    pub(crate) async fn delete(&self, release: &Release, leftovers: &Leftovers) -> Result<(), Error> {
        let is_success = leftovers.hooks.iter().all(|(_, policy)| *policy == SUCCEEDED);
        for (number, policy) in &leftovers.hooks {
            let Some(hook) = release.hooks.get(*number) else {
                continue;
            };
            if is_success {
                self.tell_logs(hook, &release.namespace, SUCCEEDED).await;
            }
            self.delete_by_policy(hook, &release.namespace, policy).await?;
        }
        Ok(())
    }

    /// The flag of an error says whether the hook ran at all.
    async fn run_one(
        &self,
        release: &mut Release,
        number: usize,
        event: HookEvent,
    ) -> Result<(), (Error, bool)> {
        let namespace = release.namespace.clone();
        let Some(hook) = release.hooks.get_mut(number) else {
            return Ok(());
        };
        if hook.delete_policies.is_empty() {
            hook.delete_policies.push(BEFORE_CREATION.to_owned());
        }
        let hook = hook.clone();
        self.delete_by_policy(&hook, &namespace, BEFORE_CREATION)
            .await
            .map_err(|error| (error, false))?;
        let mut objects = self
            .locate(&hook, &namespace)
            .during(|| Step::HookObject {
                event,
                path: hook.path.clone(),
            })
            .map_err(|error| (error, false))?;
        if let Some(hook) = release.hooks.get_mut(number) {
            hook.last_run.started_at = Some(now());
            hook.last_run.completed_at = None;
            "Running".clone_into(&mut hook.last_run.phase);
        }
        // As in Helm, a record that cannot be written does not stop the hook.
        let _ = self.applier.cluster.update_record(release).await;
        let observer = self.applier.observer;
        observer.event(Event::HookStarted {
            event,
            name: &hook.name,
            path: &hook.path,
        });
        let twin = if is_deleted_by(&hook, BEFORE_CREATION) {
            Twin::Ours
        } else {
            Twin::Unknown
        };
        let created = self
            .applier
            .create(&mut objects, twin)
            .await
            .during(|| Step::Hook {
                event,
                path: hook.path.clone(),
            });
        let was_created = created.is_ok();
        let result = match created {
            Ok(()) => {
                self.applier
                    .cluster
                    .wait(&objects, Goal::Through, self.timeout, observer)
                    .await
            }
            Err(error) => Err(error),
        };
        if let Some(hook) = release.hooks.get_mut(number) {
            hook.last_run.completed_at = Some(now());
            let phase = if result.is_ok() { "Succeeded" } else { "Failed" };
            phase.clone_into(&mut hook.last_run.phase);
        }
        observer.event(Event::HookEnded {
            event,
            name: &hook.name,
            succeeded: result.is_ok(),
        });
        if result.is_err() && was_created {
            self.tell_logs(&hook, &namespace, FAILED).await;
        }
        result.map_err(|error| (error, was_created))
    }

    fn locate(&self, hook: &ReleaseHook, namespace: &str) -> Result<Vec<ManifestObject>, Error> {
        locate(&hook.manifest, namespace, self.applier.discovery)
    }

    async fn delete_by_policy(&self, hook: &ReleaseHook, namespace: &str, policy: &str) -> Result<(), Error> {
        if !is_deleted_by(hook, policy) {
            return Ok(());
        }
        let objects = self.locate(hook, namespace).during(|| Step::HookDeletion {
            path: hook.path.clone(),
        })?;
        let errors = self.applier.delete(&objects, Cascade::Background).await;
        Error::of_several(errors, "; ")?;
        // Helm waits here only if it was asked to wait; an object that is going would then be applied to and vanish.
        self.applier
            .cluster
            .wait(&objects, Goal::Gone, self.timeout, self.applier.observer)
            .await
    }

    /// Tells what a hook printed, if it asks for that; that there is nothing to tell is no error of the hook.
    async fn tell_logs(&self, hook: &ReleaseHook, release_namespace: &str, policy: &str) {
        if !hook.output_log_policies.iter().any(|asked| asked == policy) {
            return;
        }
        let own = objects(&hook.manifest).ok().and_then(|objects| {
            let namespace = text(objects.first()?, "/metadata/namespace")?;
            (!namespace.is_empty()).then(|| namespace.to_owned())
        });
        let namespace = own.as_deref().unwrap_or(release_namespace);
        let selector = match hook.kind.as_str() {
            "Job" => ("labelSelector", format!("job-name={}", hook.name)),
            "Pod" => ("fieldSelector", format!("metadata.name={}", hook.name)),
            _ => return,
        };
        let cluster = self.applier.cluster;
        let logs = async {
            let pods = cluster.pods_by(namespace, (selector.0, &selector.1)).await?;
            cluster.logs_of(namespace, &pods, false).await
        };
        match logs.await {
            Ok(logs) => {
                for log in &logs {
                    self.applier.observer.event(Event::HookLog {
                        namespace,
                        pod: &log.pod,
                        container: &log.container,
                        text: &log.text,
                    });
                }
            }
            Err(error) => {
                let text = format!("error outputting logs for hook: {}", error.chain());
                self.applier.observer.event(Event::Warning(&text));
            }
        }
    }
}

fn is_deleted_by(hook: &ReleaseHook, policy: &str) -> bool {
    // Deleting a definition would delete everything that was made by it.
    let is_definition = hook.kind == "CustomResourceDefinition";
    !is_definition && hook.delete_policies.iter().any(|asked| asked == policy)
}

/// The hooks of an event, in the order in which they run.
pub(crate) fn order(hooks: &[ReleaseHook], event: HookEvent) -> Vec<usize> {
    let mut order: Vec<usize> = (0..hooks.len())
        .filter(|number| {
            hooks
                .get(*number)
                .is_some_and(|hook| hook.events.iter().any(|word| word == event.as_str()))
        })
        .collect();
    order.sort_by_key(|number| hooks.get(*number).map(|hook| (hook.weight, &hook.name)));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hooks_run_by_weight_then_name() {
        let hook = |name: &str, weight: i64, events: &[&str]| ReleaseHook {
            name: name.to_owned(),
            weight,
            events: events.iter().map(|event| (*event).to_owned()).collect(),
            ..ReleaseHook::default()
        };
        let hooks = [
            hook("c", 1, &["pre-install"]),
            hook("b", 0, &["pre-install", "test"]),
            hook("a", 0, &["pre-install"]),
            hook("z", -5, &["pre-install", "pre-upgrade"]),
            hook("other", -9, &["post-install"]),
        ];
        assert_eq!(order(&hooks, HookEvent::PreInstall), [3, 2, 1, 0]);
        assert_eq!(order(&hooks, HookEvent::Test), [1]);
        assert!(order(&hooks, HookEvent::PreDelete).is_empty());
    }
}
