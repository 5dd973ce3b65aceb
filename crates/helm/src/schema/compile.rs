//! From documents to nodes.

use std::collections::{BTreeMap, HashMap};

use engine::regexp::Regex;
use engine::value::GoStr;

use super::compile_error::CompileError;
use super::decimal::{Decimal, MAX_DIVISOR_DIGITS};
use super::doc::{Doc, DocType, Object, Types};
use super::draft::{Dialect, Draft};
use super::format::Format;
use super::location::{self, Pointer, child};
use super::metaschema;
use super::node::{Additional, Arena, Body, Dependency, DynamicRef, Items, Keywords, Node, NodeId};
use super::reference::join;
use super::resources::{Documents, Root, keyword_location, lookup};
use super::validate;

/// Nodes one schema may have.
const MAX_NODES: usize = 200_000;
/// Bytes all pointers of one schema may have together.
const MAX_POINTER_BYTES: usize = 64 << 20;
/// Bytes one regular expression may have.
const MAX_REGEX_BYTES: usize = 16 << 10;

/// Turns documents into an [`Arena`].
pub(crate) struct Compiler {
    documents: Documents,
    roots: BTreeMap<String, Root>,
    nodes: HashMap<(String, Pointer), NodeId>,
    /// Where each node comes from; those past the end of the arena are still to be compiled.
    queue: Vec<(String, Pointer)>,
    arena: Arena,
    always_assert_formats: bool,
}

impl Compiler {
    /// For the schema of a chart.
    pub(crate) fn new() -> Self {
        Self {
            documents: Documents::new(MAX_POINTER_BYTES),
            roots: BTreeMap::new(),
            nodes: HashMap::new(),
            queue: Vec::new(),
            arena: Arena::default(),
            always_assert_formats: false,
        }
    }

    /// For the metaschemas, which are checked more strictly than their drafts say.
    pub(crate) fn for_metaschemas() -> Self {
        Self {
            always_assert_formats: true,
            ..Self::new()
        }
    }

    /// Makes a document known.
    pub(crate) fn add(&mut self, url: &str, doc: Doc) {
        self.documents.insert(url, doc);
    }

    /// The nodes compiled so far.
    pub(crate) fn into_arena(self) -> Arena {
        self.arena
    }

    /// Compiles the document at `url` with everything it refers to.
    pub(crate) fn compile(&mut self, url: &str) -> Result<NodeId, CompileError> {
        self.load(url)?;
        let root = self.enqueue(url, String::new())?;
        while let Some((url, pointer)) = self.queue.get(self.arena.nodes.len()).cloned() {
            self.ensure_subschema(&url, &pointer)?;
            let node = self.node(&url, &pointer)?;
            self.arena.nodes.push(node);
        }
        Ok(root)
    }

    fn load(&mut self, url: &str) -> Result<(), CompileError> {
        if self.roots.contains_key(url) {
            return Ok(());
        }
        let doc = self.documents.load(url)?;
        let root = Root::new(url, doc, &mut self.documents)?;
        if !metaschema::is_official(url) {
            check(&root, "")?;
        }
        self.roots.insert(url.to_owned(), root);
        Ok(())
    }

    fn root(&self, url: &str) -> Result<&Root, CompileError> {
        self.roots
            .get(url)
            .ok_or_else(|| CompileError::NotLoaded { url: url.to_owned() })
    }

    fn enqueue(&mut self, url: &str, pointer: Pointer) -> Result<NodeId, CompileError> {
        let key = (url.to_owned(), pointer);
        if let Some(id) = self.nodes.get(&key) {
            return Ok(*id);
        }
        if self.queue.len() >= MAX_NODES {
            return Err(CompileError::TooLarge);
        }
        self.documents.spend(&key.1)?;
        let id = NodeId(self.queue.len());
        self.queue.push(key.clone());
        self.nodes.insert(key, id);
        Ok(id)
    }

    /// A reference may point to where no keyword holds a schema; what is there is checked then.
    fn ensure_subschema(&mut self, url: &str, pointer: &str) -> Result<(), CompileError> {
        self.load(url)?;
        let root = self.root(url)?;
        if root.knows(pointer) {
            return Ok(());
        }
        lookup(&root.doc, url, pointer)?;
        let mut extended = root.clone();
        extended.add_subschema(&mut self.documents, pointer)?;
        check(&extended, pointer)?;
        self.roots.insert(url.to_owned(), extended);
        Ok(())
    }

    fn node(&mut self, url: &str, pointer: &str) -> Result<Node, CompileError> {
        let root = self.root(url)?;
        let doc = std::rc::Rc::clone(&root.doc);
        let schema = lookup(&doc, url, pointer)?;
        let Some(resource) = root.resource(pointer).cloned() else {
            return Err(CompileError::TooLarge);
        };
        let draft = resource.dialect.draft;
        let resource_id = self.enqueue(url, resource.pointer.clone())?;
        let mut dynamic_anchors = BTreeMap::new();
        if draft >= Draft::Draft2020 && resource.pointer == pointer {
            for (anchor, at) in &resource.anchors {
                if resource.dynamic_anchors.contains(anchor) {
                    dynamic_anchors.insert(anchor.clone(), self.enqueue(url, at.clone())?);
                }
            }
        }
        let body = match schema {
            Doc::Bool(truth) => Body::Bool(*truth),
            Doc::Object(object) if !object.is_empty() => {
                let source = Source {
                    url,
                    pointer,
                    base: &resource.url,
                    object,
                    dialect: &resource.dialect,
                };
                Body::Keywords(Box::new(self.keywords(&source)?))
            }
            _ => Body::Bool(true),
        };
        let location = location::format(url, pointer);
        Ok(Node {
            location,
            draft,
            resource: resource_id,
            dynamic_anchors,
            body,
        })
    }

    fn keywords(&mut self, source: &Source<'_>) -> Result<Keywords, CompileError> {
        let mut keywords = Keywords::default();
        let draft = source.dialect.draft;
        if source.dialect.has("core") {
            keywords.reference = self.reference(source, "$ref")?;
            if draft < Draft::Draft2019 && keywords.reference.is_some() {
                // Everything beside it is ignored.
                return Ok(keywords);
            }
            if draft >= Draft::Draft2019 {
                keywords.recursive_ref = self.reference(source, "$recursiveRef")?;
                keywords.recursive_anchor = source.is_true("$recursiveAnchor");
            }
            if draft >= Draft::Draft2020 {
                if let Some(target) = self.reference(source, "$dynamicRef")? {
                    let text = source.string("$dynamicRef").unwrap_or_default();
                    let fragment = location::decode(location::split(&text).1).unwrap_or_default();
                    let anchor = if fragment.starts_with('/') {
                        String::new()
                    } else {
                        fragment
                    };
                    keywords.dynamic_ref = Some(DynamicRef { target, anchor });
                }
                keywords.dynamic_anchor = source.string("$dynamicAnchor").unwrap_or_default();
            }
        }
        if source.dialect.has("applicator") {
            self.applicators(source, &mut keywords)?;
        }
        let unevaluated = if draft == Draft::Draft2019 {
            "applicator"
        } else {
            "unevaluated"
        };
        if draft >= Draft::Draft2019 && source.dialect.has(unevaluated) {
            keywords.unevaluated_items = self.schema(source, "unevaluatedItems")?;
            keywords.unevaluated_properties = self.schema(source, "unevaluatedProperties")?;
        }
        if source.dialect.has("validation") {
            validations(source, &mut keywords)?;
        }
        if (self.always_assert_formats || source.dialect.asserts_formats())
            && let Some(name) = source.string("format")
        {
            keywords.format = Format::from_name(&name);
        }
        Ok(keywords)
    }

    fn applicators(&mut self, source: &Source<'_>, keywords: &mut Keywords) -> Result<(), CompileError> {
        let draft = source.dialect.draft;
        keywords.all_of = self.list(source, "allOf")?;
        keywords.any_of = self.list(source, "anyOf")?;
        keywords.one_of = self.list(source, "oneOf")?;
        keywords.not = self.schema(source, "not")?;
        if draft < Draft::Draft2020 {
            if let Some(Doc::Array(_)) = source.get("items") {
                keywords.items = Some(Items::Each(self.list(source, "items")?));
                keywords.additional_items = self.additional(source, "additionalItems")?;
            } else {
                keywords.items = self.schema(source, "items")?.map(Items::Every);
            }
        } else {
            keywords.prefix_items = self.list(source, "prefixItems")?;
            keywords.items_2020 = self.schema(source, "items")?;
        }
        keywords.properties = self.map(source, "properties")?;
        for (pattern, schema) in self.map(source, "patternProperties")? {
            let regex = source.regex("patternProperties", &pattern)?;
            keywords.pattern_properties.push((regex, schema));
        }
        keywords.additional_properties = self.additional(source, "additionalProperties")?;
        for (name, value) in source.object("dependencies").into_iter().flatten() {
            let dependency = match value {
                Doc::Array(items) => Dependency::Required(strings(items)),
                _ => {
                    let at = child(&child(source.pointer, "dependencies"), &name.to_str_lossy());
                    Dependency::Schema(self.enqueue(source.url, at)?)
                }
            };
            keywords.dependencies.insert(name.clone(), dependency);
        }
        if draft >= Draft::Draft6 {
            keywords.contains = self.schema(source, "contains")?;
            keywords.property_names = self.schema(source, "propertyNames")?;
        }
        if draft >= Draft::Draft7 {
            keywords.condition = self.schema(source, "if")?;
            if keywords.condition.is_some() {
                // A branch that cannot be reached may refer to nothing.
                if !matches!(source.get("if"), Some(Doc::Bool(false))) {
                    keywords.then = self.schema(source, "then")?;
                }
                if !matches!(source.get("if"), Some(Doc::Bool(true))) {
                    keywords.otherwise = self.schema(source, "else")?;
                }
            }
        }
        if draft >= Draft::Draft2019 {
            keywords.dependent_schemas = self.map(source, "dependentSchemas")?;
        }
        Ok(())
    }

    fn reference(&mut self, source: &Source<'_>, keyword: &str) -> Result<Option<NodeId>, CompileError> {
        let Some(reference) = source.string(keyword) else {
            return Ok(None);
        };
        let (url, fragment) = join(source.base, &reference)?;
        if let Some(pointer) = self.root(source.url)?.resolve(&url, &fragment)? {
            return self.enqueue(source.url, pointer).map(Some);
        }
        self.load(&url)?;
        let pointer = self.root(&url)?.resolve_fragment(&fragment)?;
        self.enqueue(&url, pointer).map(Some)
    }

    fn schema(&mut self, source: &Source<'_>, keyword: &str) -> Result<Option<NodeId>, CompileError> {
        match source.get(keyword) {
            Some(_) => self.enqueue(source.url, child(source.pointer, keyword)).map(Some),
            None => Ok(None),
        }
    }

    fn list(&mut self, source: &Source<'_>, keyword: &str) -> Result<Vec<NodeId>, CompileError> {
        let Some(Doc::Array(items)) = source.get(keyword) else {
            return Ok(Vec::new());
        };
        let at = child(source.pointer, keyword);
        (0..items.len())
            .map(|index| self.enqueue(source.url, format!("{at}/{index}")))
            .collect()
    }

    fn map(&mut self, source: &Source<'_>, keyword: &str) -> Result<BTreeMap<GoStr, NodeId>, CompileError> {
        let at = child(source.pointer, keyword);
        let members = source.object(keyword).into_iter().flatten();
        members
            .map(|(name, _)| {
                Ok((
                    name.clone(),
                    self.enqueue(source.url, child(&at, &name.to_str_lossy()))?,
                ))
            })
            .collect()
    }

    fn additional(&mut self, source: &Source<'_>, keyword: &str) -> Result<Option<Additional>, CompileError> {
        Ok(match source.get(keyword) {
            Some(Doc::Bool(truth)) => Some(Additional::Bool(*truth)),
            _ => self.schema(source, keyword)?.map(Additional::Schema),
        })
    }
}

/// Checks the schema at `pointer` against the metaschema of its draft.
fn check(root: &Root, pointer: &str) -> Result<(), CompileError> {
    let draft = root
        .resource(pointer)
        .map_or(Draft::LATEST, |resource| resource.dialect.draft);
    let metaschemas = metaschema::compiled();
    let schema = lookup(&root.doc, &root.url, pointer)?;
    validate::against_metaschema(metaschemas, draft, schema, &root.resources).map_err(|error| match error {
        validate::Failure::Invalid(error) => CompileError::Invalid {
            at: location::format(&root.url, pointer),
            error,
        },
        validate::Failure::Limit(_) => CompileError::TooLarge,
    })
}

/// An object schema and where it stands.
struct Source<'a> {
    url: &'a str,
    pointer: &'a str,
    /// What references are relative to.
    base: &'a str,
    object: &'a Object,
    dialect: &'a Dialect,
}

impl Source<'_> {
    fn get(&self, keyword: &str) -> Option<&Doc> {
        self.object.get(keyword.as_bytes())
    }

    fn is_true(&self, keyword: &str) -> bool {
        matches!(self.get(keyword), Some(Doc::Bool(true)))
    }

    fn string(&self, keyword: &str) -> Option<String> {
        self.get(keyword)
            .and_then(Doc::as_string)
            .map(ToString::to_string)
    }

    fn object(&self, keyword: &str) -> Option<&Object> {
        self.get(keyword).and_then(Doc::as_object)
    }

    fn number(&self, keyword: &str) -> Option<Decimal> {
        match self.get(keyword) {
            Some(Doc::Number(number)) => number.decimal(),
            _ => None,
        }
    }

    fn integer(&self, keyword: &str) -> Option<i64> {
        self.number(keyword)?.to_i64_wrapping()
    }

    fn names(&self, keyword: &str) -> Vec<GoStr> {
        match self.get(keyword) {
            Some(Doc::Array(items)) => strings(items),
            _ => Vec::new(),
        }
    }

    fn regex(&self, keyword: &str, pattern: &GoStr) -> Result<Regex, CompileError> {
        if pattern.len() > MAX_REGEX_BYTES {
            return Err(CompileError::TooLarge);
        }
        Regex::compile(pattern.as_bytes()).map_err(|error| CompileError::InvalidRegex {
            regex: pattern.to_string(),
            at: keyword_location(self.url, self.pointer, keyword),
            error,
        })
    }
}

fn validations(source: &Source<'_>, keywords: &mut Keywords) -> Result<(), CompileError> {
    let draft = source.dialect.draft;
    keywords.types = types(source.get("type"));
    if let Some(Doc::Array(items)) = source.get("enum") {
        keywords.enumeration = Some(items.clone());
    }
    keywords.multiple_of = source.number("multipleOf");
    if let Some(number) = keywords
        .multiple_of
        .as_ref()
        .filter(|number| number.precision() > MAX_DIVISOR_DIGITS)
    {
        return Err(CompileError::TooPrecise {
            number: number.to_string(),
        });
    }
    // Draft 4's flags are understood in every draft.
    for (bound, exclusive, flag) in [
        (
            &mut keywords.maximum,
            &mut keywords.exclusive_maximum,
            "exclusiveMaximum",
        ),
        (
            &mut keywords.minimum,
            &mut keywords.exclusive_minimum,
            "exclusiveMinimum",
        ),
    ] {
        let number = source.number(if flag == "exclusiveMaximum" {
            "maximum"
        } else {
            "minimum"
        });
        if source.is_true(flag) {
            *exclusive = number;
        } else {
            *bound = number;
            *exclusive = source.number(flag);
        }
    }
    keywords.min_length = source.integer("minLength");
    keywords.max_length = source.integer("maxLength");
    if let Some(Doc::String(pattern)) = source.get("pattern") {
        keywords.pattern = Some((source.regex("pattern", pattern)?, pattern.to_string()));
    }
    keywords.min_items = source.integer("minItems");
    keywords.max_items = source.integer("maxItems");
    keywords.unique_items = source.is_true("uniqueItems");
    keywords.min_properties = source.integer("minProperties");
    keywords.max_properties = source.integer("maxProperties");
    keywords.required = source.names("required");
    if draft >= Draft::Draft6 {
        keywords.constant = source.get("const").cloned();
    }
    if draft >= Draft::Draft2019 {
        if keywords.contains.is_some() {
            keywords.min_contains = source.integer("minContains");
            keywords.max_contains = source.integer("maxContains");
        }
        for (name, value) in source.object("dependentRequired").into_iter().flatten() {
            if let Doc::Array(items) = value {
                keywords.dependent_required.insert(name.clone(), strings(items));
            }
        }
    }
    Ok(())
}

fn types(value: Option<&Doc>) -> Types {
    let mut types = Types::default();
    let names = match value {
        Some(Doc::String(name)) => vec![name.clone()],
        Some(Doc::Array(items)) => strings(items),
        _ => Vec::new(),
    };
    names
        .iter()
        .filter_map(DocType::from_name)
        .for_each(|ty| types.insert(ty));
    types
}

fn strings(items: &[Doc]) -> Vec<GoStr> {
    items.iter().filter_map(Doc::as_string).cloned().collect()
}
