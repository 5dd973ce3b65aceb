//! Settings of the catalog.

use schemars::JsonSchema;
use search::Lexicon;
use serde::{Deserialize, Serialize};

/// What people find, and in which order.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CatalogSettings {
    /// Words that mean the same, beside those that are known from the start: lists of words or phrases of up to three
    /// words, such as `[["ledger", "cash book"]]`. Whoever searches for one finds the others.
    pub synonyms: Vec<Vec<String>>,
    /// Names of repositories whose charts are official: they come first and say so. While none is named, addresses of
    /// sources tell who made the software of a chart, which is good enough for an order and says nothing on a page.
    pub official_repositories: Vec<String>,
}

impl CatalogSettings {
    /// What is wrong with the synonyms, where something is: the group, and why it means nothing.
    pub fn bad_synonyms(&self) -> Option<(&[String], &'static str)> {
        let bad =
            |group: &&Vec<String>| group.len() < 2 || !group.iter().all(|phrase| Lexicon::is_phrase(phrase));
        let group = self.synonyms.iter().find(bad)?;
        let reason = match group.len() < 2 {
            true => "holds lists of two or more phrases",
            false => "holds phrases of one to three words",
        };
        Some((group, reason))
    }
}
