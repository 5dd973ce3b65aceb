//! Parsed templates, kept and shared between renders.
//!
//! Go keeps templates in one namespace; Helm parses every file of a chart tree into it, in an order that decides
//! which `define` of a name wins, and clones it all for every `tpl`. Here the set is parsed once; a `tpl` text is
//! parsed once per text and laid over the set for the time it runs.

use std::sync::{Arc, Mutex, PoisonError};

use crate::caches::Caches;
use crate::error::Error;
use crate::hash::HashMap;
use crate::library::Library;
pub use crate::parse::When;
use crate::parse::parse;
use crate::parse::tree::Tree;
use crate::value::GoStr;

/// The name Helm gives the set itself, and so every text given to `tpl`.
pub(crate) const ROOT_NAME: &str = "gotpl";

/// Source bytes the cache of `tpl` texts may hold before it is emptied.
const TPL_CACHE_BYTES: usize = 4 << 20;

/// The trees of one text, in the order they are to be added.
pub(crate) type Trees = Arc<[Arc<Tree>]>;

#[derive(Debug, Default)]
struct TplCache {
    texts: HashMap<GoStr, Trees>,
    bytes: usize,
}

/// A file of templates to be added to a set.
#[derive(Debug, Clone)]
pub struct TemplateFile<'n> {
    /// What it is called in the set.
    pub name: &'n str,
    /// What is in it.
    pub text: GoStr,
    /// Whether it is going to be executed itself, or is there for what it defines.
    pub when: When,
}

/// A namespace of parsed templates.
#[derive(Debug, Default)]
pub struct TemplateSet {
    trees: HashMap<GoStr, Arc<Tree>>,
    tpl_cache: Mutex<TplCache>,
    caches: Mutex<Caches>,
}

impl TemplateSet {
    /// An empty set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Parses `text` as the template `name` and adds it and the templates it defines.
    ///
    /// Later definitions replace earlier ones of their name, except that one with an empty body (white space,
    /// comments, definitions) never replaces another.
    pub fn add(&mut self, name: &str, text: impl Into<GoStr>) -> Result<(), Error> {
        for tree in parse(name, text.into(), When::Now).map_err(|error| *error)? {
            associate(&mut self.trees, tree);
        }
        Ok(())
    }

    /// Adds many files in turn; of those with equal texts only the first is parsed, and none that the library knows. A
    /// failure names its file.
    // Charts bring the same library in each of their subcharts: in some, most of the text is there several times.
    pub fn add_all<'n>(
        &mut self,
        files: impl IntoIterator<Item = TemplateFile<'n>>,
        library: Option<&Library>,
    ) -> Result<(), (&'n str, Box<Error>)> {
        let files = files.into_iter();
        let mut known: HashMap<GoStr, Trees> =
            HashMap::with_capacity_and_hasher(files.size_hint().0, Default::default());
        for TemplateFile { name, text, when } in files {
            // What is executed itself is of one chart alone.
            let library = library.filter(|_| when == When::OnFirstUse);
            let met = known.get(&text).and_then(|trees| renamed(trees, name));
            let met = met.or_else(|| renamed(&library?.find(&text)?, name));
            let trees = match met {
                Some(trees) => trees,
                None => {
                    // What outlives the chart must not keep all its files.
                    let text = match library {
                        Some(_) => GoStr::from_bytes(text.as_bytes()),
                        None => text,
                    };
                    let trees: Trees = parse(name, text.clone(), when)
                        .map_err(|error| (name, error))?
                        .into();
                    if let Some(library) = library {
                        library.keep(text.clone(), &trees);
                    }
                    known.insert(text, Arc::clone(&trees));
                    trees
                }
            };
            for tree in trees.iter() {
                associate(&mut self.trees, Arc::clone(tree));
            }
        }
        Ok(())
    }

    /// Whether there is a template of that name.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.trees.contains_key(name.as_bytes())
    }

    /// The names of all templates, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<GoStr> {
        let mut names: Vec<GoStr> = self.trees.keys().cloned().collect();
        names.sort();
        names
    }

    pub(crate) fn find(&self, name: &GoStr) -> Option<&Arc<Tree>> {
        self.trees.get(name)
    }

    /// What earlier renders compiled, for one that starts.
    pub(crate) fn take_caches(&self) -> Caches {
        std::mem::take(&mut *self.caches.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What a render compiled, for those to come.
    pub(crate) fn give_caches(&self, caches: Caches) {
        *self.caches.lock().unwrap_or_else(PoisonError::into_inner) = caches.into_small();
    }

    /// The trees of a text given to `tpl`.
    pub(crate) fn parse_tpl(&self, text: &GoStr) -> Result<Trees, Box<Error>> {
        let mut cache = self.tpl_cache.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(trees) = cache.texts.get(text) {
            return Ok(Arc::clone(trees));
        }
        let trees: Trees = parse(ROOT_NAME, text.clone(), When::Now)?.into();
        if cache.bytes + text.len() > TPL_CACHE_BYTES {
            *cache = TplCache::default();
        }
        cache.bytes += text.len();
        cache.texts.insert(text.clone(), Arc::clone(&trees));
        Ok(trees)
    }
}

/// The trees of a file as those of another with the same text, unless something in it is called like either file.
fn renamed(trees: &Trees, name: &str) -> Option<Trees> {
    let (file, definitions) = trees.split_last()?;
    if *file.source.name == *name {
        return Some(Arc::clone(trees));
    }
    let text = file.source.text.as_bytes();
    let mentions = |name: &[u8]| memchr::memmem::find(text, name).is_some();
    if mentions(name.as_bytes()) || mentions(file.source.name.as_bytes()) || file.name != *file.source.name {
        return None;
    }
    let source = Arc::new(file.source.under(name));
    let definitions = definitions
        .iter()
        .map(|tree| tree.under(tree.name.clone(), &source));
    let file = file.under(name.into(), &source);
    Some(definitions.chain([file]).map(Arc::new).collect())
}

/// Adds a tree under its name unless it is an empty one and the name is taken.
pub(crate) fn associate(trees: &mut HashMap<GoStr, Arc<Tree>>, tree: Arc<Tree>) {
    if tree.is_empty && trees.contains_key(&tree.name) {
        return;
    }
    trees.insert(tree.name.clone(), tree);
}

#[cfg(test)]
mod tests {
    use super::{TemplateFile, TemplateSet, When};
    use crate::host::NoHost;
    use crate::library::Library;
    use crate::render::{Options, Renderer};
    use crate::value::Value;

    fn file<'n>(name: &'n str, text: &str) -> TemplateFile<'n> {
        TemplateFile {
            name,
            text: text.into(),
            when: When::OnFirstUse,
        }
    }

    #[test]
    fn files_with_one_text_keep_their_own_names() {
        let text = "{{ define \"d\" }}{{ index 1 2 }}{{ end }}{{ template \"d\" . }}";
        let mut set = TemplateSet::new();
        set.add_all([file("x/one", text), file("x/two", text)], None)
            .unwrap();
        for name in ["x/one", "x/two"] {
            let mut renderer = Renderer::new(&set, &NoHost, Options::default());
            let error = renderer.render(name, Value::Nil).unwrap_err().to_string();
            // The definition that counts is the later file's, whichever file calls it.
            assert!(error.starts_with("template: x/two:1:"), "{name}: {error}");
        }
        let failed = set
            .add_all([file("x/three", "{{"), file("x/four", "")], None)
            .unwrap_err();
        assert_eq!(failed.0, "x/three");
    }

    /// Long enough for a library.
    fn long(text: &str) -> String {
        format!("{text}{{{{/* {} */}}}}", "note ".repeat(100))
    }

    #[test]
    fn a_library_says_nothing_of_the_chart_that_a_text_came_with() {
        let library = Library::new(1 << 20);
        let (good, bad) = (
            long("{{ define \"d\" }}{{ index 1 2 }}{{ end }}{{ template \"d\" . }}"),
            long("{{ define \"d\" }}{{ nothing }}{{ end }}"),
        );
        let said = |chart: &str, text: &str, library: Option<&Library>| {
            let name = format!("{chart}/templates/_lib.tpl");
            let mut set = TemplateSet::new();
            if let Err((name, error)) = set.add_all([file(&name, text)], library) {
                return format!("{name}: {error}");
            }
            let mut renderer = Renderer::new(&set, &NoHost, Options::default());
            renderer.render(&name, Value::Nil).unwrap_err().to_string()
        };
        for chart in ["one", "two", "one", "three"] {
            for text in [&good, &bad] {
                assert_eq!(
                    said(chart, text, Some(&library)),
                    said(chart, text, None),
                    "{chart}"
                );
            }
        }
        let kept = library.find(&good.as_str().into()).unwrap();
        // Two charts at a time have one parse.
        let mut sets = [TemplateSet::new(), TemplateSet::new()];
        for (set, name) in sets.iter_mut().zip(["x/_a.tpl", "y/_b.tpl"]) {
            set.add_all([file(name, &good)], Some(&library)).unwrap();
        }
        assert!(
            sets.iter()
                .all(|set| set.trees[b"d".as_slice()].shares_body(&kept[0]))
        );
    }

    #[test]
    fn a_text_that_mentions_a_file_is_parsed_for_itself() {
        let text = "{{ define \"x/two\" }}defined{{ end }}";
        let mut set = TemplateSet::new();
        set.add_all([file("x/one", text), file("x/two", text)], None)
            .unwrap();
        let mut renderer = Renderer::new(&set, &NoHost, Options::default());
        assert_eq!(renderer.render("x/two", Value::Nil).unwrap(), "defined");
    }
}
