//! Keywords of arrays.

use std::collections::HashMap;

use super::super::doc::Doc;
use super::super::draft::Draft;
use super::super::error::ErrorKind;
use super::super::node::{Additional, Items, Keywords, NodeId};
use super::{Frame, Limit, Run, index_token};

/// Up to here, comparing all pairs is faster than hashing.
const FEW: usize = 20;

impl<'a> Run<'a> {
    pub(super) fn array(
        &mut self,
        frame: &mut Frame<'_, 'a>,
        keywords: &Keywords,
        items: &[Doc],
    ) -> Result<(), Limit> {
        self.at_least(frame, "minItems", items.len(), keywords.min_items);
        self.at_most(frame, "maxItems", items.len(), keywords.max_items);
        if keywords.unique_items
            && let Some((first, second)) = self.duplicates(items)?
        {
            self.fail(frame, || ErrorKind::UniqueItems { first, second });
        }
        if frame.node.draft < Draft::Draft2020 {
            self.items_of_old(frame, keywords, items)?;
        } else {
            let evaluated = keywords.prefix_items.len().min(items.len());
            for ((index, item), schema) in items.iter().enumerate().zip(&keywords.prefix_items) {
                self.item(frame, *schema, item, index)?;
            }
            if let Some(schema) = keywords.items_2020 {
                // The library counts the rest from zero again, and so do Helm's messages.
                for (index, item) in items.iter().skip(evaluated).enumerate() {
                    self.item(frame, schema, item, index)?;
                }
            }
        }
        if let Some(schema) = keywords.contains {
            self.contains(frame, keywords, schema, items)?;
        }
        Ok(())
    }

    fn item(
        &mut self,
        frame: &mut Frame<'_, 'a>,
        schema: NodeId,
        item: &Doc,
        index: usize,
    ) -> Result<(), Limit> {
        let failed = self.inner_value(frame, schema, item, index_token(index))?;
        frame.errors.extend(failed);
        Ok(())
    }

    /// `items` and `additionalItems` up to draft 2019.
    fn items_of_old(
        &mut self,
        frame: &mut Frame<'_, 'a>,
        keywords: &Keywords,
        items: &[Doc],
    ) -> Result<(), Limit> {
        let evaluated = match &keywords.items {
            Some(Items::Every(schema)) => {
                for (index, item) in items.iter().enumerate() {
                    self.item(frame, *schema, item, index)?;
                }
                items.len()
            }
            Some(Items::Each(schemas)) => {
                for ((index, item), schema) in items.iter().enumerate().zip(schemas) {
                    self.item(frame, *schema, item, index)?;
                }
                schemas.len().min(items.len())
            }
            None => 0,
        };
        match &keywords.additional_items {
            Some(Additional::Bool(false)) if evaluated != items.len() => {
                self.fail(frame, || ErrorKind::AdditionalItems {
                    count: items.len() - evaluated,
                });
            }
            Some(Additional::Schema(schema)) => {
                for (index, item) in items.iter().skip(evaluated).enumerate() {
                    self.item(frame, *schema, item, index)?;
                }
            }
            Some(Additional::Bool(_)) | None => {}
        }
        Ok(())
    }

    fn contains(
        &mut self,
        frame: &mut Frame<'_, 'a>,
        keywords: &Keywords,
        schema: NodeId,
        items: &[Doc],
    ) -> Result<(), Limit> {
        let mut errors = Vec::new();
        let mut matched = Vec::new();
        for (index, item) in items.iter().enumerate() {
            match self.inner_value(frame, schema, item, index_token(index))? {
                Some(error) => errors.push(error),
                None => {
                    matched.push(index);
                    if frame.node.draft >= Draft::Draft2020 {
                        frame.unevaluated.items.remove(&index);
                    }
                }
            }
        }
        let count = i64::try_from(matched.len()).unwrap_or(i64::MAX);
        match keywords.min_contains {
            Some(want) if count < want => {
                let matched = matched.clone();
                self.fail_because(frame, errors, || ErrorKind::MinContains { matched, want });
            }
            None if matched.is_empty() => self.fail_because(frame, errors, || ErrorKind::Contains),
            _ => {}
        }
        if let Some(want) = keywords.max_contains.filter(|want| count > *want) {
            self.fail(frame, || ErrorKind::MaxContains { matched, want });
        }
        Ok(())
    }

    /// The first item that equals one before it, and that one.
    fn duplicates(&mut self, items: &[Doc]) -> Result<Option<(usize, usize)>, Limit> {
        if items.len() <= FEW {
            for (second, item) in items.iter().enumerate() {
                if let Some(first) = items.iter().take(second).position(|earlier| earlier.equals(item)) {
                    return Ok(Some((first, second)));
                }
            }
            return Ok(None);
        }
        let mut seen: HashMap<u64, Vec<usize>> = HashMap::new();
        for (second, item) in items.iter().enumerate() {
            let same_hash = seen.entry(item.hash()).or_default();
            self.spend(1 + same_hash.len())?;
            let equal = |first: &&usize| items.get(**first).is_some_and(|earlier| earlier.equals(item));
            if let Some(first) = same_hash.iter().find(equal) {
                return Ok(Some((*first, second)));
            }
            same_hash.push(second);
        }
        Ok(None)
    }
}
