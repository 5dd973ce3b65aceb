//! Hydration entry point of the browser bundle; nothing else.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called once by the document's script.
#[wasm_bindgen]
pub fn hydrate() {
    app::hydrate();
}
