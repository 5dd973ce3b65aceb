//! The JavaScript face: classes over [`crate::Session`] and [`crate::LoadedChart`]. Requests and answers are JSON texts, whose shape
//! is that of [`RenderRequest`], [`crate::Summary`] and [`crate::Problem`].
//!
//! ```js
//! const engine = new Engine({ timeZone: (name) => bytes, rsaKey: (bits) => pem });   // both optional
//! const chart = engine.load(archive);             // throws the problem as JSON
//! const rendering = chart.render(JSON.stringify({ valuesFiles: [text], unixMillis: 0, seed: 1 }));
//! JSON.parse(rendering.summary());  rendering.manifest();  rendering.notes();  rendering.template(path);
//! rendering.free();
//! ```

use std::rc::Rc;
use std::time::Duration;

use js_sys::{Function, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::answer::{Problem, Rendering as Answer, Stage};
use crate::{LoadedChart, RenderRequest, Session, Surroundings};

#[wasm_bindgen]
extern "C" {
    /// There in workers, pages and Node alike.
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}

/// The object given to [`Engine`]'s constructor.
struct Page {
    time_zone: Option<Function>,
    rsa_key: Option<Function>,
}

impl Page {
    fn new(given: &JsValue) -> Self {
        let function = |name: &str| {
            let found = Reflect::get(given, &JsValue::from_str(name)).ok()?;
            found.dyn_into::<Function>().ok()
        };
        Self {
            time_zone: function("timeZone"),
            rsa_key: function("rsaKey"),
        }
    }
}

/// What a function of the page answers; nothing where it throws.
fn ask(function: Option<&Function>, argument: &JsValue) -> Option<JsValue> {
    function?.call1(&JsValue::NULL, argument).ok()
}

impl Surroundings for Page {
    fn elapsed(&self) -> Option<Duration> {
        Duration::try_from_secs_f64(performance_now() / 1000.0).ok()
    }

    fn time_zone(&self, name: &str) -> Option<Vec<u8>> {
        let data = ask(self.time_zone.as_ref(), &JsValue::from_str(name))?;
        Some(data.dyn_into::<Uint8Array>().ok()?.to_vec())
    }

    fn rsa_key(&self, bits: usize) -> Option<String> {
        ask(self.rsa_key.as_ref(), &JsValue::from_f64(bits as f64))?.as_string()
    }
}

/// Loads charts and keeps what they share.
#[wasm_bindgen]
pub struct Engine {
    session: Rc<Session>,
}

#[wasm_bindgen]
impl Engine {
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(page: &JsValue) -> Self {
        Self {
            session: Rc::new(Session::new(Page::new(page))),
        }
    }

    /// A chart from the bytes of its archive.
    pub fn load(&self, archive: &[u8]) -> Result<Chart, JsValue> {
        self.chart(LoadedChart::from_archive(archive))
    }

    /// A chart from a JSON object of its directory's files.
    #[wasm_bindgen(js_name = loadDirectory)]
    pub fn load_directory(&self, files: &str) -> Result<Chart, JsValue> {
        let files = serde_json::from_str(files).map_err(|error| thrown(&bad_request(&error)))?;
        self.chart(LoadedChart::from_directory(files))
    }

    fn chart(&self, loaded: Result<LoadedChart, Box<Problem>>) -> Result<Chart, JsValue> {
        match loaded {
            Ok(chart) => Ok(Chart {
                session: Rc::clone(&self.session),
                chart,
            }),
            Err(problem) => Err(thrown(&problem)),
        }
    }
}

/// A loaded chart; `free()` it when another takes its place.
#[wasm_bindgen]
pub struct Chart {
    session: Rc<Session>,
    chart: LoadedChart,
}

#[wasm_bindgen]
impl Chart {
    /// Renders with the request given as JSON. Never throws: what went wrong is the answer's problem.
    #[must_use]
    pub fn render(&self, request: &str) -> Rendering {
        let answer = match serde_json::from_str::<RenderRequest>(request) {
            Ok(request) => self.chart.render(&self.session, &request),
            Err(error) => Answer::of_problem(bad_request(&error)),
        };
        Rendering { answer }
    }

    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn name(&self) -> String {
        self.chart.chart().metadata.name.clone()
    }

    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn version(&self) -> String {
        self.chart.chart().metadata.version.clone()
    }

    /// values.yaml as it was written.
    #[wasm_bindgen(getter, js_name = valuesText)]
    #[must_use]
    pub fn values_text(&self) -> String {
        let text = self.chart.chart().values_text.as_deref().unwrap_or_default();
        String::from_utf8_lossy(text).into_owned()
    }
}

/// What came of a render; each text crosses to JavaScript only when it is asked for.
#[wasm_bindgen]
pub struct Rendering {
    answer: Answer,
}

#[wasm_bindgen]
impl Rendering {
    /// Problem, warnings, objects and hooks, as JSON.
    #[must_use]
    pub fn summary(&self) -> String {
        json(&self.answer.summary)
    }

    #[must_use]
    pub fn manifest(&self) -> String {
        self.answer.manifest.clone()
    }

    #[must_use]
    pub fn notes(&self) -> String {
        self.answer.notes.clone()
    }

    /// The text of one template.
    #[must_use]
    pub fn template(&self, path: &str) -> Option<String> {
        self.answer.templates.get(path).cloned()
    }

    /// Everything there is, as JSON.
    #[must_use]
    pub fn everything(&self) -> String {
        json(&self.answer)
    }
}

/// Helm's words about a release name; nothing if it is fine.
#[wasm_bindgen(js_name = checkReleaseName)]
#[must_use]
pub fn check_release_name(name: &str) -> Option<String> {
    crate::check_release_name(name).err()
}

/// The values a `--set` flag means, as JSON; throws Helm's words.
#[wasm_bindgen(js_name = setValues)]
pub fn set_values(flag: &str, expression: &str) -> Result<String, JsValue> {
    match crate::set_values(flag, expression) {
        Ok(values) => Ok(values.to_string()),
        Err(error) => Err(JsValue::from_str(&error)),
    }
}

/// A release as stored in a cluster, as JSON; throws what is wrong with it.
#[wasm_bindgen(js_name = readRelease)]
pub fn read_release(payload: &str, moment: &str, seconds: f64) -> Result<String, JsValue> {
    match crate::read_release(payload, (moment, seconds as i64)) {
        Ok(stored) => Ok(json(&stored)),
        Err(error) => Err(JsValue::from_str(&error)),
    }
}

fn bad_request(error: &serde_json::Error) -> Problem {
    Problem::new(Stage::Request, error.to_string())
}

fn thrown(problem: &Problem) -> JsValue {
    JsValue::from_str(&json(problem))
}

// Our own structures have string keys and no failing parts, so there is always a text.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
