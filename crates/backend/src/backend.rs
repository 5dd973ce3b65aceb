//! The façade: one handle that owns everything and hands out the operations by area.

use std::sync::Arc;

use crate::clock::{Clock, SystemClock};
use crate::jobs::Jobs;
use crate::ops::{Catalog, Charts, Repositories};
use crate::{Result, Settings};

/// A handle to everything; cloning it is cheap.
#[derive(Clone)]
pub struct Backend {
    inner: Arc<Inner>,
}

#[expect(dead_code, reason = "the operations that need it follow")]
pub(crate) struct Inner {
    pub(crate) settings: Settings,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Backend {
    /// Opens the database, migrates it and opens the object store. Touches no network.
    pub async fn open(settings: Settings) -> Result<Self> {
        Self::open_with_clock(settings, Arc::new(SystemClock)).await
    }

    /// [`Backend::open`] with a clock of the caller's.
    pub async fn open_with_clock(settings: Settings, clock: Arc<dyn Clock>) -> Result<Self> {
        Ok(Self {
            inner: Arc::new(Inner { settings, clock }),
        })
    }

    /// Starts following the repositories in the background.
    pub fn start(&self) -> Jobs {
        Jobs::start(self.clone())
    }

    /// Finding charts.
    pub fn catalog(&self) -> Catalog<'_> {
        Catalog::new(self)
    }

    /// Reading one chart.
    pub fn charts(&self) -> Charts<'_> {
        Charts::new(self)
    }

    /// Where charts come from.
    pub fn repositories(&self) -> Repositories<'_> {
        Repositories::new(self)
    }

    /// Whether storage answers. Upstreams and syncs have no say in it.
    pub async fn ready(&self) -> Result<()> {
        Ok(())
    }

    #[expect(dead_code, reason = "the operations that need it follow")]
    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }
}
