//! Coming in, one's own account, everybody's, and what they did.

pub(super) mod account;
pub(super) mod accounts;
pub(super) mod audit;
#[cfg(test)]
pub(super) mod gallery;
mod identities;
pub(super) mod setup;
pub(crate) mod sign_in;

use leptos::prelude::*;
use model::access::Grant;

use super::Page;
use crate::api::FormOutcome;
use crate::components::notice::Notice;

/// A grant in words, the role first.
fn grant_in_words(grant: &Grant) -> (String, String) {
    let place = match (&grant.cluster, &grant.namespace) {
        (None, None) => "everything".to_owned(),
        (Some(cluster), None) => format!("cluster {cluster}"),
        (None, Some(namespace)) => format!("namespace {namespace} in every cluster"),
        (Some(cluster), Some(namespace)) => format!("namespace {namespace} in cluster {cluster}"),
    };
    (grant.role.as_str().to_owned(), place)
}

/// What was done, said by the page that the browser was sent on to.
fn done(sentence: Option<&'static str>) -> Option<AnyView> {
    sentence.map(|sentence| view! { <Notice status="ok">{sentence}</Notice> }.into_any())
}

impl Page {
    /// With the status of the form that was sent to it.
    pub(in crate::pages) fn answering(self, outcome: &FormOutcome) -> Self {
        match &outcome.error {
            Some(error) => Self {
                status: error.kind.status(),
                ..self
            },
            None => self,
        }
    }
}
