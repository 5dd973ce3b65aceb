//! The JavaScript face.

use std::sync::LazyLock;

use engine::MissingPart;
use helm::schema::Schemas;
use wasm_bindgen::prelude::*;

/// There is one page, and one module in it.
static SCHEMAS: LazyLock<Schemas> = LazyLock::new(Schemas::default);

/// The function that the first module's `useExtras` takes.
#[wasm_bindgen]
#[must_use]
pub fn answer(part: u8, request: &[u8]) -> Option<Vec<u8>> {
    crate::answer(&SCHEMAS, MissingPart::from_number(part)?, request)
}

/// A release as stored in a cluster, as JSON; throws what is wrong with it.
#[wasm_bindgen(js_name = readRelease)]
pub fn read_release(payload: &str, moment: &str, seconds: f64) -> Result<String, JsValue> {
    let stored = crate::read_release(payload, (moment, seconds as i64));
    let json = stored.and_then(|stored| serde_json::to_string(&stored).map_err(|error| error.to_string()));
    json.map_err(|error| JsValue::from_str(&error))
}
