//! `helm test`.

use std::time::Duration;

use helm::chart::validate_release_name;
use helm::manifest::HookEvent;
use helm::release::{Release, ReleaseHook};

use super::{Context, DEFAULT_TIMEOUT, hooks, is_server_side};
use crate::Error;
use crate::apply::Method;
use crate::discovery::Discovery;
use crate::hooks::{Leftovers, order};
use crate::logs::ContainerLog;

/// Running the tests of a release.
pub struct Test {
    pub name: String,
    pub namespace: String,
    /// For each test.
    pub timeout: Duration,
    /// Run only these, if any are named.
    pub only: Vec<String>,
    /// Do not run these.
    pub except: Vec<String>,
}

/// Tests that ran; their pods are still there until [`TestRun::clean_up`].
pub struct TestRun {
    /// The release with what its tests came to.
    pub release: Release,
    /// Whether they succeeded.
    pub result: Result<(), Error>,
    ran: Release,
    leftovers: Leftovers,
    discovery: Discovery,
    method: Method,
    timeout: Duration,
}

impl Test {
    /// All tests.
    pub fn new(name: impl Into<String>, namespace: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            namespace: namespace.into(),
            timeout: DEFAULT_TIMEOUT,
            only: Vec::new(),
            except: Vec::new(),
        }
    }

    /// Runs them. An error here means that none ran.
    pub async fn run(self, context: &Context<'_>) -> Result<TestRun, Error> {
        validate_release_name(&self.name).map_err(|_| Error::ReleaseName {
            name: self.name.clone(),
        })?;
        let discovery = context.cluster.discover().await?;
        let mut release = context.cluster.newest(&self.namespace, &self.name).await?.release;
        let method = Method {
            server_side: is_server_side(&release),
            force_conflicts: false,
            force_replace: false,
            adopt_client_side_fields: false,
            merge_all_by_three: false,
        };
        let all = std::mem::take(&mut release.hooks);
        let (chosen, skipped): (Vec<ReleaseHook>, Vec<ReleaseHook>) =
            all.into_iter().partition(|hook| self.is_chosen(hook));
        release.hooks = chosen;
        let applier = context.applier(&discovery, method);
        let runner = hooks(&applier, self.timeout);
        let running = async { Ok(runner.run_keeping(&mut release, HookEvent::Test).await) };
        let (result, leftovers) = match context.cancel.unless(running).await {
            Ok(outcome) => outcome,
            Err(error) => (Err(error), Leftovers::none()),
        };
        let ran = release.clone();
        release.hooks.splice(0..0, skipped);
        let recorded = context.cluster.update_record(&release).await;
        Ok(TestRun {
            release,
            result: result.and(recorded),
            ran,
            leftovers,
            discovery,
            method,
            timeout: self.timeout,
        })
    }

    fn is_chosen(&self, hook: &ReleaseHook) -> bool {
        !self.except.contains(&hook.name) && (self.only.is_empty() || self.only.contains(&hook.name))
    }
}

impl TestRun {
    /// What the pods of the tests printed, as `helm test --logs` shows it.
    pub async fn logs(&self, context: &Context<'_>) -> Result<Vec<ContainerLog>, Error> {
        let mut logs = Vec::new();
        for number in order(&self.ran.hooks, HookEvent::Test) {
            let Some(hook) = self.ran.hooks.get(number).filter(|hook| hook.kind == "Pod") else {
                continue;
            };
            let selector = format!("metadata.name={}", hook.name);
            let namespace = &self.ran.namespace;
            let pods = context
                .cluster
                .pods_by(namespace, ("fieldSelector", &selector))
                .await?;
            if pods.is_empty() {
                return Err(Error::NoPod {
                    name: hook.name.clone(),
                });
            }
            logs.extend(context.cluster.logs_of(namespace, &pods, true).await?);
        }
        Ok(logs)
    }

    /// Deletes what the tests ask to be deleted.
    pub async fn clean_up(&self, context: &Context<'_>) -> Result<(), Error> {
        let applier = context.applier(&self.discovery, self.method);
        hooks(&applier, self.timeout)
            .delete(&self.ran, &self.leftovers)
            .await
    }
}
