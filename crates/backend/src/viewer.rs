//! On whose behalf an operation runs.

/// The subject of every operation; `ops::authorise` says what it may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    pub(crate) kind: ViewerKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ViewerKind {
    /// Nobody has signed in.
    Anonymous,
    /// The operator at the command line, and our own jobs.
    System,
}

impl Viewer {
    /// A visitor who has not signed in.
    pub fn anonymous() -> Self {
        Self {
            kind: ViewerKind::Anonymous,
        }
    }

    /// The operator at the command line, or the process itself.
    pub fn system() -> Self {
        Self {
            kind: ViewerKind::System,
        }
    }
}
