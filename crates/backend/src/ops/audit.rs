//! Who did what: writing it down, and reading it.

use model::access::{AuditPage, Outcome};

use super::authorise::Action;
use crate::store::AuditRecord;
use crate::viewer::ViewerKind;
use crate::{Backend, Error, Result, Viewer};

/// Entries of one part of the log.
const PAGE_SIZE: i64 = 50;
/// An object or a detail is cut here.
const MAX_CHARS: usize = 400;

/// Reading the audit log.
pub struct Audit<'a> {
    backend: &'a Backend,
}

impl<'a> Audit<'a> {
    pub(crate) fn new(backend: &'a Backend) -> Self {
        Self { backend }
    }

    /// The entries before `before`, or the newest; of one actor where one is named.
    #[tracing::instrument(name = "op.audit.list", skip_all, err)]
    pub async fn list(&self, viewer: &Viewer, before: Option<i64>, actor: Option<&str>) -> Result<AuditPage> {
        self.backend.authorise(viewer, Action::ReadAudit)?;
        let before = before.unwrap_or(0).max(0);
        let mut entries = self
            .backend
            .inner()
            .store
            .list_audit(before, actor.unwrap_or_default(), PAGE_SIZE + 1)
            .await?;
        let has_more = entries.len() as i64 > PAGE_SIZE;
        entries.truncate(PAGE_SIZE.unsigned_abs() as usize);
        let next = entries.last().filter(|_| has_more).map(|entry| entry.id);
        Ok(AuditPage { entries, next })
    }
}

impl Backend {
    /// A line that says that `viewer` did something, for the transaction that does it.
    pub(crate) fn record(
        &self,
        viewer: &Viewer,
        action: &'static str,
        object: &str,
        detail: &str,
    ) -> AuditRecord {
        let (actor, token) = match &viewer.kind {
            ViewerKind::Anonymous => (String::new(), None),
            ViewerKind::System => ("system".to_owned(), None),
            ViewerKind::Guest { name, .. } => (name.clone(), None),
            ViewerKind::User { user, .. } => (user.name.clone(), None),
            ViewerKind::Token { user, label, .. } => (user.name.clone(), Some(label)),
        };
        let detail = match token {
            Some(label) if detail.is_empty() => format!("with token {label}"),
            Some(label) => format!("{detail}; with token {label}"),
            None => detail.to_owned(),
        };
        AuditRecord {
            at: self.inner().clock.now(),
            actor,
            via: viewer.via(),
            action,
            object: clean(object),
            outcome: Outcome::Done,
            detail: clean(&detail),
            address: viewer
                .address
                .map(|address| address.to_canonical().to_string())
                .unwrap_or_default(),
        }
    }

    /// Does something that is written down however it ends. What changes the database adds the line about success itself,
    /// in the same transaction; this adds the lines about refusal and failure.
    pub(crate) async fn audited<T>(
        &self,
        viewer: &Viewer,
        action: Action<'_>,
        name: &'static str,
        object: &str,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let result = match self.authorise(viewer, action) {
            Ok(()) => work.await,
            Err(refusal) => Err(refusal),
        };
        if let Err(error) = &result {
            let outcome = match error {
                // Whoever is not signed in could fill the log.
                Error::Unauthenticated { .. } if viewer.kind == ViewerKind::Anonymous => return result,
                Error::Forbidden { .. } | Error::Unauthenticated { .. } | Error::TooManyAttempts { .. } => {
                    Outcome::Refused
                }
                _ => Outcome::Failed,
            };
            self.note(AuditRecord {
                outcome,
                ..self.record(viewer, name, object, &error.to_string())
            })
            .await;
        }
        result
    }

    /// Adds a line that has no transaction to be part of.
    pub(crate) async fn note(&self, record: AuditRecord) {
        if let Err(error) = self.inner().store.append_audit(&record).await {
            tracing::error!(error = %Error::from(error).chain(), "the audit log cannot be written");
        }
    }
}

/// Text of strangers, so that a line of the log stays one line and shows what it holds: without control characters and
/// those that turn the direction of writing.
fn clean(text: &str) -> String {
    let is_bad = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars()
        .take(MAX_CHARS)
        .map(|c| if is_bad(c) { '\u{fffd}' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{MAX_CHARS, clean};

    #[test]
    fn a_line_stays_a_line() {
        assert_eq!(
            clean("a\nb\u{1b}[31mc\u{202e}d\u{7}"),
            "a\u{fffd}b\u{fffd}[31mc\u{fffd}d\u{fffd}"
        );
        assert_eq!(clean("ü 日本"), "ü 日本");
        assert_eq!(clean(&"x".repeat(9_999)).len(), MAX_CHARS);
    }
}
