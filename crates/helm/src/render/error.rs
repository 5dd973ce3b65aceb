//! Why a chart did not render.

use engine::{ErrorKind, Exceeded};

use crate::values::TypeMismatch;

/// A failed render: the reason, and what had been logged by then.
#[derive(Debug, thiserror::Error)]
#[error("{failure}")]
pub struct RenderError {
    pub failure: RenderFailure,
    pub(crate) warnings: Vec<String>,
}

impl RenderError {
    /// What Helm logged before it gave up.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

/// The reason; the texts are Helm's.
#[derive(Debug, thiserror::Error)]
pub enum RenderFailure {
    #[error("{0}")]
    Values(TypeMismatch),
    /// The values break the schema of the chart or of a subchart.
    #[error("values don't meet the specifications of the schema(s) in the following chart(s):\n{0}")]
    Schema(String),
    #[error("chart requires kubeVersion: {range} which is incompatible with Kubernetes {version}")]
    KubeVersion { range: String, version: String },
    #[error("{0}")]
    Template(Box<TemplateError>),
}

/// A template that does not parse or did not run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct TemplateError {
    /// The whole message as Helm prints it.
    pub text: String,
    /// The file that was being parsed or rendered.
    pub file: String,
    /// Where it happened, outermost: the template whose text `line` and `column` count in.
    pub template: String,
    pub line: usize,
    pub column: Option<usize>,
    /// Where it happened, innermost: behind every `include` and `tpl`. Text given to `tpl` is called `gotpl`.
    pub origin: Origin,
    /// The budget that ran out, if that is what happened.
    pub exceeded: Option<Exceeded>,
}

/// A place in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    pub template: String,
    pub line: usize,
    pub column: Option<usize>,
}

impl TemplateError {
    pub(crate) fn new(file: &str, error: &engine::Error) -> Box<Self> {
        Box::new(Self {
            text: error.helm_text(file),
            file: file.to_owned(),
            template: error.template().to_owned(),
            line: error.line(),
            column: error.column(),
            origin: Origin::of(error),
            exceeded: match error.kind() {
                ErrorKind::Exceeded(exceeded) => Some(exceeded.clone()),
                ErrorKind::Parse | ErrorKind::Exec => None,
            },
        })
    }
}

impl Origin {
    fn of(error: &engine::Error) -> Self {
        let mut innermost = error;
        while let Some(inner) = std::error::Error::source(innermost).and_then(|inner| inner.downcast_ref()) {
            innermost = inner;
        }
        Self {
            template: innermost.template().to_owned(),
            line: innermost.line(),
            column: innermost.column(),
        }
    }
}
