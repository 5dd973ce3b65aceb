//! Where charts come from, and how the work of following them goes.

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use model::repository::{RepositoryDetail, RepositorySummary, SyncProgress, SyncRun, SyncState};

use super::authorise::{Action, authorise};
use crate::settings::RepositorySettings;
use crate::{Backend, Error, Result, Viewer};

/// Operations on repositories.
pub struct Repositories<'a> {
    _backend: &'a Backend,
}

/// A repository to add.
pub type NewRepository = RepositorySettings;

/// A sync that runs; dropping it does not stop it.
pub struct SyncHandle {
    _private: (),
}

impl SyncHandle {
    /// How far it is, whenever that changes; `None` once it is over.
    pub async fn progress(&mut self) -> Option<SyncProgress> {
        None
    }

    /// Waits for the end.
    pub async fn finish(self) -> Result<SyncRun> {
        Err(Error::not_found("repository", ""))
    }
}

impl<'a> Repositories<'a> {
    pub(crate) fn new(backend: &'a Backend) -> Self {
        Self { _backend: backend }
    }

    /// All repositories by name.
    pub async fn list(&self, viewer: &Viewer) -> Result<Vec<RepositorySummary>> {
        authorise(viewer, Action::ReadRepositories)?;
        Ok(Vec::new())
    }

    /// One repository with what was left out of it and its newest runs.
    pub async fn get(&self, viewer: &Viewer, name: &str) -> Result<RepositoryDetail> {
        authorise(viewer, Action::ReadRepositories)?;
        Err(Error::not_found("repository", name))
    }

    /// Adds a repository; its first sync is due at once.
    pub async fn add(&self, viewer: &Viewer, _repository: NewRepository) -> Result<RepositorySummary> {
        authorise(viewer, Action::ManageRepositories)?;
        Err(Error::not_found("repository", ""))
    }

    /// Removes a repository with its charts.
    pub async fn remove(&self, viewer: &Viewer, name: &str) -> Result<()> {
        authorise(viewer, Action::ManageRepositories)?;
        Err(Error::not_found("repository", name))
    }

    /// Starts a sync, or joins the one that runs.
    pub async fn sync_now(&self, viewer: &Viewer, name: &str) -> Result<SyncHandle> {
        authorise(viewer, Action::ManageRepositories)?;
        Err(Error::not_found("repository", name))
    }

    /// Takes over an index that was held back because it shrank; the next sync, which is due at once, does it.
    pub async fn accept_held(&self, viewer: &Viewer, name: &str) -> Result<()> {
        authorise(viewer, Action::ManageRepositories)?;
        Err(Error::not_found("repository", name))
    }

    /// The state of every repository whenever it changes, as `(name, state)`.
    pub fn watch(&self, viewer: &Viewer) -> Result<BoxStream<'static, (String, SyncState)>> {
        authorise(viewer, Action::ReadRepositories)?;
        Ok(futures_util::stream::empty().boxed())
    }
}
