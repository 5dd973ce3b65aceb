//! Keywords of objects.

use engine::value::GoStr;

use super::super::doc::{Doc, Object};
use super::super::draft::Draft;
use super::super::error::ErrorKind;
use super::super::node::{Additional, Dependency, Keywords};
use super::{Frame, Limit, Run};

impl<'a> Run<'a> {
    pub(super) fn object(
        &mut self,
        frame: &mut Frame<'_, 'a>,
        keywords: &Keywords,
        object: &Object,
        value: &Doc,
    ) -> Result<(), Limit> {
        self.at_least(frame, "minProperties", object.len(), keywords.min_properties);
        self.at_most(frame, "maxProperties", object.len(), keywords.max_properties);
        self.require(frame, object, &keywords.required, |missing| ErrorKind::Required {
            missing,
        });
        if frame.quick && !frame.errors.is_empty() {
            return Ok(());
        }
        for (property, dependency) in &keywords.dependencies {
            if !object.contains_key(property) {
                continue;
            }
            match dependency {
                Dependency::Required(names) => {
                    self.require_with(frame, object, "dependency", property, names);
                }
                Dependency::Schema(schema) => {
                    let failed = self.same_value(frame, *schema, value, "", false)?;
                    frame.errors.extend(failed);
                }
            }
        }
        self.properties(frame, keywords, object)?;
        if frame.node.draft == Draft::Draft4 {
            return Ok(());
        }
        if let Some(schema) = keywords.property_names {
            for property in object.keys() {
                // A validation of its own: errors are about the name, which has no place in the values.
                let path = std::mem::take(&mut self.path);
                let outcome = self.fresh(schema, &Doc::String(property.clone()), frame.quick);
                self.path = path;
                if let Err(error) = outcome? {
                    let mut error = self.as_schema_error(schema, error);
                    error.kind = ErrorKind::PropertyNames {
                        property: property.clone(),
                    };
                    frame.errors.push(error);
                }
            }
        }
        if frame.node.draft == Draft::Draft6 {
            return Ok(());
        }
        for (property, schema) in &keywords.dependent_schemas {
            if object.contains_key(property) {
                let failed = self.same_value(frame, *schema, value, "", false)?;
                frame.errors.extend(failed);
            }
        }
        for (property, names) in &keywords.dependent_required {
            if object.contains_key(property) {
                self.require_with(frame, object, "dependentRequired", property, names);
            }
        }
        Ok(())
    }

    /// `properties`, `patternProperties`, `additionalProperties`.
    fn properties(
        &mut self,
        frame: &mut Frame<'_, 'a>,
        keywords: &Keywords,
        object: &Object,
    ) -> Result<(), Limit> {
        let mut refused = Vec::new();
        for (name, value) in object {
            if frame.quick && !frame.errors.is_empty() {
                return Ok(());
            }
            let mut evaluated = false;
            if let Some(schema) = keywords.properties.get(name) {
                evaluated = true;
                let failed = self.inner_value(frame, *schema, value, name.clone())?;
                frame.errors.extend(failed);
            }
            self.spend(keywords.pattern_properties.len())?;
            for (regex, schema) in &keywords.pattern_properties {
                if regex.is_match(name.as_bytes()) {
                    evaluated = true;
                    let failed = self.inner_value(frame, *schema, value, name.clone())?;
                    frame.errors.extend(failed);
                }
            }
            match &keywords.additional_properties {
                Some(additional) if !evaluated => {
                    evaluated = true;
                    match additional {
                        Additional::Bool(true) => {}
                        Additional::Bool(false) => refused.push(name.clone()),
                        Additional::Schema(schema) => {
                            let failed = self.inner_value(frame, *schema, value, name.clone())?;
                            frame.errors.extend(failed);
                        }
                    }
                }
                _ => {}
            }
            if evaluated {
                frame.unevaluated.properties.remove(name);
            }
        }
        if !refused.is_empty() {
            self.fail(frame, || ErrorKind::AdditionalProperties { properties: refused });
        }
        Ok(())
    }

    fn require_with(
        &self,
        frame: &mut Frame<'_, 'a>,
        object: &Object,
        keyword: &'static str,
        property: &GoStr,
        names: &[GoStr],
    ) {
        self.require(frame, object, names, |missing| ErrorKind::Dependency {
            keyword,
            property: property.clone(),
            missing,
        });
    }

    fn require(
        &self,
        frame: &mut Frame<'_, 'a>,
        object: &Object,
        names: &[GoStr],
        kind: impl FnOnce(Vec<GoStr>) -> ErrorKind,
    ) {
        let missing: Vec<GoStr> = names
            .iter()
            .filter(|name| !object.contains_key(*name))
            .cloned()
            .collect();
        if !missing.is_empty() {
            self.fail(frame, || kind(missing));
        }
    }

    /// `unevaluatedProperties`, `unevaluatedItems`.
    pub(super) fn leftovers(
        &mut self,
        frame: &mut Frame<'_, 'a>,
        keywords: &Keywords,
        value: &Doc,
    ) -> Result<(), Limit> {
        match value {
            Doc::Object(object) => {
                let Some(schema) = keywords.unevaluated_properties else {
                    return Ok(());
                };
                for name in std::mem::take(&mut frame.unevaluated.properties) {
                    let Some(value) = object.get(&name) else { continue };
                    let failed = self.inner_value(frame, schema, value, name)?;
                    frame.errors.extend(failed);
                }
            }
            Doc::Array(items) => {
                let Some(schema) = keywords.unevaluated_items else {
                    return Ok(());
                };
                for index in std::mem::take(&mut frame.unevaluated.items) {
                    let Some(value) = items.get(index) else { continue };
                    let failed = self.inner_value(frame, schema, value, super::index_token(index))?;
                    frame.errors.extend(failed);
                }
            }
            _ => {}
        }
        Ok(())
    }
}
