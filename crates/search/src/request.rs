//! What is asked of the index, and what it answers.

use serde::{Deserialize, Serialize};

use crate::field::Field;
use crate::hint::Hint;

/// What a person asks for.
#[derive(Clone, Debug, Default)]
pub struct Request<'a> {
    /// The query as typed; any text is one.
    pub text: &'a str,
    /// What narrows the list beside the query.
    pub filters: Filters,
    /// Which repositories the person may see. Nothing of others reaches the answer, not even a count.
    pub visible: Visible<'a>,
    /// The order of the hits.
    pub order: Order,
    /// The part of the list that is wanted.
    pub part: Part,
    /// How many hits a part has, at least one.
    pub part_size: usize,
    /// Seconds since 1970, for what is fresh.
    pub now: i64,
    /// How many values of each facet are answered.
    pub facet_size: usize,
    /// The minor versions of Kubernetes 1 that are counted, oldest first.
    pub kubernetes: Vec<u8>,
    /// Each hit says how its place came about.
    pub explain: bool,
}

/// Choices of facets. Of several values of one facet any will do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    /// Names of repositories.
    pub repositories: Vec<String>,
    /// Categories.
    pub categories: Vec<String>,
    /// Keywords, in lower case.
    pub keywords: Vec<String>,
    /// Licences.
    pub licenses: Vec<String>,
    /// Only libraries, or only what can be installed.
    pub library: Option<bool>,
    /// Only what is signed, or only what is not.
    pub signed: Option<bool>,
    /// Only what has a schema, or only what has none.
    pub schema: Option<bool>,
    /// What becomes of charts that should not be used any more.
    pub deprecated: Deprecated,
    /// Only what works on this minor version of Kubernetes 1.
    pub kubernetes: Option<u8>,
}

/// What becomes of charts that are deprecated or gone from their repositories.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deprecated {
    /// They are left out, unless the query itself asks for them.
    #[default]
    Hidden,
    /// They come behind the others.
    Shown,
    /// Only they are shown.
    Only,
}

/// The repositories that somebody may see.
#[derive(Clone, Copy, Debug, Default)]
pub enum Visible<'a> {
    /// All.
    #[default]
    All,
    /// Those of these names.
    Only(&'a [&'a str]),
}

/// The order of hits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Best match first; by name where there are no words to match.
    #[default]
    Relevance,
    /// By name, then by repository.
    Name,
    /// Newest first.
    Updated,
}

/// A part of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// The first one.
    #[default]
    First,
    /// What comes after this hit.
    After(Position),
    /// What comes before it.
    Before(Position),
}

/// A hit's place in an order, by key and not by number: a list that changes while it is read neither repeats nor drops
/// hits.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// What the order compares first; lower is earlier.
    pub rank: i64,
    /// The chart's name.
    pub name: String,
    /// Its repository.
    pub repository: String,
    /// Its key.
    pub id: i64,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// How many hits there are in all.
    pub total: u64,
    /// The 1-based number of the first hit of this part.
    pub first_number: u64,
    /// This part of them.
    pub hits: Vec<Hit>,
    /// There are hits after this part.
    pub has_next: bool,
    /// There are hits before it.
    pub has_previous: bool,
    /// How many hits each choice would leave.
    pub facets: Facets,
    /// What should be known of the query.
    pub hints: Vec<Hint>,
}

/// A chart that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The caller's key.
    pub id: i64,
    /// Where the list goes on from here.
    pub position: Position,
    /// Where each word was found, in the order of the query.
    pub matches: Vec<Match>,
    /// How the place came about, where that was asked for.
    pub explanation: Option<Explanation>,
}

/// Where a word of the query was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    /// The word, folded.
    pub word: String,
    /// What is there; another form of the word, a synonym, or what the word was mistyped for.
    pub found: String,
    /// In what way the two belong together.
    pub way: Way,
    /// The most telling field where it was found.
    pub field: Field,
    /// Where in the field: a path such as `auth.existingSecret`, an image, a kind.
    pub place: Option<String>,
}

/// How a word of a query and a word of a chart belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// They are the same.
    Exact,
    /// Several words of the query, written as one.
    Joined,
    /// One word of the query, written as several.
    Split,
    /// Forms of one word.
    Form,
    /// Synonyms.
    Synonym,
    /// Software for that purpose.
    Purpose,
    /// The chart's word begins with the query's.
    Beginning,
    /// One letter differs.
    Typo,
    /// Two letters differ.
    TwoTypos,
    /// The query's word is within the chart's name.
    Inside,
}

/// Why a hit has its place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// What each word adds.
    pub words: Vec<WordScore>,
    /// Added for how much of the name the query names, at most 4.
    pub name_coverage: f32,
    /// What the sum is multiplied by: the product of the factors.
    pub standing: f32,
    /// Its factors, each with what it stands for.
    pub factors: Vec<(String, f32)>,
    /// The query is the chart's name: 2 as written, 1 without what stands between letters. Compared before the score.
    pub exact_name: u8,
    /// How many of the required words were found. Compared before the score.
    pub n_words: u32,
    /// The result.
    pub score: f32,
}

/// What a word adds to a score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WordScore {
    /// Where it was found.
    #[serde(flatten)]
    pub found: Match,
    /// What the fields are worth: 10 is the most for one.
    pub worth: f32,
    /// How good the way is: 1 is the same word.
    pub quality: f32,
    /// How rare the word is, from 0 to 1.
    pub rarity: f32,
}

/// How many hits each choice of each facet would leave. A facet's own choice does not narrow its own counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facets {
    /// By name of the repository, most first, as below.
    pub repositories: Vec<(String, u64)>,
    /// By category.
    pub categories: Vec<(String, u64)>,
    /// By keyword.
    pub keywords: Vec<(String, u64)>,
    /// By licence.
    pub licenses: Vec<(String, u64)>,
    /// What can be installed.
    pub n_applications: u64,
    /// What cannot.
    pub n_libraries: u64,
    /// Signed ones.
    pub n_signed: u64,
    /// Those with a schema.
    pub n_schema: u64,
    /// Deprecated ones and those gone from their repositories.
    pub n_deprecated: u64,
    /// By minor version of Kubernetes 1: of those that were asked for, in that order, the ones that some chart is for.
    pub kubernetes: Vec<(u8, u64)>,
}
