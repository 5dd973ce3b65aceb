//! Fields from a `values.schema.json`, drafts 4 to 2020-12.
//!
//! A form needs less than a validator: `$ref` within the file, `allOf` as all of it together, `anyOf` and `oneOf` as
//! what any of them allows. Conditions (`if`, `not`, `dependencies`) restrict and are left to the validator. A schema
//! may contain itself and may be hostile: depth and steps are limited.

use std::cell::Cell;
use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{Bounds, FORM, Field, Fields, MAX_ITEM_DEPTH, MAX_ITEM_FIELDS, Type};
use crate::Path;

/// Schemas within schemas, be it by properties, references or combinations.
const MAX_DEPTH: usize = 40;
/// Schemas looked at, all in all.
const MAX_STEPS: usize = 200_000;
/// Choices that a form can show.
const MAX_CHOICES: usize = 1_000;
/// Properties that one value's schema may have where several are put together.
const MAX_PROPERTIES: usize = 2_000;

pub(super) struct Reader<'s> {
    root: &'s Value,
    steps_left: Cell<usize>,
}

/// What a schema says about one value, its parts put together.
#[derive(Debug, Clone, Default)]
struct Shape<'s> {
    types: Vec<Type>,
    title: Option<&'s str>,
    description: Option<&'s str>,
    default: Option<&'s Value>,
    choices: Vec<&'s Value>,
    bounds: Bounds,
    pattern: Option<&'s str>,
    format: Option<&'s str>,
    deprecated: bool,
    write_only: bool,
    in_form: bool,
    open: bool,
    properties: Vec<(&'s str, &'s Value)>,
    required: Vec<&'s str>,
    items: Option<&'s Value>,
    /// The references that were followed: one that is met again below is not.
    references: Vec<&'s str>,
}

impl<'s> Reader<'s> {
    pub(super) fn new(root: &'s Value) -> Self {
        Self {
            root,
            steps_left: Cell::new(MAX_STEPS),
        }
    }

    /// Adds what the schema says; what is known of a field already stays unless the schema knows better.
    pub(super) fn add_to(&self, fields: &mut Fields) {
        let shape = self.shape(self.root, &[], 0);
        self.properties(&shape, &Path::root(), &shape.references, fields, 0);
    }

    fn properties(&self, shape: &Shape<'s>, at: &Path, above: &[&'s str], fields: &mut Fields, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        let required_names: HashSet<&str> = shape.required.iter().copied().collect();
        for (name, schema) in &shape.properties {
            let inner = self.shape(schema, above, 0);
            let path = at.join(*name);
            let required = required_names.contains(name);
            let Some(field) = fields.entry(&path) else { return };
            self.fill(field, &inner, required, above, 0);
            let references: Vec<&str> = above.iter().chain(&inner.references).copied().collect();
            self.properties(&inner, &path, &references, fields, depth + 1);
        }
    }

    fn fill(&self, field: &mut Field, inner: &Shape<'s>, required: bool, above: &[&'s str], depth: usize) {
        if !inner.types.is_empty() {
            field.types.clone_from(&inner.types);
        }
        field.title = inner.title.map(str::to_owned);
        if field.description.is_none() {
            field.description = inner.description.map(str::to_owned);
        }
        if field.default.is_none() {
            field.default = inner.default.cloned();
        }
        field.choices = choices(inner);
        field.bounds = inner.bounds.clone();
        field.pattern = inner.pattern.map(str::to_owned);
        field.secret |= inner.write_only || inner.format == Some("password");
        field.format = if inner.in_form {
            Some(FORM.to_owned())
        } else {
            inner.format.map(str::to_owned)
        };
        field.required = required;
        field.deprecated |= inner.deprecated;
        field.open = inner.open;
        let Some(items) = inner.items else { return };
        let items = self.shape(items, above, 0);
        field.item_types.clone_from(&items.types);
        field.item_choices = choices(&items);
        let mut known = std::mem::take(&mut field.item_fields);
        let references: Vec<&str> = above.iter().chain(&items.references).copied().collect();
        for (name, schema) in items.properties.iter().take(MAX_ITEM_FIELDS) {
            let path = Path::of_keys([*name]);
            let place = known.iter().position(|field| field.path == path);
            let mut inner = place.map_or_else(Field::default, |place| known.remove(place));
            inner.path = path;
            let mut shape = self.shape(schema, &references, 0);
            if depth >= MAX_ITEM_DEPTH {
                shape.items = None;
            }
            let references: Vec<&str> = references.iter().chain(&shape.references).copied().collect();
            self.fill(
                &mut inner,
                &shape,
                items.required.contains(name),
                &references,
                depth + 1,
            );
            field.item_fields.push(inner);
        }
        field.item_fields.extend(known);
    }

    fn shape(&self, schema: &'s Value, above: &[&'s str], depth: usize) -> Shape<'s> {
        let mut shape = Shape::default();
        let steps = self.steps_left.get();
        let Value::Object(object) = schema else {
            return shape;
        };
        if depth > MAX_DEPTH || steps == 0 {
            shape.open = true;
            return shape;
        }
        self.steps_left.set(steps - 1);
        shape.read(object);
        if let Some(reference) = text(object, "$ref") {
            if above.contains(&reference) || shape.references.contains(&reference) {
                shape.open = true;
            } else if let Some(target) = self.target(reference) {
                let longer: Vec<&str> = above.iter().copied().chain([reference]).collect();
                let referred = self.shape(target, &longer, depth + 1);
                shape.references.push(reference);
                shape.and(referred);
            }
        }
        for part in array(object, "allOf") {
            let part = self.shape(part, above, depth + 1);
            shape.and(part);
        }
        for keyword in ["anyOf", "oneOf"] {
            let parts = array(object, keyword);
            let alternatives = parts.iter().map(|part| self.shape(part, above, depth + 1));
            if let Some(any) = alternatives.reduce(Shape::or) {
                shape.and(any);
            }
        }
        shape
    }

    /// What a reference within the file points to.
    fn target(&self, reference: &str) -> Option<&'s Value> {
        let fragment = reference.strip_prefix('#')?;
        if fragment.is_empty() {
            return Some(self.root);
        }
        if fragment.starts_with('/') {
            return self.root.pointer(&decode(fragment));
        }
        // `$anchor`, and `$id: "#name"` before there were anchors, where definitions keep them.
        let named = |schema: &&Value| {
            let object = schema.as_object();
            object.is_some_and(|object| {
                text(object, "$anchor") == Some(fragment)
                    || text(object, "$id") == Some(reference)
                    || text(object, "id") == Some(reference)
            })
        };
        ["$defs", "definitions"]
            .iter()
            .filter_map(|keyword| self.root.get(keyword)?.as_object())
            .flat_map(Map::values)
            .find(named)
    }
}

fn choices(shape: &Shape<'_>) -> Vec<Value> {
    let choices = shape.choices.iter().take(MAX_CHOICES);
    choices.map(|choice| (*choice).clone()).collect()
}

impl<'s> Shape<'s> {
    /// The keywords of one schema, without those that combine others.
    fn read(&mut self, object: &'s Map<String, Value>) {
        self.types = match object.get("type") {
            Some(Value::String(name)) => Type::from_name(name).into_iter().collect(),
            Some(Value::Array(names)) => names
                .iter()
                .filter_map(|name| Type::from_name(name.as_str()?))
                .collect(),
            _ => Vec::new(),
        };
        self.title = text(object, "title");
        self.description = text(object, "description");
        self.default = object.get("default");
        self.choices = match object.get("const") {
            Some(only) => vec![only],
            None => array(object, "enum").iter().collect(),
        };
        self.pattern = text(object, "pattern");
        self.format = text(object, "format");
        self.deprecated = flag(object, "deprecated") || flag(object, "x-deprecated");
        self.write_only = flag(object, "writeOnly");
        self.in_form = flag(object, "form");
        if let Some(Value::Object(properties)) = object.get("properties") {
            self.properties = properties
                .iter()
                .map(|(name, schema)| (name.as_str(), schema))
                .collect();
            if self.types.is_empty() {
                self.types.push(Type::Object);
            }
        }
        self.required = array(object, "required")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        self.items = match object.get("items") {
            Some(Value::Array(tuple)) => tuple.first(),
            other => other,
        };
        let takes_more = match object.get("additionalProperties") {
            Some(Value::Bool(more)) => *more,
            Some(_) => true,
            None => self.properties.is_empty(),
        };
        self.open =
            self.types.contains(&Type::Object) && takes_more || object.contains_key("patternProperties");
        self.bounds = bounds(object);
    }

    /// Both hold.
    fn and(&mut self, other: Self) {
        let both: Vec<Type> = self
            .types
            .iter()
            .copied()
            .filter(|kind| other.types.contains(kind))
            .collect();
        if self.types.is_empty() {
            self.types = other.types;
        } else if !both.is_empty() {
            self.types = both;
        }
        self.title = self.title.or(other.title);
        self.description = self.description.or(other.description);
        self.default = self.default.or(other.default);
        if self.choices.is_empty() {
            self.choices = other.choices;
        } else if !other.choices.is_empty() {
            self.choices.retain(|choice| other.choices.contains(choice));
        }
        self.bounds.and(other.bounds);
        self.pattern = self.pattern.or(other.pattern);
        self.format = self.format.or(other.format);
        self.deprecated |= other.deprecated;
        self.write_only |= other.write_only;
        self.in_form |= other.in_form;
        self.open = if self.properties.is_empty() && other.properties.is_empty() {
            self.open || other.open
        } else {
            false
        };
        self.add_properties(other.properties);
        self.required.extend(other.required);
        self.items = self.items.or(other.items);
        self.references.extend(other.references);
    }

    /// One of both holds.
    fn or(mut self, other: Self) -> Self {
        let null_alone = |shape: &Self| shape.types == [Type::Null];
        if null_alone(&other) || null_alone(&self) {
            let mut kept = if null_alone(&other) { self } else { other };
            if !kept.types.is_empty() && !kept.types.contains(&Type::Null) {
                kept.types.push(Type::Null);
            }
            return kept;
        }
        if self.types.is_empty() || other.types.is_empty() {
            self.types.clear();
        } else {
            for kind in other.types {
                if !self.types.contains(&kind) {
                    self.types.push(kind);
                }
            }
        }
        if self.choices.is_empty() || other.choices.is_empty() {
            self.choices.clear();
        } else {
            for choice in other.choices {
                if !self.choices.contains(&choice) {
                    self.choices.push(choice);
                }
            }
        }
        if self.bounds != other.bounds {
            self.bounds = Bounds::default();
        }
        if self.pattern != other.pattern {
            self.pattern = None;
        }
        if self.format != other.format {
            self.format = None;
        }
        self.title = self.title.or(other.title);
        self.description = self.description.or(other.description);
        self.default = self.default.or(other.default);
        self.write_only |= other.write_only;
        self.deprecated &= other.deprecated;
        self.in_form |= other.in_form;
        self.open |= other.open;
        self.add_properties(other.properties);
        self.required.retain(|name| other.required.contains(name));
        self.items = self.items.or(other.items);
        self.references.extend(other.references);
        self
    }

    fn add_properties(&mut self, more: Vec<(&'s str, &'s Value)>) {
        for (name, schema) in more {
            if self.properties.len() >= MAX_PROPERTIES {
                return;
            }
            if !self.properties.iter().any(|(known, _)| *known == name) {
                self.properties.push((name, schema));
            }
        }
    }
}

impl Bounds {
    /// The narrower of both.
    fn and(&mut self, other: Self) {
        let tighter = |mine: Option<f64>, theirs: Option<f64>, pick: fn(f64, f64) -> f64| match (mine, theirs)
        {
            (Some(mine), Some(theirs)) => Some(pick(mine, theirs)),
            (mine, theirs) => mine.or(theirs),
        };
        let count = |mine: Option<u64>, theirs: Option<u64>, pick: fn(u64, u64) -> u64| match (mine, theirs) {
            (Some(mine), Some(theirs)) => Some(pick(mine, theirs)),
            (mine, theirs) => mine.or(theirs),
        };
        let minimum = tighter(self.minimum, other.minimum, f64::max);
        let maximum = tighter(self.maximum, other.maximum, f64::min);
        self.exclusive_minimum = (self.exclusive_minimum && self.minimum == minimum)
            || (other.exclusive_minimum && other.minimum == minimum);
        self.exclusive_maximum = (self.exclusive_maximum && self.maximum == maximum)
            || (other.exclusive_maximum && other.maximum == maximum);
        (self.minimum, self.maximum) = (minimum, maximum);
        self.multiple_of = self.multiple_of.or(other.multiple_of);
        self.min_length = count(self.min_length, other.min_length, u64::max);
        self.max_length = count(self.max_length, other.max_length, u64::min);
        self.min_items = count(self.min_items, other.min_items, u64::max);
        self.max_items = count(self.max_items, other.max_items, u64::min);
    }
}

fn bounds(object: &Map<String, Value>) -> Bounds {
    let number = |keyword: &str| object.get(keyword).and_then(Value::as_f64);
    let count = |keyword: &str| object.get(keyword).and_then(Value::as_u64);
    let mut bounds = Bounds {
        minimum: number("minimum"),
        maximum: number("maximum"),
        multiple_of: number("multipleOf"),
        min_length: count("minLength"),
        max_length: count("maxLength"),
        min_items: count("minItems"),
        max_items: count("maxItems"),
        // Draft 4 has flags, later drafts have numbers.
        exclusive_minimum: flag(object, "exclusiveMinimum"),
        exclusive_maximum: flag(object, "exclusiveMaximum"),
    };
    if let Some(above) = number("exclusiveMinimum")
        && bounds.minimum.is_none_or(|minimum| minimum <= above)
    {
        (bounds.minimum, bounds.exclusive_minimum) = (Some(above), true);
    }
    if let Some(below) = number("exclusiveMaximum")
        && bounds.maximum.is_none_or(|maximum| maximum >= below)
    {
        (bounds.maximum, bounds.exclusive_maximum) = (Some(below), true);
    }
    bounds
}

fn text<'s>(object: &'s Map<String, Value>, keyword: &str) -> Option<&'s str> {
    object.get(keyword)?.as_str()
}

fn flag(object: &Map<String, Value>, keyword: &str) -> bool {
    object.get(keyword) == Some(&Value::Bool(true))
}

fn array<'s>(object: &'s Map<String, Value>, keyword: &str) -> &'s [Value] {
    object
        .get(keyword)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// Percent signs of a URL's fragment.
fn decode(fragment: &str) -> String {
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let escaped = (*first == b'%').then(|| behind.get(..2)).flatten();
        let byte = escaped
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte {
            Some(byte) => {
                bytes.push(byte);
                rest = behind.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
