//! Schema documents and what they declare: embedded resources, dialects and anchors.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::compile_error::CompileError;
use super::doc::{Doc, Object};
use super::draft::{Dialect, Draft};
use super::location::{self, Pointer, escape, split, unescape};
use super::metaschema;
use super::reference::{join, parse_error};

/// A document with the resources found in it.
#[derive(Clone, Debug)]
pub(crate) struct Root {
    pub(crate) url: String,
    pub(crate) doc: Rc<Doc>,
    /// By the pointer to each.
    pub(crate) resources: BTreeMap<Pointer, Resource>,
    /// Pointers of the schemas already looked at.
    processed: BTreeSet<Pointer>,
}

/// A schema with a URL of its own.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    pub(crate) pointer: Pointer,
    pub(crate) url: String,
    pub(crate) dialect: Dialect,
    pub(crate) anchors: BTreeMap<String, Pointer>,
    pub(crate) dynamic_anchors: BTreeSet<String>,
}

/// The documents known so far, by URL. Nothing is fetched.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    docs: BTreeMap<String, Rc<Doc>>,
    /// Bytes of pointers that may still be kept: deep nesting of long names must not multiply.
    pointer_budget: usize,
}

impl Documents {
    pub(crate) fn new(pointer_budget: usize) -> Self {
        Self {
            docs: BTreeMap::new(),
            pointer_budget,
        }
    }

    pub(crate) fn insert(&mut self, url: &str, doc: Doc) {
        self.docs.insert(url.to_owned(), Rc::new(doc));
    }

    /// Accounts for keeping `pointer`.
    pub(crate) fn spend(&mut self, pointer: &str) -> Result<(), CompileError> {
        match self.pointer_budget.checked_sub(pointer.len() + 16) {
            Some(left) => {
                self.pointer_budget = left;
                Ok(())
            }
            None => Err(CompileError::TooLarge),
        }
    }

    /// The document at `url`: given, a metaschema, or whatever any unknown URN stands for.
    pub(crate) fn load(&mut self, url: &str) -> Result<Rc<Doc>, CompileError> {
        if let Some(doc) = self.docs.get(url) {
            return Ok(Rc::clone(doc));
        }
        let doc = match metaschema::document(url) {
            Some(doc) => doc,
            // Helm: URNs that nobody resolves accept everything.
            None if url.starts_with("urn:") => Doc::Bool(true),
            None => return Err(CompileError::NotLoaded { url: url.to_owned() }),
        };
        let doc = Rc::new(doc);
        self.docs.insert(url.to_owned(), Rc::clone(&doc));
        Ok(doc)
    }

    /// The draft of the schema `doc`, following `$schema` through metaschemas.
    fn draft_of(&mut self, at: (&str, &str), doc: &Doc, fallback: Draft) -> Result<Draft, CompileError> {
        let mut seen = BTreeSet::new();
        let (mut url, mut pointer) = (at.0.to_owned(), at.1.to_owned());
        let mut doc = Rc::new(doc.get("$schema").cloned().unwrap_or(Doc::Null));
        loop {
            let Doc::String(schema) = &*doc else {
                return Ok(fallback);
            };
            let schema = schema.to_str_lossy();
            if let Some(draft) = Draft::from_url(&schema) {
                return Ok(draft);
            }
            let schema = split(&schema).0.to_owned();
            if let Some(problem) = parse_error(&schema) {
                let at = location::format(&url, &pointer);
                return Err(CompileError::InvalidMetaschemaUrl { at, problem });
            }
            if pointer.is_empty() && schema == url {
                return Err(CompileError::UnsupportedDraft { url });
            }
            if !seen.insert(schema.clone()) {
                return Err(CompileError::MetaschemaCycle { url: schema });
            }
            let next = self.load(&schema)?;
            doc = Rc::new(next.get("$schema").cloned().unwrap_or(Doc::Null));
            (url, pointer) = (schema, String::new());
        }
    }

    /// The dialect of a schema that names its metaschema.
    fn dialect_of(&mut self, doc: &Doc, draft: Draft) -> Result<Dialect, CompileError> {
        let Some(schema) = doc.get("$schema").and_then(Doc::as_string) else {
            return Ok(Dialect::of(draft));
        };
        let schema = schema.to_str_lossy();
        if Draft::from_url(&schema).is_some() {
            return Ok(Dialect::of(draft));
        }
        let url = split(&schema).0;
        let metaschema = self.load(url)?;
        Dialect::described_by(draft, &metaschema).map_err(|vocabulary| CompileError::UnsupportedVocabulary {
            url: url.to_owned(),
            vocabulary,
        })
    }
}

impl Root {
    /// Looks through a document.
    pub(crate) fn new(url: &str, doc: Rc<Doc>, documents: &mut Documents) -> Result<Self, CompileError> {
        let mut root = Self {
            url: url.to_owned(),
            doc: Rc::clone(&doc),
            resources: BTreeMap::new(),
            processed: BTreeSet::new(),
        };
        root.collect(documents, &doc, url, String::new(), &Dialect::of(Draft::LATEST))?;
        Ok(root)
    }

    /// The resource that holds `pointer`.
    pub(crate) fn resource(&self, pointer: &str) -> Option<&Resource> {
        let mut pointer = pointer;
        loop {
            if let Some(resource) = self.resources.get(pointer) {
                return Some(resource);
            }
            match pointer.rfind('/').and_then(|slash| pointer.get(..slash)) {
                Some(parent) => pointer = parent,
                None => return self.resources.get(""),
            }
        }
    }

    /// Whether the schema at `pointer` has been looked at.
    pub(crate) fn knows(&self, pointer: &str) -> bool {
        self.processed.contains(pointer)
    }

    /// Looks at a schema that stands where no keyword expects one.
    pub(crate) fn add_subschema(
        &mut self,
        documents: &mut Documents,
        pointer: &str,
    ) -> Result<(), CompileError> {
        let doc = Rc::clone(&self.doc);
        let schema = lookup(&doc, &self.url, pointer)?;
        let Some(base) = self.resource(pointer).cloned() else {
            return Ok(());
        };
        self.collect(documents, schema, &base.url, pointer.to_owned(), &base.dialect)?;
        if !self.resources.contains_key(pointer)
            && let Some(object) = schema.as_object()
            && let Some(holder) = self.resource(pointer).map(|resource| resource.pointer.clone())
        {
            self.collect_anchors(object, pointer, &holder)?;
        }
        Ok(())
    }

    /// Where a reference points, if into this document.
    pub(crate) fn resolve(&self, url: &str, fragment: &str) -> Result<Option<Pointer>, CompileError> {
        let resource = if url == self.url {
            self.resources.get("")
        } else {
            self.resources.values().find(|resource| resource.url == url)
        };
        resource
            .map(|resource| self.resolve_in(resource, fragment))
            .transpose()
    }

    /// The pointer a fragment stands for, in the whole document.
    pub(crate) fn resolve_fragment(&self, fragment: &str) -> Result<Pointer, CompileError> {
        match self.resources.get("") {
            Some(resource) => self.resolve_in(resource, fragment),
            None => Ok(fragment.to_owned()),
        }
    }

    fn resolve_in(&self, resource: &Resource, fragment: &str) -> Result<Pointer, CompileError> {
        if fragment.is_empty() || fragment.starts_with('/') {
            return Ok(format!("{}{fragment}", resource.pointer));
        }
        resource
            .anchors
            .get(fragment)
            .cloned()
            .ok_or_else(|| CompileError::AnchorNotFound {
                reference: location::format(&resource.url, fragment),
                url: self.url.clone(),
            })
    }

    fn collect(
        &mut self,
        documents: &mut Documents,
        schema: &Doc,
        base: &str,
        pointer: Pointer,
        fallback: &Dialect,
    ) -> Result<(), CompileError> {
        if self.processed.contains(&pointer) {
            return Ok(());
        }
        documents.spend(&pointer)?;
        self.collect_unseen(documents, schema, base, &pointer, fallback)?;
        self.processed.insert(pointer);
        Ok(())
    }

    fn collect_unseen(
        &mut self,
        documents: &mut Documents,
        schema: &Doc,
        base: &str,
        pointer: &str,
        fallback: &Dialect,
    ) -> Result<(), CompileError> {
        let Some(object) = schema.as_object() else {
            if pointer.is_empty() {
                self.add(pointer, base, fallback.clone());
            }
            return Ok(());
        };
        let mut names_draft = schema
            .get("$schema")
            .is_some_and(|name| name.as_string().is_some());
        let mut draft = documents.draft_of((&self.url, pointer), schema, fallback.draft)?;
        let mut id = draft.id_of(object);
        if id.is_empty() && !pointer.is_empty() {
            // Only a resource may name its draft.
            draft = fallback.draft;
            names_draft = false;
            id = draft.id_of(object);
        }

        let mut base = base.to_owned();
        let mut is_resource = pointer.is_empty();
        if !id.is_empty() {
            let at = || location::format(&self.url, pointer);
            base = join(&base, &id)
                .map_err(|_| CompileError::InvalidId { at: at() })?
                .0;
            is_resource = true;
        }
        if is_resource {
            match self.resources.values().find(|known| known.url == base) {
                Some(known) if known.pointer != pointer => {
                    return Err(CompileError::DuplicateId {
                        id: base,
                        url: self.url.clone(),
                        first: pointer.to_owned(),
                        second: known.pointer.clone(),
                    });
                }
                Some(_) => {}
                None => {
                    let named = names_draft
                        .then(|| documents.dialect_of(schema, draft))
                        .transpose()?;
                    self.add(pointer, &base, named.unwrap_or_else(|| fallback.clone()));
                }
            }
        }
        let holder = self.resources.values().find(|resource| resource.url == base);
        let Some((holder, dialect)) = holder.map(|holder| (holder.pointer.clone(), holder.dialect.clone()))
        else {
            return Ok(());
        };
        self.collect_anchors(object, pointer, &holder)?;
        for (pointer, subschema) in draft.subschemas(object, pointer) {
            self.collect(documents, subschema, &base, pointer, &dialect)?;
        }
        Ok(())
    }

    fn add(&mut self, pointer: &str, url: &str, dialect: Dialect) {
        let resource = Resource {
            pointer: pointer.to_owned(),
            url: url.to_owned(),
            dialect,
            anchors: BTreeMap::new(),
            dynamic_anchors: BTreeSet::new(),
        };
        self.resources.insert(pointer.to_owned(), resource);
    }

    fn collect_anchors(&mut self, object: &Object, pointer: &str, holder: &str) -> Result<(), CompileError> {
        let url = self.url.clone();
        let Some(resource) = self.resources.get_mut(holder) else {
            return Ok(());
        };
        let text = |name: &str| {
            object
                .get(name.as_bytes())
                .and_then(Doc::as_string)
                .map(ToString::to_string)
        };
        let draft = resource.dialect.draft;
        let mut names = Vec::new();
        if draft < Draft::Draft2019 {
            if object.contains_key(b"$ref".as_slice()) {
                return Ok(());
            }
            if let Some(id) = text(draft.id_keyword()) {
                let fragment = location::decode(split(&id).1).map_err(|_| CompileError::InvalidAnchor {
                    at: location::format(&url, pointer),
                })?;
                if !fragment.is_empty() && !fragment.starts_with('/') {
                    names.push(fragment);
                }
            }
        } else {
            names.extend(text("$anchor"));
        }
        if draft >= Draft::Draft2020
            && let Some(name) = text("$dynamicAnchor")
        {
            resource.dynamic_anchors.insert(name.clone());
            names.push(name);
        }
        for name in names {
            match resource.anchors.get(&name) {
                Some(known) if known != pointer => {
                    return Err(CompileError::DuplicateAnchor {
                        anchor: name,
                        url,
                        first: known.clone(),
                        second: pointer.to_owned(),
                    });
                }
                _ => resource.anchors.insert(name, pointer.to_owned()),
            };
        }
        Ok(())
    }
}

/// What `pointer` points to.
pub(crate) fn lookup<'d>(doc: &'d Doc, url: &str, pointer: &str) -> Result<&'d Doc, CompileError> {
    let mut found = doc;
    for token in pointer.split('/').skip(1) {
        let at = || location::format(url, pointer);
        let token = unescape(token).ok_or_else(|| CompileError::InvalidPointer { at: at() })?;
        let next = match found {
            Doc::Object(object) => object.get(token.as_bytes()),
            // As Go's `strconv.Atoi` reads it.
            Doc::Array(items) => token.parse::<usize>().ok().and_then(|index| items.get(index)),
            _ => None,
        };
        found = next.ok_or_else(|| CompileError::PointerNotFound { at: at() })?;
    }
    Ok(found)
}

/// The pointer and token as messages print them.
pub(crate) fn keyword_location(url: &str, pointer: &str, keyword: &str) -> String {
    location::format(url, &format!("{pointer}/{}", escape(keyword)))
}
