//! The engine for a Web Worker: load a chart's archive once, then render it on every new text of values.
//!
//! [`Session`] and [`LoadedChart`] are plain Rust and run anywhere; `browser` (built for wasm alone) puts them on as
//! JavaScript classes. Nothing is asked of the page but what [`Surroundings`] lists, and nothing is drawn or timed but
//! from the request, so equal requests have equal answers. A render that takes too long is ended by the worker's owner,
//! who terminates the worker, or by [`RenderRequest::time_limit_millis`].
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic))]

mod answer;
#[cfg(target_family = "wasm")]
pub mod browser;
mod chart;
mod checks;
mod desk;
mod host;
mod origin;
mod request;

pub use answer::{HookAnswer, ObjectAnswer, Problem, Rendering, Stage, Summary};
pub use chart::LoadedChart;
pub use checks::{check_release_name, set_values};
pub use desk::{
    Answer, Checked, Completions, Desk, Edit, Edited, Exported, Form, FormField, Format, Group, Hovered,
    Question, Remark, Suggestion, Told,
};
pub use host::{Session, Surroundings};
pub use origin::{Origin, Place};
pub use request::RenderRequest;
