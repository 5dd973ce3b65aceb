//! Compiled schemas: an arena of nodes that refer to each other by number.

use std::collections::BTreeMap;

use engine::regexp::Regex;
use engine::value::GoStr;

use super::decimal::Decimal;
use super::doc::{Doc, Types};
use super::draft::Draft;
use super::format::Format;

/// A node of an [`Arena`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeId(pub(crate) usize);

/// All nodes reachable from one schema.
#[derive(Debug, Default)]
pub(crate) struct Arena {
    pub(crate) nodes: Vec<Node>,
}

impl Arena {
    /// The node, if the id is of this arena, which it always is.
    pub(crate) fn get(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.0)
    }
}

/// One schema.
#[derive(Debug)]
pub(crate) struct Node {
    /// URL and pointer, as messages print it.
    pub(crate) location: String,
    pub(crate) draft: Draft,
    /// The schema with the nearest `$id` around it, or itself.
    pub(crate) resource: NodeId,
    /// Of a resource: its schemas with `$dynamicAnchor`, by name.
    pub(crate) dynamic_anchors: BTreeMap<String, NodeId>,
    pub(crate) body: Body,
}

#[derive(Debug)]
pub(crate) enum Body {
    /// `true`, `false`, or `{}`, which is `true`.
    Bool(bool),
    Keywords(Box<Keywords>),
}

/// `additionalProperties`, `additionalItems`.
#[derive(Debug)]
pub(crate) enum Additional {
    Bool(bool),
    Schema(NodeId),
}

/// `items` up to draft 2019.
#[derive(Debug)]
pub(crate) enum Items {
    Every(NodeId),
    Each(Vec<NodeId>),
}

/// `dependencies` of one property.
#[derive(Debug)]
pub(crate) enum Dependency {
    Required(Vec<GoStr>),
    Schema(NodeId),
}

/// `$dynamicRef`.
#[derive(Debug)]
pub(crate) struct DynamicRef {
    pub(crate) target: NodeId,
    /// The anchor it names, empty for a pointer.
    pub(crate) anchor: String,
}

/// The keywords of an object schema.
#[derive(Debug, Default)]
pub(crate) struct Keywords {
    pub(crate) reference: Option<NodeId>,
    pub(crate) recursive_ref: Option<NodeId>,
    pub(crate) recursive_anchor: bool,
    pub(crate) dynamic_ref: Option<DynamicRef>,
    pub(crate) dynamic_anchor: String,
    pub(crate) types: Types,
    pub(crate) enumeration: Option<Vec<Doc>>,
    pub(crate) constant: Option<Doc>,
    pub(crate) not: Option<NodeId>,
    pub(crate) all_of: Vec<NodeId>,
    pub(crate) any_of: Vec<NodeId>,
    pub(crate) one_of: Vec<NodeId>,
    pub(crate) condition: Option<NodeId>,
    pub(crate) then: Option<NodeId>,
    pub(crate) otherwise: Option<NodeId>,
    pub(crate) format: Option<Format>,
    // Objects
    pub(crate) max_properties: Option<i64>,
    pub(crate) min_properties: Option<i64>,
    pub(crate) required: Vec<GoStr>,
    pub(crate) property_names: Option<NodeId>,
    pub(crate) properties: BTreeMap<GoStr, NodeId>,
    pub(crate) pattern_properties: Vec<(Regex, NodeId)>,
    pub(crate) additional_properties: Option<Additional>,
    pub(crate) dependencies: BTreeMap<GoStr, Dependency>,
    pub(crate) dependent_required: BTreeMap<GoStr, Vec<GoStr>>,
    pub(crate) dependent_schemas: BTreeMap<GoStr, NodeId>,
    pub(crate) unevaluated_properties: Option<NodeId>,
    // Arrays
    pub(crate) min_items: Option<i64>,
    pub(crate) max_items: Option<i64>,
    pub(crate) unique_items: bool,
    pub(crate) contains: Option<NodeId>,
    pub(crate) min_contains: Option<i64>,
    pub(crate) max_contains: Option<i64>,
    pub(crate) items: Option<Items>,
    pub(crate) additional_items: Option<Additional>,
    pub(crate) prefix_items: Vec<NodeId>,
    pub(crate) items_2020: Option<NodeId>,
    pub(crate) unevaluated_items: Option<NodeId>,
    // Strings
    pub(crate) min_length: Option<i64>,
    pub(crate) max_length: Option<i64>,
    pub(crate) pattern: Option<(Regex, String)>,
    // Numbers
    pub(crate) maximum: Option<Decimal>,
    pub(crate) minimum: Option<Decimal>,
    pub(crate) exclusive_maximum: Option<Decimal>,
    pub(crate) exclusive_minimum: Option<Decimal>,
    pub(crate) multiple_of: Option<Decimal>,
}

impl Node {
    pub(crate) fn keywords(&self) -> Option<&Keywords> {
        match &self.body {
            Body::Keywords(keywords) => Some(keywords),
            Body::Bool(_) => None,
        }
    }

    /// Whether every property is evaluated by this schema itself.
    pub(crate) fn evaluates_all_properties(&self) -> bool {
        self.keywords()
            .is_some_and(|keywords| keywords.additional_properties.is_some())
    }

    /// Whether every item is evaluated by this schema itself.
    pub(crate) fn evaluates_all_items(&self) -> bool {
        self.keywords().is_some_and(|keywords| {
            if self.draft < Draft::Draft2020 {
                keywords.additional_items.is_some() || matches!(keywords.items, Some(Items::Every(_)))
            } else {
                keywords.items_2020.is_some()
            }
        })
    }

    /// How many leading items are evaluated by this schema itself.
    pub(crate) fn n_items_evaluated(&self) -> usize {
        self.keywords().map_or(0, |keywords| match &keywords.items {
            Some(Items::Each(items)) if self.draft < Draft::Draft2020 => items.len(),
            _ => keywords.prefix_items.len(),
        })
    }
}
