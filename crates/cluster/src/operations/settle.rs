//! Bringing a revision to a definite state after the process that was changing it has died.
//!
//! A pending record is a lock, and nobody else ever opens it. Who knows that its operation runs no longer settles it:
//! the revision has failed, and an upgrade, a rollback or an uninstallation goes on from there.

use helm::chart::validate_release_name;
use helm::release::{Release, ReleaseStatus, record_name};

use crate::storage::{set_status, status_of};
use crate::{Cluster, Error};

/// How often a record is read anew that somebody changed in between.
const ATTEMPTS: usize = 10;

/// What became of a revision that was to be settled.
#[derive(Debug, Clone)]
pub enum Settled {
    /// It was in the middle of something and is `failed` now.
    Failed {
        was: ReleaseStatus,
        release: Box<Release>,
    },
    /// It had ended by itself, and was left as it is.
    Unchanged { status: ReleaseStatus },
    /// There is no such revision any more: an uninstallation had ended.
    Gone,
}

impl Cluster {
    /// Records that what was being done with a revision has failed, for the reason `message`, if its record says still
    /// that it is being done.
    ///
    /// It is for who knows that the operation runs no longer: one that does would be told nothing, and goes on. Of an
    /// operation that ends meanwhile nothing is overwritten. Other revisions are not touched, so that what was deployed
    /// before an upgrade is deployed.
    ///
    /// For a cluster that may be away just then, ask with patience.
    ///
    /// Helm leaves an uninstallation that went wrong as `uninstalling`, from which it upgrades no more. Here it fails as
    /// an upgrade does, and `deleted` says when it began.
    pub async fn settle(
        &self,
        namespace: &str,
        name: &str,
        revision: i64,
        message: &str,
    ) -> Result<Settled, Error> {
        validate_release_name(name).map_err(|_| Error::ReleaseName {
            name: name.to_owned(),
        })?;
        let object = record_name(name, revision);
        let mut tried_from = None;
        let mut attempts = 0;
        loop {
            let record = match self.versioned_record(namespace, &object).await {
                Err(Error::NotFound) => return Ok(Settled::Gone),
                record => record?,
            };
            let mut release = record.stored.release;
            let status = status_of(&release);
            let Some(operation) = operation(&status) else {
                return Ok(ended(release, tried_from));
            };
            set_status(
                &mut release,
                ReleaseStatus::Failed,
                description(operation, name, message),
            );
            attempts += 1;
            let replaced = self.replace_record(&release, Some(&record.version)).await;
            match replaced {
                Ok(()) => {
                    let release = Box::new(release);
                    return Ok(Settled::Failed { was: status, release });
                }
                Err(error) if error.innermost().is_not_found() => return Ok(Settled::Gone),
                Err(error) if error.innermost().is_conflict() && attempts < ATTEMPTS => {
                    tried_from = Some((status, release));
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// What a revision is that is not in the middle of anything: perhaps what was written here, in a request whose answer
/// was lost.
fn ended(found: Release, tried: Option<(ReleaseStatus, Release)>) -> Settled {
    match tried {
        Some((was, release)) if release == found => Settled::Failed {
            was,
            release: Box::new(found),
        },
        _ => Settled::Unchanged {
            status: status_of(&found),
        },
    }
}

/// Helm's word for what leads to a state that does not last; `None` for the others.
fn operation(status: &ReleaseStatus) -> Option<&'static str> {
    match status {
        // Helm's word for a failed installation.
        ReleaseStatus::PendingInstall => Some("Release"),
        ReleaseStatus::PendingUpgrade => Some("Upgrade"),
        ReleaseStatus::PendingRollback => Some("Rollback"),
        ReleaseStatus::Uninstalling => Some("Uninstall"),
        _ => None,
    }
}

fn description(operation: &str, name: &str, message: &str) -> String {
    format!("{operation} {name:?} failed: {message}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_does_not_last_is_settled() {
        for (status, begins) in [
            ("pending-install", Some("Release \"web\" failed: killed")),
            ("pending-upgrade", Some("Upgrade \"web\" failed: killed")),
            ("pending-rollback", Some("Rollback \"web\" failed: killed")),
            ("uninstalling", Some("Uninstall \"web\" failed: killed")),
            ("deployed", None),
            ("failed", None),
            ("superseded", None),
            ("uninstalled", None),
            ("unknown", None),
            ("", None),
        ] {
            let said = operation(&status.to_owned().into()).map(|word| description(word, "web", "killed"));
            assert_eq!(said.as_deref(), begins, "{status}");
        }
    }

    #[test]
    fn what_another_wrote_meanwhile_is_not_taken_for_ours() {
        let mut ours = Release::default();
        set_status(&mut ours, ReleaseStatus::Failed, "ours");
        let mut theirs = ours.clone();
        set_status(&mut theirs, ReleaseStatus::Failed, "theirs");
        let tried = || Some((ReleaseStatus::PendingUpgrade, ours.clone()));
        assert!(matches!(ended(ours.clone(), tried()), Settled::Failed { .. }));
        assert!(matches!(ended(theirs, tried()), Settled::Unchanged { .. }));
        assert!(matches!(ended(ours.clone(), None), Settled::Unchanged { .. }));
    }
}
