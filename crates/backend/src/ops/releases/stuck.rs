//! Releases that somebody began to change and did not finish.

use cluster::{RecordHead, UnfinishedRevision, explain_stuck};
use helm::release::{Release, ReleaseStatus};
use model::Timestamp;
use model::operation::OperationSummary;
use model::release::Stuck;

use super::timestamp;

/// What is known of a release in the middle of something, unless an operation of ours is at it.
pub(super) fn stuck(
    release: &Release,
    heads: &[RecordHead],
    operation: Option<&OperationSummary>,
    now: Timestamp,
) -> Option<Stuck> {
    if operation.is_some() {
        return None;
    }
    let info = release.info.as_ref()?;
    let began = match info.status {
        ReleaseStatus::Uninstalling => info.deleted.as_deref(),
        _ => info.last_deployed.as_deref(),
    };
    let since = timestamp(began);
    let was_deployed = |head: &&RecordHead| {
        let is_such = matches!(head.status, ReleaseStatus::Deployed | ReleaseStatus::Superseded);
        is_such && head.revision != release.revision
    };
    let revision = UnfinishedRevision {
        name: &release.name,
        namespace: &release.namespace,
        revision: release.revision,
        status: &info.status,
        began: since.map(|since| since.0),
        last_deployed: heads.iter().filter(was_deployed).map(|head| head.revision).max(),
    };
    let explained = explain_stuck(&revision, now.0)?;
    let ways = explained
        .ways_out
        .iter()
        .map(|way| format!("`{}`: {}", way.command, way.text));
    Some(Stuck {
        status: info.status.as_str().to_owned(),
        since,
        explanation: std::iter::once(explained.text.clone())
            .chain(ways)
            .collect::<Vec<_>>()
            .join("\n"),
    })
}
