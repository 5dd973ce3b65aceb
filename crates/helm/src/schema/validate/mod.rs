//! Values checked against nodes.
//!
//! The order of checks and the shape of errors are the library's (santhosh-tekuri/jsonschema v6, `validator.go`),
//! since Helm prints both. Maps are walked in key order where Go's order is random.

mod array;
mod evaluated;
mod object;

use std::collections::BTreeMap;
use std::fmt::Display;

use engine::value::GoStr;

use super::doc::{Doc, DocType, Number};
use super::draft::Draft;
use super::error::{ErrorKind, ValidationError};
use super::format::Problem;
use super::location::{Pointer, escape, pointer_of};
use super::metaschema::Metaschemas;
use super::node::{Arena, Body, Keywords, Node, NodeId};
use super::resources::Resource;
use evaluated::Unevaluated;

/// Schemas applied within each other to one value and the values in it.
const MAX_DEPTH: usize = 256;
/// Schemas applied, and values compared.
const MAX_STEPS: usize = 2_000_000;

/// Why a value did not pass.
#[derive(Debug)]
pub(crate) enum Failure {
    Invalid(Box<ValidationError>),
    /// It could not be found out within the limits.
    Limit(Limit),
}

/// A limit on validation, so that no schema can stop a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Limit {
    #[error("schemas refer to each other deeper than {limit}")]
    Depth { limit: usize },
    #[error("validation takes more than {limit} steps")]
    Steps { limit: usize },
}

/// Checks `value` against the schema `root`.
pub(crate) fn validate(arena: &Arena, root: NodeId, value: &Doc) -> Result<(), Failure> {
    Run {
        arena,
        meta: None,
        steps: MAX_STEPS,
        path: Vec::new(),
    }
    .whole(root, value)
}

/// Checks a schema against the metaschema of its draft, and each resource in it against that of its own.
pub(crate) fn against_metaschema(
    metaschemas: &Metaschemas,
    draft: Draft,
    schema: &Doc,
    resources: &BTreeMap<Pointer, Resource>,
) -> Result<(), Failure> {
    let Some(root) = metaschemas.root(draft) else {
        return Ok(());
    };
    let meta = Meta {
        metaschemas,
        resources,
    };
    Run {
        arena: &metaschemas.arena,
        meta: Some(meta),
        steps: MAX_STEPS,
        path: Vec::new(),
    }
    .whole(root, schema)
}

#[derive(Clone, Copy)]
struct Meta<'a> {
    metaschemas: &'a Metaschemas,
    resources: &'a BTreeMap<Pointer, Resource>,
}

/// One validation.
struct Run<'a> {
    arena: &'a Arena,
    meta: Option<Meta<'a>>,
    steps: usize,
    /// Where in the instance.
    path: Vec<GoStr>,
}

/// Schemas that are being applied, innermost first.
struct Scope<'s> {
    node: NodeId,
    /// The reference that led here, if one did.
    reference: &'static str,
    /// Scopes of one value have one number.
    value: usize,
    depth: usize,
    /// The metaschema in force.
    meta: Option<NodeId>,
    parent: Option<&'s Self>,
}

/// What is known of the value checked at the moment.
struct Frame<'f, 'a> {
    node: &'a Node,
    scope: &'f Scope<'f>,
    /// Whether only the verdict counts.
    quick: bool,
    unevaluated: Unevaluated,
    errors: Vec<ValidationError>,
}

/// Properties and items that no keyword looked at; or an error.
type Outcome = Result<Result<Unevaluated, ValidationError>, Limit>;

impl<'a> Run<'a> {
    /// First only the verdict, since most values pass; then, if they do not, why.
    fn whole(mut self, root: NodeId, value: &Doc) -> Result<(), Failure> {
        if self.fresh(root, value, true).map_err(Failure::Limit)?.is_ok() {
            return Ok(());
        }
        self.steps = MAX_STEPS;
        let error = match self.fresh(root, value, false).map_err(Failure::Limit)? {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        Err(Failure::Invalid(Box::new(self.as_schema_error(root, error))))
    }

    fn as_schema_error(&self, root: NodeId, error: ValidationError) -> ValidationError {
        let location = self
            .arena
            .get(root)
            .map(|node| node.location.clone())
            .unwrap_or_default();
        ValidationError {
            schema: location.clone(),
            instance: Vec::new(),
            kind: ErrorKind::Schema { location },
            causes: match error.kind {
                ErrorKind::Group => error.causes,
                _ => vec![error],
            },
        }
    }

    /// A validation of its own, starting at `value`.
    fn fresh(
        &mut self,
        root: NodeId,
        value: &Doc,
        quick: bool,
    ) -> Result<Result<(), ValidationError>, Limit> {
        let meta = self.meta.map(|_| root);
        let scope = Scope {
            node: root,
            reference: "",
            value: 0,
            depth: 0,
            meta,
            parent: None,
        };
        Ok(self.apply(&scope, value, quick, false)?.map(|_| ()))
    }

    /// Applies the scope's schema to `value`.
    fn apply(&mut self, scope: &Scope<'_>, value: &Doc, quick: bool, caller_needs: bool) -> Outcome {
        if scope.depth >= MAX_DEPTH {
            return Err(Limit::Depth { limit: MAX_DEPTH });
        }
        self.spend(1)?;
        let Some(node) = self.arena.get(scope.node) else {
            return Ok(Ok(Unevaluated::default()));
        };
        let unevaluated = Unevaluated::of(value, node, caller_needs);
        let mut frame = Frame {
            node,
            scope,
            quick,
            unevaluated,
            errors: Vec::new(),
        };
        let keywords = match &node.body {
            Body::Bool(true) => return Ok(Ok(frame.unevaluated)),
            Body::Bool(false) => return Ok(Err(self.error(&frame, || ErrorKind::FalseSchema))),
            Body::Keywords(keywords) => keywords,
        };
        if let Some(same) = scope.cycle() {
            return Ok(Err(self.error(&frame, || ErrorKind::RefCycle {
                url: node.location.clone(),
                first: self.keyword_path(scope),
                second: self.keyword_path(same),
            })));
        }
        // These end the checks of the schema at once.
        if let Some(kind) = self.check_plainly(keywords, value)? {
            return Ok(Err(self.error(&frame, || kind)));
        }
        if let Some(target) = keywords.reference {
            let failed = self.refer(&mut frame, "$ref", target, value)?;
            if node.draft < Draft::Draft2019 {
                return Ok(match failed {
                    Some(error) => Err(error),
                    None => Ok(frame.unevaluated),
                });
            }
            frame.errors.extend(failed);
        }
        match value {
            Doc::Object(object) => self.object(&mut frame, keywords, object, value)?,
            Doc::Array(items) => self.array(&mut frame, keywords, items)?,
            Doc::String(text) => self.string(&mut frame, keywords, text),
            Doc::Number(number) => self.number(&mut frame, keywords, number),
            Doc::Null | Doc::Bool(_) => {}
        }
        if frame.errors.is_empty() || !quick {
            if node.draft >= Draft::Draft2019 {
                self.references(&mut frame, keywords, value)?;
            }
            self.combinations(&mut frame, keywords, value)?;
            if node.draft >= Draft::Draft2019 {
                self.leftovers(&mut frame, keywords, value)?;
            }
        }
        let mut errors = std::mem::take(&mut frame.errors);
        Ok(match errors.len() {
            0 => Ok(frame.unevaluated),
            1 => errors.pop().map_or(Ok(frame.unevaluated), Err),
            _ => {
                let mut group = self.error(&frame, || ErrorKind::Group);
                group.causes = errors;
                Err(group)
            }
        })
    }

    fn spend(&mut self, steps: usize) -> Result<(), Limit> {
        self.steps = self
            .steps
            .checked_sub(steps)
            .ok_or(Limit::Steps { limit: MAX_STEPS })?;
        Ok(())
    }

    /// `type`, `const`, `enum`, `format`.
    fn check_plainly(&mut self, keywords: &Keywords, value: &Doc) -> Result<Option<ErrorKind>, Limit> {
        let ty = value.ty();
        if !keywords.types.is_empty() {
            let fits =
                keywords.types.contains(ty) || keywords.types.contains(DocType::Integer) && is_integer(value);
            if !fits {
                return Ok(Some(ErrorKind::Type {
                    got: ty.name(),
                    want: keywords.types.names(),
                }));
            }
        }
        if let Some(want) = &keywords.constant
            && !value.equals(want)
        {
            return Ok(Some(ErrorKind::Const { want: want.clone() }));
        }
        if let Some(want) = &keywords.enumeration {
            self.spend(want.len())?;
            if !want.iter().any(|item| value.equals(item)) {
                return Ok(Some(ErrorKind::Enum { want: want.clone() }));
            }
        }
        if let Some(format) = keywords.format
            && let Doc::String(text) = value
            && let Err(Problem(problem)) = format.check(text)
        {
            return Ok(Some(ErrorKind::Format {
                got: value.clone(),
                want: format.name(),
                problem,
            }));
        }
        Ok(None)
    }

    fn string(&self, frame: &mut Frame<'_, 'a>, keywords: &Keywords, text: &GoStr) {
        if keywords.min_length.is_some() || keywords.max_length.is_some() {
            let length = text.runes().count();
            self.at_least(frame, "minLength", length, keywords.min_length);
            self.at_most(frame, "maxLength", length, keywords.max_length);
        }
        if let Some((regex, pattern)) = &keywords.pattern
            && !regex.is_match(text.as_bytes())
        {
            self.fail(frame, || ErrorKind::Pattern {
                got: text.clone(),
                want: pattern.clone(),
            });
        }
    }

    fn at_least(&self, frame: &mut Frame<'_, 'a>, keyword: &'static str, got: usize, want: Option<i64>) {
        if let Some(want) = want.filter(|want| i64::try_from(got).is_ok_and(|got| got < *want)) {
            self.fail(frame, || ErrorKind::Count { keyword, got, want });
        }
    }

    fn at_most(&self, frame: &mut Frame<'_, 'a>, keyword: &'static str, got: usize, want: Option<i64>) {
        if let Some(want) = want.filter(|want| !i64::try_from(got).is_ok_and(|got| got <= *want)) {
            self.fail(frame, || ErrorKind::Count { keyword, got, want });
        }
    }

    fn number(&self, frame: &mut Frame<'_, 'a>, keywords: &Keywords, number: &Number) {
        let checks = [
            ("minimum", &keywords.minimum),
            ("maximum", &keywords.maximum),
            ("exclusiveMinimum", &keywords.exclusive_minimum),
            ("exclusiveMaximum", &keywords.exclusive_maximum),
            ("multipleOf", &keywords.multiple_of),
        ];
        if checks.iter().all(|(_, want)| want.is_none()) {
            return;
        }
        let Some(got) = number.decimal() else { return };
        for (keyword, want) in checks {
            let Some(want) = want else { continue };
            let fits = match keyword {
                "minimum" => got >= *want,
                "maximum" => got <= *want,
                "exclusiveMinimum" => got > *want,
                "exclusiveMaximum" => got < *want,
                _ => got.is_multiple_of(want),
            };
            if !fits {
                let (got, want) = (got.clone(), want.clone());
                self.fail(frame, || ErrorKind::Bound { keyword, got, want });
            }
        }
    }

    /// `$recursiveRef`, `$dynamicRef`.
    fn references(
        &mut self,
        frame: &mut Frame<'_, 'a>,
        keywords: &Keywords,
        value: &Doc,
    ) -> Result<(), Limit> {
        if let Some(target) = keywords.recursive_ref {
            let dynamic = self
                .arena
                .get(target)
                .and_then(Node::keywords)
                .is_some_and(|target| target.recursive_anchor);
            let target = if dynamic {
                self.recursive_anchor(frame.scope, target)
            } else {
                target
            };
            let failed = self.refer(frame, "$recursiveRef", target, value)?;
            frame.errors.extend(failed);
        }
        if let Some(reference) = &keywords.dynamic_ref {
            let named = self
                .arena
                .get(reference.target)
                .and_then(Node::keywords)
                .map(|target| &target.dynamic_anchor);
            let dynamic = !reference.anchor.is_empty() && named == Some(&reference.anchor);
            let target = if dynamic {
                self.dynamic_anchor(frame.scope, &reference.anchor, reference.target)
            } else {
                reference.target
            };
            let failed = self.refer(frame, "$dynamicRef", target, value)?;
            frame.errors.extend(failed);
        }
        Ok(())
    }

    fn recursive_anchor(&self, scope: &Scope<'_>, fallback: NodeId) -> NodeId {
        let resource_is_anchor = |scope: &&Scope<'_>| {
            let resource = self
                .arena
                .get(scope.node)
                .and_then(|node| self.arena.get(node.resource));
            resource
                .and_then(Node::keywords)
                .is_some_and(|keywords| keywords.recursive_anchor)
        };
        scope
            .chain()
            .filter(resource_is_anchor)
            .last()
            .map_or(fallback, |scope| scope.node)
    }

    fn dynamic_anchor(&self, scope: &Scope<'_>, name: &str, fallback: NodeId) -> NodeId {
        let anchored = |scope: &Scope<'_>| {
            let resource = self
                .arena
                .get(scope.node)
                .and_then(|node| self.arena.get(node.resource));
            resource.and_then(|resource| resource.dynamic_anchors.get(name).copied())
        };
        scope.chain().filter_map(anchored).last().unwrap_or(fallback)
    }

    /// Applies what a reference points to; the error says which reference it was.
    fn refer(
        &mut self,
        frame: &mut Frame<'_, 'a>,
        keyword: &'static str,
        target: NodeId,
        value: &Doc,
    ) -> Result<Option<ValidationError>, Limit> {
        let Some(error) = self.same_value(frame, target, value, keyword, false)? else {
            return Ok(None);
        };
        let url = self
            .arena
            .get(target)
            .map(|node| node.location.clone())
            .unwrap_or_default();
        let mut reference = self.error(frame, || ErrorKind::Reference { keyword, url });
        reference.causes = match error.kind {
            ErrorKind::Group => error.causes,
            _ => vec![error],
        };
        Ok(Some(reference))
    }

    /// `not`, `allOf`, `anyOf`, `oneOf`, `if`.
    fn combinations(
        &mut self,
        frame: &mut Frame<'_, 'a>,
        keywords: &Keywords,
        value: &Doc,
    ) -> Result<(), Limit> {
        if let Some(not) = keywords.not
            && self.same_value(frame, not, value, "", true)?.is_none()
        {
            self.fail(frame, || ErrorKind::Not);
        }
        if !keywords.all_of.is_empty() {
            let mut errors = Vec::new();
            for schema in &keywords.all_of {
                errors.extend(self.same_value(frame, *schema, value, "", false)?);
                if frame.quick && !errors.is_empty() {
                    break;
                }
            }
            if !errors.is_empty() {
                self.fail_because(frame, errors, || ErrorKind::AllOf);
            }
        }
        if !keywords.any_of.is_empty() {
            let mut errors = Vec::new();
            let mut matched = false;
            for schema in &keywords.any_of {
                match self.same_value(frame, *schema, value, "", false)? {
                    Some(error) => errors.push(error),
                    None => {
                        matched = true;
                        // What is left unevaluated depends on every alternative.
                        if frame.unevaluated.is_empty() {
                            break;
                        }
                    }
                }
            }
            if !matched {
                self.fail_because(frame, errors, || ErrorKind::AnyOf);
            }
        }
        if !keywords.one_of.is_empty() {
            let mut errors = Vec::new();
            let mut matched = None;
            for (index, schema) in keywords.one_of.iter().enumerate() {
                match (
                    self.same_value(frame, *schema, value, "", matched.is_some())?,
                    matched,
                ) {
                    (Some(error), None) => errors.push(error),
                    (Some(_), Some(_)) => {}
                    (None, None) => matched = Some(index),
                    (None, Some(first)) => {
                        self.fail(frame, || ErrorKind::OneOf {
                            matched: Some((first, index)),
                        });
                        break;
                    }
                }
            }
            if matched.is_none() {
                self.fail_because(frame, errors, || ErrorKind::OneOf { matched: None });
            }
        }
        if let Some(condition) = keywords.condition {
            let holds = self.same_value(frame, condition, value, "", true)?.is_none();
            if let Some(branch) = if holds { keywords.then } else { keywords.otherwise } {
                let failed = self.same_value(frame, branch, value, "", false)?;
                frame.errors.extend(failed);
            }
        }
        Ok(())
    }

    /// Applies another schema to the same value.
    fn same_value(
        &mut self,
        frame: &mut Frame<'_, 'a>,
        node: NodeId,
        value: &Doc,
        reference: &'static str,
        quick: bool,
    ) -> Result<Option<ValidationError>, Limit> {
        let scope = self.scope(frame.scope, node, reference, frame.scope.value);
        let needed = !frame.unevaluated.is_empty();
        Ok(match self.apply(&scope, value, frame.quick || quick, needed)? {
            Ok(unevaluated) => {
                frame.unevaluated.keep_only(&unevaluated);
                None
            }
            Err(error) => Some(error),
        })
    }

    /// Applies a schema to a value inside the current one.
    fn inner_value(
        &mut self,
        frame: &mut Frame<'_, 'a>,
        node: NodeId,
        value: &Doc,
        token: GoStr,
    ) -> Result<Option<ValidationError>, Limit> {
        self.path.push(token);
        let scope = self.scope(frame.scope, node, "", frame.scope.value + 1);
        let outcome = self.apply(&scope, value, frame.quick, false);
        self.path.pop();
        Ok(outcome?.err())
    }

    /// The scope of a schema applied within `parent`. Where a metaschema would apply to an embedded resource, the
    /// metaschema of the resource's own draft takes over.
    fn scope<'s>(
        &self,
        parent: &'s Scope<'s>,
        node: NodeId,
        reference: &'static str,
        value: usize,
    ) -> Scope<'s> {
        let own = self.meta.filter(|_| parent.meta == Some(node)).and_then(|meta| {
            if meta.resources.len() == 1 && !self.path.is_empty() {
                // Nothing is embedded.
                return None;
            }
            let resource = meta.resources.get(&pointer_of(&self.path))?;
            meta.metaschemas.root(resource.dialect.draft)
        });
        let depth = parent.depth + 1;
        let (node, meta) = own.map_or((node, parent.meta), |own| (own, Some(own)));
        Scope {
            node,
            reference,
            value,
            depth,
            meta,
            parent: Some(parent),
        }
    }

    /// The keywords that led to a scope, for the message about a cycle.
    fn keyword_path(&self, scope: &Scope<'_>) -> String {
        let mut path = String::new();
        for scope in scope.chain() {
            let Some(parent) = scope.parent else { break };
            if scope.reference.is_empty() {
                let location = |id| self.arena.get(id).map_or("", |node| node.location.as_str());
                let below = location(scope.node)
                    .get(location(parent.node).len()..)
                    .unwrap_or_default();
                path.insert_str(0, below);
            } else {
                path.insert_str(0, &format!("/{}", escape(scope.reference)));
            }
        }
        path
    }

    fn error(&self, frame: &Frame<'_, 'a>, kind: impl FnOnce() -> ErrorKind) -> ValidationError {
        if frame.quick {
            return ValidationError {
                schema: String::new(),
                instance: Vec::new(),
                kind: ErrorKind::Unsaid,
                causes: Vec::new(),
            };
        }
        ValidationError {
            schema: frame.node.location.clone(),
            instance: self.path.clone(),
            kind: kind(),
            causes: Vec::new(),
        }
    }

    fn fail(&self, frame: &mut Frame<'_, 'a>, kind: impl FnOnce() -> ErrorKind) {
        let error = self.error(frame, kind);
        frame.errors.push(error);
    }

    fn fail_because(
        &self,
        frame: &mut Frame<'_, 'a>,
        causes: Vec<ValidationError>,
        kind: impl FnOnce() -> ErrorKind,
    ) {
        let error = self.error(frame, kind);
        frame.errors.push(ValidationError { causes, ..error });
    }
}

pub(super) fn is_integer(value: &Doc) -> bool {
    match value {
        Doc::Number(Number::Int(_)) => true,
        Doc::Number(number) => number.decimal().is_some_and(|number| number.is_integer()),
        _ => false,
    }
}

/// An index as a token of a path.
fn index_token(index: impl Display) -> GoStr {
    index.to_string().into()
}

impl<'s> Scope<'s> {
    /// This scope and those around it.
    fn chain(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |scope| scope.parent)
    }

    /// The scope in which the same schema is already applied to the same value.
    fn cycle(&self) -> Option<&Self> {
        let around = std::iter::successors(self.parent, |scope| scope.parent);
        around
            .take_while(|scope| scope.value == self.value)
            .find(|scope| scope.node == self.node)
    }
}
