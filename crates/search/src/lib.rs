//! Search over the catalog: an index in memory that forgives.
//!
//! [`Index`] holds what is known of charts ([`Document`]) and answers a [`Request`] with the best matches, counts for
//! every filter, and hints about the query. It is pure: no file, no clock, no network, no thread. An index never
//! changes; [`Index::with`] makes the next one, and readers of the old one are not disturbed.
//!
//! Read on in `text` (what a word is), `query` (what a person types), `lexicon` (what words mean), `segment` (how
//! documents are kept), `index` (how they are found and ranked). Every text comes from strangers, charts' and queries'
//! alike: each has its limit where it is read, and nothing here panics on any.

mod bits;
mod document;
mod field;
mod fuzzy;
mod hint;
mod index;
mod lexicon;
mod query;
mod request;
mod segment;
mod stop_words;
mod text;
mod values;

pub use document::{Document, Standing, ValueKey};
pub use field::Field;
pub use hint::Hint;
pub use index::{Builder, Change, Index, Stats, Suggestion, marks};
pub use lexicon::Lexicon;
pub use request::{
    Answer, Deprecated, Explanation, Facets, Filters, Hit, Match, Order, Part, Position, Request, Visible,
    Way, WordScore,
};
