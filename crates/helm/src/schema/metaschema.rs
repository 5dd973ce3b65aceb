//! The metaschemas of all drafts, as published at json-schema.org, and schemas checked against them.

use std::sync::LazyLock;

use super::compile::Compiler;
use super::doc::Doc;
use super::draft::Draft;
use super::json;
use super::node::{Arena, NodeId};

/// Path below json-schema.org and text.
const DOCUMENTS: &[(&str, &str)] = &[
    (
        "draft-04/schema",
        include_str!("metaschemas/draft-04-schema.json"),
    ),
    (
        "draft-06/schema",
        include_str!("metaschemas/draft-06-schema.json"),
    ),
    (
        "draft-07/schema",
        include_str!("metaschemas/draft-07-schema.json"),
    ),
    (
        "draft/2019-09/schema",
        include_str!("metaschemas/2019-09-schema.json"),
    ),
    (
        "draft/2019-09/meta/applicator",
        include_str!("metaschemas/2019-09-applicator.json"),
    ),
    (
        "draft/2019-09/meta/content",
        include_str!("metaschemas/2019-09-content.json"),
    ),
    (
        "draft/2019-09/meta/core",
        include_str!("metaschemas/2019-09-core.json"),
    ),
    (
        "draft/2019-09/meta/format",
        include_str!("metaschemas/2019-09-format.json"),
    ),
    (
        "draft/2019-09/meta/meta-data",
        include_str!("metaschemas/2019-09-meta-data.json"),
    ),
    (
        "draft/2019-09/meta/validation",
        include_str!("metaschemas/2019-09-validation.json"),
    ),
    (
        "draft/2020-12/schema",
        include_str!("metaschemas/2020-12-schema.json"),
    ),
    (
        "draft/2020-12/meta/applicator",
        include_str!("metaschemas/2020-12-applicator.json"),
    ),
    (
        "draft/2020-12/meta/content",
        include_str!("metaschemas/2020-12-content.json"),
    ),
    (
        "draft/2020-12/meta/core",
        include_str!("metaschemas/2020-12-core.json"),
    ),
    (
        "draft/2020-12/meta/format-annotation",
        include_str!("metaschemas/2020-12-format-annotation.json"),
    ),
    (
        "draft/2020-12/meta/format-assertion",
        include_str!("metaschemas/2020-12-format-assertion.json"),
    ),
    (
        "draft/2020-12/meta/meta-data",
        include_str!("metaschemas/2020-12-meta-data.json"),
    ),
    (
        "draft/2020-12/meta/unevaluated",
        include_str!("metaschemas/2020-12-unevaluated.json"),
    ),
    (
        "draft/2020-12/meta/validation",
        include_str!("metaschemas/2020-12-validation.json"),
    ),
];

/// Whether `url` is one of json-schema.org, where nothing is checked against a metaschema.
pub(crate) fn is_official(url: &str) -> bool {
    url.starts_with("http://json-schema.org/") || url.starts_with("https://json-schema.org/")
}

/// The metaschema at `url`.
pub(crate) fn document(url: &str) -> Option<Doc> {
    let path = url
        .strip_prefix("http://json-schema.org/")
        .or_else(|| url.strip_prefix("https://json-schema.org/"))?;
    let path = if path == "schema" {
        "draft/2020-12/schema"
    } else {
        path
    };
    let (_, text) = DOCUMENTS.iter().find(|(known, _)| *known == path)?;
    json::read(text.as_bytes()).ok()
}

/// A draft's metaschema, compiled.
#[derive(Debug)]
pub(crate) struct Metaschemas {
    pub(crate) arena: Arena,
    roots: Vec<(Draft, NodeId)>,
}

impl Metaschemas {
    /// The metaschema of `draft`.
    pub(crate) fn root(&self, draft: Draft) -> Option<NodeId> {
        self.roots
            .iter()
            .find(|(known, _)| *known == draft)
            .map(|(_, root)| *root)
    }
}

/// Compiling all takes a few milliseconds, so it is done once.
static COMPILED: LazyLock<Metaschemas> = LazyLock::new(compile);

/// All metaschemas.
pub(crate) fn compiled() -> &'static Metaschemas {
    &COMPILED
}

fn compile() -> Metaschemas {
    let mut compiler = Compiler::for_metaschemas();
    let mut roots = Vec::new();
    for draft in Draft::ALL {
        // A metaschema that does not compile would be a mistake here, which the tests would show.
        if let Ok(root) = compiler.compile(draft.url()) {
            roots.push((draft, root));
        }
    }
    Metaschemas {
        arena: compiler.into_arena(),
        roots,
    }
}
