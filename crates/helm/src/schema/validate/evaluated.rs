//! Which properties and items no keyword has looked at: what `unevaluatedProperties` and `unevaluatedItems` ask.

use std::collections::BTreeSet;

use engine::value::GoStr;

use super::super::doc::Doc;
use super::super::node::Node;

/// Names and indices not evaluated so far. Empty also where nobody asks.
#[derive(Debug, Default)]
pub(super) struct Unevaluated {
    pub(super) properties: BTreeSet<GoStr>,
    pub(super) items: BTreeSet<usize>,
}

impl Unevaluated {
    /// Everything in `value`, if `node` or its caller asks for it.
    pub(super) fn of(value: &Doc, node: &Node, caller_needs: bool) -> Self {
        let mut unevaluated = Self::default();
        let keywords = node.keywords();
        match value {
            Doc::Object(object) => {
                let asks = keywords.is_some_and(|keywords| keywords.unevaluated_properties.is_some());
                if (caller_needs || asks) && !node.evaluates_all_properties() {
                    unevaluated.properties = object.keys().cloned().collect();
                }
            }
            Doc::Array(items) => {
                let asks = keywords.is_some_and(|keywords| keywords.unevaluated_items.is_some());
                if (caller_needs || asks) && !node.evaluates_all_items() {
                    unevaluated.items = (node.n_items_evaluated()..items.len()).collect();
                }
            }
            _ => {}
        }
        unevaluated
    }

    pub(super) fn is_empty(&self) -> bool {
        self.properties.is_empty() && self.items.is_empty()
    }

    /// Drops what `other` evaluated.
    pub(super) fn keep_only(&mut self, other: &Self) {
        self.properties.retain(|name| other.properties.contains(name));
        self.items.retain(|index| other.items.contains(index));
    }
}
