//! The catalog for those who may not see all of it.
//!
//! What is left out is taken out of the charts and out of the index before anything else sees them: a count, a hint or a
//! neighbour that could tell of it is never made. A view is a snapshot like any other, made when somebody first needs it
//! and kept with the snapshot it is of.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use search::Change;
use sha2::{Digest as _, Sha256};

use super::{Entry, Snapshot};

/// Views of one snapshot that are kept: there is one for each set of tenants whose private charts somebody sees.
const MAX_KEPT: usize = 16;

/// The views of a snapshot by what is left out of them.
#[derive(Default)]
pub(super) struct Views {
    kept: Mutex<HashMap<Box<[i64]>, Arc<Snapshot>>>,
    /// The private charts, found once: every request asks for a view.
    private: OnceLock<Box<[Arc<Entry>]>>,
    /// What is left out of this one, in the order of keys.
    hidden: Box<[Arc<Entry>]>,
}

impl Snapshot {
    /// The snapshot without private charts of tenants that `sees` says no to; itself, if it has none.
    pub(crate) fn view(self: &Arc<Self>, sees: &dyn Fn(&str) -> bool) -> Arc<Self> {
        let private = self.views.private.get_or_init(|| {
            let is_private = |entry: &&Arc<Entry>| entry.record.private_tenant.is_some();
            self.charts.iter().filter(is_private).map(Arc::clone).collect()
        });
        let private = private
            .iter()
            .filter_map(|entry| Some((entry, entry.record.private_tenant.as_deref()?)));
        let mut answers: HashMap<&str, bool> = HashMap::new();
        let mut hidden: Vec<Arc<Entry>> = private
            .filter(|(_, tenant)| !*answers.entry(tenant).or_insert_with(|| sees(tenant)))
            .map(|(entry, _)| Arc::clone(entry))
            .collect();
        if hidden.is_empty() {
            return Arc::clone(self);
        }
        hidden.sort_unstable_by_key(|entry| entry.record.id);
        let key: Box<[i64]> = hidden.iter().map(|entry| entry.record.id).collect();
        let mut kept = self.views.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.get(&key) {
            return Arc::clone(known);
        }
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        let view = Arc::new(self.without(hidden, &key));
        kept.insert(key, Arc::clone(&view));
        view
    }

    fn without(&self, hidden: Vec<Arc<Entry>>, ids: &[i64]) -> Self {
        let is_shown = |id: i64| ids.binary_search(&id).is_err();
        let charts = self.charts.iter().filter(|entry| is_shown(entry.record.id));
        let by_id = self.by_id.iter().filter(|(id, _)| is_shown(**id));
        Self {
            generation: self.generation,
            charts: charts.map(Arc::clone).collect(),
            by_id: Arc::new(by_id.map(|(id, entry)| (*id, Arc::clone(entry))).collect()),
            index: self.index.with(ids.iter().copied().map(Change::Remove)),
            // Texts are read for the whole.
            textless: Arc::default(),
            relations: Arc::default(),
            front: Arc::default(),
            views: Views {
                hidden: hidden.into(),
                ..Views::default()
            },
        }
    }

    /// Zero of the whole catalog, else a number that only views without the same charts have.
    pub(crate) fn view_number(&self) -> u64 {
        if self.views.hidden.is_empty() {
            return 0;
        }
        let mut hash = Sha256::new();
        for entry in &self.views.hidden {
            hash.update(entry.record.id.to_le_bytes());
        }
        let hash = hash.finalize();
        hash.iter()
            .take(8)
            .fold(1, |number, byte| number << 8 | u64::from(*byte))
    }

    /// Whether a picture belongs to charts alone that are left out.
    pub(crate) fn hides_icon(&self, digest: &[u8]) -> bool {
        let has_it = |entry: &Arc<Entry>| entry.record.icon_digest.as_deref() == Some(digest);
        self.views.hidden.iter().any(has_it) && !self.charts.iter().any(has_it)
    }
}
