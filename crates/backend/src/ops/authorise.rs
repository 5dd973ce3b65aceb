//! Who may do what: one table for every door.

use crate::viewer::{Viewer, ViewerKind};
use crate::{Error, Result};

/// Something a viewer wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// See the catalog, charts, their files and icons.
    ReadCharts,
    /// See repositories and their state.
    ReadRepositories,
    /// Add, remove or refresh a repository, accept an index.
    ManageRepositories,
}

/// Says no with the reason, or nothing.
pub(crate) fn authorise(viewer: &Viewer, action: Action) -> Result<()> {
    match (viewer.kind, action) {
        (ViewerKind::System, _) => Ok(()),
        (ViewerKind::Anonymous, Action::ReadCharts | Action::ReadRepositories) => Ok(()),
        (ViewerKind::Anonymous, Action::ManageRepositories) => Err(Error::Forbidden {
            action: "managing repositories",
            reason: "repositories are managed by the configuration and the command line",
        }),
    }
}
