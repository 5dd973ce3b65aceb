//! Documents into a segment. Here every text of a chart meets its limit.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::codec::{Posting, write_number, write_postings};
use super::strings::{PoolBuilder, Span};
use super::{Dictionary, Facts, Item, NONE, Segment, flag};
use crate::document::{Document, Standing};
use crate::field::{Field, Mask, PLACED, TELLING};
use crate::lexicon::Lexicon;
use crate::stop_words::is_stop_word;
use crate::text::{TokenKind, Tokenizer, squeeze};
use crate::values::Values;

/// Bytes that are kept of a name.
const MAX_NAME: usize = 253;
/// Bytes that are kept of a description.
const MAX_DESCRIPTION: usize = 1_000;
/// Bytes that are kept of any other short text.
const MAX_SHORT: usize = 200;
/// Words of a short text.
const MAX_SHORT_WORDS: usize = 200;
/// Keywords, images and the like that are kept of a chart.
const MAX_ITEMS: usize = 100;
/// Words of a README, and of all comments of a chart's values.
const MAX_LONG_WORDS: usize = 12_000;
/// Keys of a chart's values.
const MAX_KEYS: usize = 6_000;
/// Levels of a chart's values.
const MAX_DEPTH: u8 = 24;
/// Versions by which a chart is found.
const MAX_VERSIONS: usize = 1_000;
/// Digits in a word of prose: what has more is a number, a digest or a key.
const MAX_DIGITS: usize = 4;

/// Documents becoming a segment.
pub(crate) struct Batch<'v> {
    values: &'v mut Values,
    lexicon: &'v Lexicon,
    tokenizer: Tokenizer,
    numbers: HashMap<Box<str>, u32, RandomState>,
    postings: Vec<Vec<Posting>>,
    pool: PoolBuilder,
    segment: Parts,
}

#[derive(Default)]
struct Parts {
    facts: Vec<Facts>,
    texts: String,
    names: String,
    name_starts: Vec<u32>,
    keywords: Vec<u32>,
    items: Vec<Item>,
    keys: Vec<u8>,
}

impl<'v> Batch<'v> {
    /// The segment of some documents; of several with one key the last counts.
    pub(crate) fn segment(values: &'v mut Values, lexicon: &'v Lexicon, documents: &[Document]) -> Segment {
        let mut last: HashMap<i64, &Document, RandomState> = HashMap::default();
        for document in documents {
            last.insert(document.id, document);
        }
        let mut documents: Vec<&Document> = last.into_values().collect();
        documents.sort_unstable_by_key(|document| {
            (
                cut(&document.name, MAX_NAME),
                document.repository.as_str(),
                document.id,
            )
        });
        let mut batch = Self {
            values,
            lexicon,
            tokenizer: Tokenizer::default(),
            numbers: HashMap::default(),
            postings: Vec::new(),
            pool: PoolBuilder::default(),
            segment: Parts::default(),
        };
        for document in documents {
            batch.add(document);
        }
        batch.finish()
    }

    fn add(&mut self, document: &Document) {
        let doc = self.segment.facts.len() as u32;
        let name = cut(&document.name, MAX_NAME);
        let squeezed = squeeze(name);
        let category = self
            .lexicon
            .category(cut(&document.category, MAX_SHORT), name)
            .to_owned();
        let description = cut(&document.description, MAX_DESCRIPTION);

        self.words(doc, Field::Name, name);
        self.term(doc, Field::WholeName.bit(), 0, &squeezed);
        self.words(doc, Field::Description, description);
        self.words(doc, Field::Repository, cut(&document.repository, MAX_SHORT));
        self.squeezed(doc, Field::Repository, &document.repository);
        self.words(doc, Field::Category, &category);
        let items = self.items(doc, document);
        self.prose(doc, document);
        let keys = self.keys(doc, document);
        for version in document.versions.iter().take(MAX_VERSIONS) {
            let version = cut(version, MAX_SHORT).trim_start_matches('v');
            self.term(doc, Field::Version.bit(), 0, &version.to_lowercase());
        }

        let keywords = self.keywords(doc, document);
        let texts = &mut self.segment.texts;
        let start = texts.len();
        texts.push_str(name);
        let middle = texts.len();
        texts.push_str(description);
        let end = texts.len();
        self.segment.name_starts.push(self.segment.names.len() as u32);
        self.segment.names.push_str(&squeezed);
        self.segment.names.push('\n');
        self.segment.facts.push(Facts {
            id: document.id,
            updated: document.updated,
            kubernetes: document.kubernetes,
            name: Span::of(start, middle),
            description: Span::of(middle, end),
            keywords,
            items,
            keys,
            repository: self.values.repositories.number(&document.repository),
            category: number(&mut self.values.categories, &category),
            license: number(&mut self.values.licenses, cut(document.license.trim(), MAX_SHORT)),
            n_versions: document.n_versions,
            flags: flags(document),
            name_length: squeezed.len() as u8,
        });
    }

    fn items(&mut self, doc: u32, document: &Document) -> Span {
        let start = self.segment.items.len();
        let lists = [
            (Field::AlternativeName, &document.alternative_names),
            (Field::Image, &document.images),
            (Field::Kind, &document.crd_kinds),
            (Field::Dependency, &document.dependencies),
            (Field::Maintainer, &document.maintainers),
            (Field::Source, &document.sources),
        ];
        for (field, list) in lists {
            for text in list.iter().take(MAX_ITEMS) {
                let text = cut(text, MAX_SHORT);
                self.words(doc, field, text);
                if matches!(field, Field::AlternativeName | Field::Kind | Field::Dependency) {
                    self.squeezed(doc, field, text);
                }
                let text = self.pool.add(text);
                self.segment.items.push(Item { field, text });
            }
        }
        Span::of(start, self.segment.items.len())
    }

    fn keywords(&mut self, doc: u32, document: &Document) -> Span {
        let start = self.segment.keywords.len();
        for keyword in document.keywords.iter().take(MAX_ITEMS) {
            let keyword = cut(keyword.trim(), MAX_SHORT).to_lowercase();
            if keyword.is_empty() {
                continue;
            }
            self.words(doc, Field::Keyword, &keyword);
            self.squeezed(doc, Field::Keyword, &keyword);
            let number = self.values.keywords.number(&keyword);
            let so_far = self.segment.keywords.get(start..).unwrap_or_default();
            if !so_far.contains(&number) {
                self.segment.keywords.push(number);
            }
        }
        Span::of(start, self.segment.keywords.len())
    }

    fn keys(&mut self, doc: u32, document: &Document) -> Span {
        let start = self.segment.keys.len();
        let mut n_words = 0;
        let mut depth_before = None;
        for (place, value) in document.values.iter().take(MAX_KEYS).enumerate() {
            let key = cut(&value.key, MAX_SHORT);
            // Whatever the caller says, a key is at most one below the one before.
            let deepest = depth_before.map_or(0, |depth: u8| depth + 1).min(MAX_DEPTH);
            let depth = value.depth.min(deepest);
            depth_before = Some(depth);
            let text = self.pool.add(key);
            write_number(u32::from(depth), &mut self.segment.keys);
            write_number(text, &mut self.segment.keys);
            self.words_at(doc, Field::Key, place as u32, key, MAX_SHORT_WORDS, false);
            let left = MAX_LONG_WORDS - n_words;
            n_words += self.words_at(doc, Field::Comment, place as u32, &value.comment, left, true);
        }
        Span::of(start, self.segment.keys.len())
    }

    fn prose(&mut self, doc: u32, document: &Document) {
        self.words_at(doc, Field::Readme, 0, &document.readme, MAX_LONG_WORDS, true);
    }

    fn words(&mut self, doc: u32, field: Field, text: &str) {
        self.words_at(doc, field, 0, text, MAX_SHORT_WORDS, false);
    }

    /// Adds a text of several words also as one: `message-queue` is found by `messagequeue`.
    fn squeezed(&mut self, doc: u32, field: Field, text: &str) {
        let squeezed = squeeze(cut(text, MAX_SHORT));
        self.term(doc, field.bit(), 0, &squeezed);
    }

    fn words_at(
        &mut self,
        doc: u32,
        field: Field,
        place: u32,
        text: &str,
        limit: usize,
        is_prose: bool,
    ) -> usize {
        let mut tokenizer = std::mem::take(&mut self.tokenizer);
        let mut n_words = 0;
        tokenizer.run(text, |token| {
            if n_words >= limit {
                return false;
            }
            n_words += 1;
            if !is_prose || (token.kind != TokenKind::Version && is_word(token.text)) {
                self.term(doc, field.bit(), place, token.text);
            }
            true
        });
        self.tokenizer = tokenizer;
        n_words
    }

    fn term(&mut self, doc: u32, mask: Mask, place: u32, term: &str) {
        if term.is_empty() {
            return;
        }
        let number = match self.numbers.get(term) {
            Some(number) => *number,
            None => {
                let number = self.postings.len() as u32;
                self.numbers.insert(term.into(), number);
                self.postings.push(Vec::new());
                number
            }
        };
        let Some(postings) = self.postings.get_mut(number as usize) else {
            return;
        };
        match postings.last_mut().filter(|posting| posting.doc == doc) {
            Some(posting) => {
                // A key tells more than a comment.
                let key = Field::Key.bit();
                if mask & key != 0 && posting.mask & key == 0
                    || mask & Field::Comment.bit() != 0 && posting.mask & PLACED == 0
                {
                    posting.place = place;
                }
                posting.mask |= mask;
            }
            None => postings.push(Posting { doc, mask, place }),
        }
    }

    fn finish(self) -> Segment {
        let mut terms: Vec<(Box<str>, u32)> = self.numbers.into_iter().collect();
        terms.sort_unstable();
        let mut telling = DictionaryBuilder::default();
        let mut other = DictionaryBuilder::default();
        for (term, number) in terms {
            let Some(postings) = self.postings.get(number as usize) else {
                continue;
            };
            DictionaryBuilder::add(&mut telling, &mut other, term.as_bytes(), postings);
        }
        let parts = self.segment;
        let mut ids: Vec<(i64, u32)> = (0..)
            .zip(&parts.facts)
            .map(|(doc, facts)| (facts.id, doc))
            .collect();
        ids.sort_unstable();
        Segment {
            telling: telling.finish(),
            other: other.finish(),
            facts: parts.facts,
            ids,
            texts: parts.texts,
            names: parts.names,
            name_starts: parts.name_starts,
            keywords: parts.keywords,
            items: parts.items,
            keys: parts.keys,
            pool: self.pool.finish(),
        }
    }
}

/// A dictionary that is given its terms in order.
#[derive(Default)]
pub(super) struct DictionaryBuilder {
    terms: Option<fst::MapBuilder<Vec<u8>>>,
    postings: Vec<u8>,
}

impl DictionaryBuilder {
    /// Adds a term to the one dictionary or the other.
    pub(super) fn add(telling: &mut Self, other: &mut Self, term: &[u8], postings: &[Posting]) {
        let is_telling = postings.iter().any(|posting| posting.mask & TELLING != 0);
        let builder = if is_telling { telling } else { other };
        let terms = builder.terms.get_or_insert_with(fst::MapBuilder::memory);
        let at = builder.postings.len() as u64;
        // Terms come in order, which is all that can go wrong in memory.
        if terms.insert(term, at).is_ok() {
            write_postings(postings, &mut builder.postings);
        }
    }

    pub(super) fn finish(self) -> Dictionary {
        let mut postings = self.postings;
        postings.shrink_to_fit();
        let bytes = self.terms.and_then(|terms| terms.into_inner().ok());
        let terms = bytes.and_then(|bytes| fst::Map::new(bytes).ok());
        Dictionary {
            terms: terms.unwrap_or_default(),
            postings,
        }
    }
}

fn number(values: &mut crate::values::Names, text: &str) -> u32 {
    if text.is_empty() {
        NONE
    } else {
        values.number(text)
    }
}

fn flags(document: &Document) -> u16 {
    let when = |is: bool, flag: u16| if is { flag } else { 0 };
    when(document.is_library, flag::LIBRARY)
        | when(document.is_deprecated, flag::DEPRECATED)
        | when(document.is_yanked, flag::YANKED)
        | when(document.is_signed, flag::SIGNED)
        | when(document.has_schema, flag::SCHEMA)
        | when(document.standing == Standing::Official, flag::OFFICIAL)
        | when(document.standing == Standing::Fork, flag::FORK)
}

/// Whether a token of prose is a word that somebody may look for.
fn is_word(token: &str) -> bool {
    let n_digits = token.bytes().filter(u8::is_ascii_digit).count();
    token.len() > 1 && n_digits <= MAX_DIGITS && n_digits < token.len() && !is_stop_word(token)
}

/// The beginning of a text, of so many bytes at most.
fn cut(text: &str, max_bytes: usize) -> &str {
    if text.len() <= max_bytes {
        return text;
    }
    let end = (0..=max_bytes).rev().find(|at| text.is_char_boundary(*at));
    text.get(..end.unwrap_or_default()).unwrap_or_default()
}
