//! The JavaScript face: classes over [`crate::Session`] and [`crate::LoadedChart`]. Requests and answers are JSON texts, whose shape
//! is that of [`RenderRequest`], [`crate::Summary`] and [`crate::Problem`].
//!
//! ```js
//! const engine = new Engine({ timeZone: (name) => bytes, rsaKey: (bits) => pem });   // both optional
//! const chart = engine.load(archive);             // throws the problem as JSON
//! const request = JSON.stringify({ valuesFiles: [text], unixMillis: 0, seed: 1 });
//! let rendering = chart.render(request);
//! if (rendering.needsExtras) {                    // once in a session, and only where a chart needs them
//!   engine.useExtras((await loadExtras()).answer);   // of the module `preview-extras`
//!   rendering = chart.render(request);
//! }
//! JSON.parse(rendering.summary());  rendering.manifest();  rendering.notes();  rendering.template(path);
//! rendering.free();
//!
//! const desk = chart.desk();                      // what helps to edit values; places are UTF-16 units
//! JSON.parse(desk.ask(JSON.stringify({ kind: "complete", text, offset })));
//! ```

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use engine::MissingPart;
use helm::chart::Chart as HelmChart;
use js_sys::{Function, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::answer::{Problem, Rendering as Answer, Stage};
use crate::{Answer as DeskAnswer, Desk as ValuesDesk, LoadedChart, RenderRequest, Session, Surroundings};

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
    extras: Extras,
}

/// The function of the second module, once it is loaded.
type Extras = Rc<RefCell<Option<Function>>>;

impl Page {
    fn new(given: &JsValue, extras: Extras) -> Self {
        let function = |name: &str| {
            let found = Reflect::get(given, &JsValue::from_str(name)).ok()?;
            found.dyn_into::<Function>().ok()
        };
        Self {
            time_zone: function("timeZone"),
            rsa_key: function("rsaKey"),
            extras,
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
        // The key would be read by the extras; making one without them is for nothing.
        if cfg!(not(feature = "complete")) && self.extras.borrow().is_none() {
            return None;
        }
        ask(self.rsa_key.as_ref(), &JsValue::from_f64(bits as f64))?.as_string()
    }

    fn extras(&self, part: MissingPart, request: &[u8]) -> Option<Vec<u8>> {
        let extras = self.extras.borrow();
        let request = Uint8Array::from(request);
        let answer = extras
            .as_ref()?
            .call2(&JsValue::NULL, &part.number().into(), &request);
        Some(answer.ok()?.dyn_into::<Uint8Array>().ok()?.to_vec())
    }
}

/// Loads charts and keeps what they share.
#[wasm_bindgen]
pub struct Engine {
    session: Rc<Session>,
    extras: Extras,
}

#[wasm_bindgen]
impl Engine {
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(page: &JsValue) -> Self {
        let extras = Extras::default();
        Self {
            session: Rc::new(Session::new(Page::new(page, Rc::clone(&extras)))),
            extras,
        }
    }

    /// Takes the second module's function `answer`, for all charts of this engine.
    #[wasm_bindgen(js_name = useExtras)]
    pub fn use_extras(&self, answer: Function) {
        self.extras.replace(Some(answer));
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

    /// Takes the chart's values to edit. A desk of its own worker waits for no render.
    #[must_use]
    pub fn desk(&self) -> Desk {
        Desk {
            desk: ValuesDesk::new(self.chart.chart()),
            chart: Arc::clone(self.chart.chart()),
        }
    }

    /// What made a line of the template at `path`, from 1, in a render with the request given as JSON: [`crate::Origin`] as
    /// JSON; nothing where that is not known.
    #[must_use]
    pub fn origin(&self, request: &str, path: &str, line: usize) -> Option<String> {
        let request = serde_json::from_str(request).ok()?;
        let origin = self.chart.origin(&self.session, &request, path, line)?;
        Some(json(&origin))
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

/// A chart's values while they are edited.
#[wasm_bindgen]
pub struct Desk {
    desk: ValuesDesk,
    chart: Arc<HelmChart>,
}

#[wasm_bindgen]
impl Desk {
    /// Answers a question; both are JSON, and what cannot be done is an answer with `error`.
    #[must_use]
    pub fn ask(&self, question: &str) -> String {
        let answer = match serde_json::from_str(question) {
            Ok(question) => self.desk.answer(&question),
            Err(error) => DeskAnswer::Refused {
                error: error.to_string(),
            },
        };
        json(&answer)
    }

    /// Takes the version that is installed, to compare the values with.
    #[wasm_bindgen(js_name = upgradeFrom)]
    pub fn upgrade_from(&mut self, installed: &Chart) {
        self.desk.upgrade_from(&self.chart, installed.chart.chart());
    }
}

/// What came of a render; each text crosses to JavaScript only when it is asked for.
#[wasm_bindgen]
pub struct Rendering {
    answer: Answer,
}

#[wasm_bindgen]
impl Rendering {
    /// Whether there is nothing to show before `useExtras` is called.
    #[wasm_bindgen(getter, js_name = needsExtras)]
    #[must_use]
    pub fn needs_extras(&self) -> bool {
        let problem = &self.answer.summary.problem;
        problem.as_ref().is_some_and(|problem| problem.needs_extras)
    }

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
