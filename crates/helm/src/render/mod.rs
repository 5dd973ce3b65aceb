//! Rendering: a chart, values and a belief about the cluster become template texts, and these a release.
//!
//! A [`PreparedChart`] keeps what does not depend on values: the chart and its parsed templates. It is `Send + Sync`;
//! each [`PreparedChart::render`] is one pass through Helm's pipeline on maps of its own.

mod blame;
mod error;
mod excerpt;
mod objects;
mod prepared;
mod release;
mod scope;

pub use blame::{blamed_value, findings_in_schema_report, line_named_in};
pub use error::{Origin, RenderError, RenderFailure, TemplateError};
pub use excerpt::{Excerpt, template_source};
pub use prepared::{CrdFile, PreparedChart, RenderOptions, Rendered};
pub use release::{ReleaseManifest, ReleaseOptions};
