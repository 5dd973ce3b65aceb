//! The schemas of a chart tree, and how their verdicts travel where another module has the code.

#[cfg(feature = "schema")]
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use engine::Host;
use engine::value::Value;
use engine::wire::{Reader, Writer};

use super::doc::Doc;
#[cfg(feature = "schema")]
use super::{CompileError, Schema, SchemaErrors};
#[cfg(not(feature = "schema"))]
use super::{json::MAX_DEPTH, too_deep};

/// Compiled schemas, kept from render to render; also those that do not compile.
#[cfg(feature = "schema")]
#[derive(Debug, Default)]
pub struct Schemas(Mutex<Vec<(Bytes, Arc<Compiled>)>>);

#[cfg(feature = "schema")]
type Compiled = Result<Schema, CompileError>;

/// Whoever answers for other modules' charts forgets the oldest schemas beyond these.
#[cfg(feature = "schema")]
const MAX_ANSWERING: usize = 64;

#[cfg(feature = "schema")]
impl Schemas {
    /// Checks values; the error is what Helm prints below the chart's name.
    pub(crate) fn check(&self, text: &Bytes, values: &Value, _host: &dyn Host) -> Result<(), String> {
        let schema = self.compiled(text, usize::MAX);
        verdict(&schema, |schema| schema.validate(values))
    }

    /// Answers what a build without the feature `schema` asked its host ([`Host::delegate`]); `None` if it is no such
    /// request.
    #[must_use]
    pub fn answer(&self, request: &[u8]) -> Option<Vec<u8>> {
        let (text, values) = read_request(request)?;
        let schema = self.compiled(&Bytes::copy_from_slice(text), MAX_ANSWERING);
        Some(write_verdict(&verdict(&schema, |schema| {
            schema.validate_doc(&values)
        })))
    }

    fn compiled(&self, text: &Bytes, most: usize) -> Arc<Compiled> {
        let mut schemas = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, schema)) = schemas.iter().find(|(known, _)| known == text) {
            return Arc::clone(schema);
        }
        let schema = Arc::new(Schema::compile(text));
        if schemas.len() >= most {
            schemas.remove(0);
        }
        schemas.push((text.clone(), Arc::clone(&schema)));
        schema
    }
}

#[cfg(feature = "schema")]
fn verdict(schema: &Compiled, check: impl FnOnce(&Schema) -> Result<(), SchemaErrors>) -> Result<(), String> {
    match schema {
        Ok(schema) => check(schema).map_err(|errors| errors.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

/// Whoever has the feature `schema` knows the schemas.
#[cfg(not(feature = "schema"))]
#[derive(Debug, Default)]
pub struct Schemas {}

#[cfg(not(feature = "schema"))]
impl Schemas {
    /// Has values checked; the error is what Helm prints below the chart's name.
    pub(crate) fn check(&self, text: &Bytes, values: &Value, host: &dyn Host) -> Result<(), String> {
        let Some(values) = Doc::from_value(values, MAX_DEPTH) else {
            return Err(too_deep(MAX_DEPTH));
        };
        let part = engine::MissingPart::SchemaValidation;
        let answer = host.delegate(part, &write_request(text, &values));
        let verdict = answer.as_deref().and_then(read_verdict);
        verdict.unwrap_or_else(|| Err("there is nobody to check values here\n".to_owned()))
    }
}

#[cfg(any(test, not(feature = "schema")))]
fn write_request(schema: &[u8], values: &Doc) -> Vec<u8> {
    let mut to = Writer::default();
    to.text(schema);
    values.write(&mut to);
    to.finish()
}

#[cfg(feature = "schema")]
fn read_request(request: &[u8]) -> Option<(&[u8], Doc)> {
    let mut from = Reader::new(request);
    let schema = from.text()?;
    let values = Doc::read(&mut from, super::json::MAX_DEPTH)?;
    from.finish((schema, values))
}

#[cfg(feature = "schema")]
fn write_verdict(verdict: &Result<(), String>) -> Vec<u8> {
    let mut to = Writer::default();
    match verdict {
        Ok(()) => to.byte(0),
        Err(errors) => {
            to.byte(1);
            to.text(errors.as_bytes());
        }
    }
    to.finish()
}

#[cfg(any(test, not(feature = "schema")))]
fn read_verdict(answer: &[u8]) -> Option<Result<(), String>> {
    let mut from = Reader::new(answer);
    let verdict = match from.byte()? {
        0 => Ok(()),
        1 => Err(String::from_utf8_lossy(from.text()?).into_owned()),
        _ => return None,
    };
    from.finish(verdict)
}

#[cfg(all(test, feature = "schema"))]
mod tests {
    use engine::NoHost;
    use engine::value::Map;

    use super::super::json::MAX_DEPTH;
    use super::*;

    const SCHEMA: &[u8] = br#"{"properties": {"a": {"type": "integer"}, "b": {"const": 1.0}}}"#;

    fn values(a: Value) -> Value {
        let list = Value::list(vec![
            Value::Nil,
            Value::Bool(true),
            Value::Float(1.0),
            Value::Uint(engine::value::UintKind::Uint64, u64::MAX),
        ]);
        Value::Map(Map::from_iter([("a", a), ("b", Value::int(1)), ("list", list)]))
    }

    #[test]
    fn an_answer_for_another_module_is_the_verdict_given_here() {
        let schemas = Schemas::default();
        for values in [
            values(Value::int(-1)),
            values("text".into()),
            values(Value::Float(1e300)),
        ] {
            let here = schemas.check(&Bytes::from_static(SCHEMA), &values, &NoHost);
            let doc = Doc::from_value(&values, MAX_DEPTH).unwrap();
            let there = schemas.answer(&write_request(SCHEMA, &doc)).unwrap();
            assert_eq!(read_verdict(&there), Some(here));
        }
        let broken = schemas.answer(&write_request(b"{", &Doc::Null)).unwrap();
        assert!(matches!(read_verdict(&broken), Some(Err(_))));
    }

    #[test]
    fn requests_that_are_none_have_no_answer() {
        let doc = Doc::from_value(&values(Value::int(1)), MAX_DEPTH).unwrap();
        let request = write_request(SCHEMA, &doc);
        for end in 0..request.len() {
            assert_eq!(Schemas::default().answer(&request[..end]), None, "cut at {end}");
        }
        let mut deep = Writer::default();
        deep.text(SCHEMA);
        for _ in 0..=MAX_DEPTH {
            deep.byte(5);
            deep.count(1);
        }
        deep.byte(0);
        assert_eq!(Schemas::default().answer(&deep.finish()), None);
    }

    #[test]
    fn a_module_that_answers_forgets_the_oldest_schemas() {
        let schemas = Schemas::default();
        for number in 0..MAX_ANSWERING + 2 {
            let text = format!("{{\"title\": \"{number}\"}}");
            schemas
                .answer(&write_request(text.as_bytes(), &Doc::Null))
                .unwrap();
        }
        assert_eq!(schemas.0.lock().unwrap().len(), MAX_ANSWERING);
    }
}
