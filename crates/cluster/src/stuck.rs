//! What is known of a release in the middle of an operation, in words, and what leads out of it.
//!
//! Pure. From a record nobody can tell an operation that is at work from one whose process has died: only the time that
//! has passed makes one likelier. Who knows that it died has [`Cluster::settle`](crate::Cluster::settle).

use helm::release::{Release, ReleaseStatus};

use crate::DEFAULT_TIMEOUT;
use crate::list::seconds;

/// After two steps of the usual timeout an operation is hardly at work any more, in seconds.
const LIKELY_DEAD_AFTER_SECONDS: i64 = 2 * DEFAULT_TIMEOUT.as_secs().cast_signed();

/// A revision whose record says that something is being done with it.
#[derive(Debug, Clone, Copy)]
pub struct UnfinishedRevision<'a> {
    pub name: &'a str,
    pub namespace: &'a str,
    pub revision: i64,
    pub status: &'a ReleaseStatus,
    /// When the operation began, in seconds since 1970: `last_deployed` of the record, for an uninstallation `deleted`.
    pub began: Option<i64>,
    /// The newest other revision that is, or was, deployed.
    pub last_deployed: Option<i64>,
}

impl<'a> UnfinishedRevision<'a> {
    /// Of a record; `last_deployed` is the newest other revision that is, or was, deployed. Nothing where nobody knows its
    /// state.
    pub fn of(release: &'a Release, last_deployed: Option<i64>) -> Option<Self> {
        let info = release.info.as_ref()?;
        let began = match info.status {
            ReleaseStatus::Uninstalling => info.deleted.as_deref(),
            _ => info.last_deployed.as_deref(),
        };
        Some(Self {
            name: &release.name,
            namespace: &release.namespace,
            revision: release.revision,
            status: &info.status,
            began: began.and_then(seconds),
            last_deployed,
        })
    }
}

/// What is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stuck {
    /// Sentences for people.
    pub text: String,
    /// Whether so much time has passed that its process has most likely died.
    pub is_likely_dead: bool,
    /// The best first; never empty.
    pub ways_out: Vec<WayOut>,
}

/// Something that ends the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayOut {
    pub action: WayOutAction,
    /// The same for a shell; chartroom and helm have it in common.
    pub command: String,
    /// What it leads to, as a sentence.
    pub text: String,
}

/// What a program would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WayOutAction {
    RollBack { revision: i64 },
    Uninstall,
}

/// Says what happened to a revision as far as it is known, and what gets out of it; nothing where it is in no such state.
///
/// `now` is in seconds since 1970.
pub fn explain_stuck(revision: &UnfinishedRevision<'_>, now: i64) -> Option<Stuck> {
    let what = what(revision)?;
    // Clocks differ, and nothing began in the future.
    let age = revision.began.map(|began| now.saturating_sub(began).max(0));
    let is_likely_dead = age.is_none_or(|age| age > LIKELY_DEAD_AFTER_SECONDS);
    let began = age.map_or_else(
        || "at a time that is not known".to_owned(),
        |age| format!("{} ago", duration(age)),
    );
    let state = if is_likely_dead {
        "Whoever began it has most likely been interrupted: nothing will end it by itself, and until then every upgrade is refused."
    } else {
        "It may be at work still; as long as it is, leave it alone."
    };
    let reached = match revision.status {
        ReleaseStatus::Uninstalling => {
            "Some of its objects may have been deleted and others not; which of them is not recorded."
        }
        _ => "Some of its objects may have been changed and others not; which of them is not recorded.",
    };
    Some(Stuck {
        text: format!("{what} began {began} and has not ended. {state} {reached}"),
        is_likely_dead,
        ways_out: ways_out(revision),
    })
}

fn what(revision: &UnfinishedRevision<'_>) -> Option<String> {
    let number = revision.revision;
    match revision.status {
        ReleaseStatus::PendingInstall => Some("The installation".to_owned()),
        ReleaseStatus::PendingUpgrade => Some(format!("The upgrade to revision {number}")),
        ReleaseStatus::PendingRollback => Some(format!("The rollback that makes revision {number}")),
        ReleaseStatus::Uninstalling => Some("The uninstallation".to_owned()),
        _ => None,
    }
}

fn ways_out(revision: &UnfinishedRevision<'_>) -> Vec<WayOut> {
    let UnfinishedRevision { name, namespace, .. } = revision;
    let uninstall = WayOut {
        action: WayOutAction::Uninstall,
        command: format!("uninstall {name} --namespace {namespace}"),
        text: "Deletes the objects of this revision and all records, so that the name is free; what only an earlier revision had is left.".to_owned(),
    };
    let back = revision.last_deployed.map(|to| WayOut {
        action: WayOutAction::RollBack { revision: to },
        command: format!("rollback {name} {to} --namespace {namespace}"),
        text: format!("Makes the objects what they were in revision {to}, the last that was deployed."),
    });
    match (revision.status, back) {
        (ReleaseStatus::Uninstalling, Some(back)) => vec![uninstall, back],
        // There is nothing to go back to; what is left of the revision itself is in its record.
        (ReleaseStatus::PendingInstall, _) | (_, None) => vec![uninstall],
        (_, Some(back)) => vec![back, uninstall],
    }
}

/// In the largest unit that fits, as people say it.
fn duration(seconds: i64) -> String {
    let (count, unit) = match seconds {
        ..60 => (seconds, "second"),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(status: &str, age: Option<i64>, last_deployed: Option<i64>) -> Option<Stuck> {
        let revision = UnfinishedRevision {
            name: "web",
            namespace: "shop",
            revision: 3,
            status: &status.to_owned().into(),
            began: age.map(|age| 1_000_000 - age),
            last_deployed,
        };
        explain_stuck(&revision, 1_000_000)
    }

    fn commands(stuck: &Stuck) -> Vec<&str> {
        stuck.ways_out.iter().map(|way| way.command.as_str()).collect()
    }

    #[test]
    fn an_upgrade_that_died_is_rolled_back() {
        let stuck = explained("pending-upgrade", Some(7_300), Some(2)).unwrap();
        assert!(stuck.is_likely_dead);
        assert!(
            stuck
                .text
                .starts_with("The upgrade to revision 3 began 2 hours ago and has not ended. Whoever began it has most likely been interrupted:"),
            "{}",
            stuck.text
        );
        let expected = [
            "rollback web 2 --namespace shop",
            "uninstall web --namespace shop",
        ];
        assert_eq!(commands(&stuck), expected);
        assert_eq!(stuck.ways_out[0].action, WayOutAction::RollBack { revision: 2 });
    }

    #[test]
    fn a_first_installation_has_nothing_to_go_back_to() {
        for last_deployed in [None, Some(1)] {
            let stuck = explained("pending-install", None, last_deployed).unwrap();
            assert!(
                stuck.text.contains("at a time that is not known"),
                "{}",
                stuck.text
            );
            assert_eq!(commands(&stuck), ["uninstall web --namespace shop"]);
        }
        let stuck = explained("pending-upgrade", None, None).unwrap();
        assert_eq!(commands(&stuck), ["uninstall web --namespace shop"]);
    }

    #[test]
    fn what_began_just_now_is_likely_at_work() {
        for (age, text) in [
            (1, "1 second ago"),
            (0, "0 seconds ago"),
            (-50, "0 seconds ago"),
            (600, "10 minutes ago"),
        ] {
            let stuck = explained("pending-rollback", Some(age), Some(1)).unwrap();
            assert!(!stuck.is_likely_dead, "{age}");
            assert!(stuck.text.contains(text), "{}", stuck.text);
        }
        assert!(
            explained("pending-rollback", Some(601), Some(1))
                .unwrap()
                .is_likely_dead
        );
    }

    #[test]
    fn an_uninstallation_is_best_ended_by_doing_it_again() {
        let stuck = explained("uninstalling", Some(200_000), Some(2)).unwrap();
        assert!(
            stuck.text.starts_with("The uninstallation began 2 days ago"),
            "{}",
            stuck.text
        );
        assert!(stuck.text.contains("may have been deleted"));
        assert_eq!(stuck.ways_out[0].action, WayOutAction::Uninstall);
    }

    #[test]
    fn a_record_says_when_it_began() {
        let mut release = Release::default();
        assert!(UnfinishedRevision::of(&release, None).is_none());
        let info = release.info.get_or_insert_default();
        info.last_deployed = Some("1970-01-01T00:01:40.5Z".to_owned());
        info.deleted = Some("1970-01-01T00:03:20Z".to_owned());
        for (status, began) in [
            (ReleaseStatus::PendingUpgrade, 100),
            (ReleaseStatus::Uninstalling, 200),
        ] {
            release.info.as_mut().unwrap().status = status;
            let revision = UnfinishedRevision::of(&release, None).unwrap();
            assert_eq!(revision.began, Some(began));
        }
    }

    #[test]
    fn what_has_ended_is_not_stuck() {
        for status in ["deployed", "failed", "superseded", "uninstalled", "unknown", ""] {
            assert_eq!(explained(status, Some(9_999), Some(1)), None, "{status}");
        }
    }
}
