//! Objects for tools that install charts from a repository of manifests.

use engine::yaml::decode;
use helm::values::Tree;

use super::{Source, Target};
use crate::Path;
use crate::document::scalar::{self, Quotes};
use crate::document::{Document, ReadError};

/// Why there is no object.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ObjectError {
    /// The values cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Neither Flux nor Argo CD takes a chart from its archive's address.
    #[error("no repository is known that serves this chart")]
    NoRepository,
}

/// A Flux `HelmRelease` with its `HelmRepository` or `OCIRepository`: comments and order of the values stay.
///
/// Follows the APIs `source.toolkit.fluxcd.io/v1` and `helm.toolkit.fluxcd.io/v2`.
pub fn flux(target: &Target, values: &str) -> Result<String, ObjectError> {
    let (release, namespace) = (text(&target.release), text(&target.namespace));
    let metadata = |name: &str| format!("metadata:\n  name: {name}\n  namespace: {namespace}\n");
    let (source, chart) = match &target.source {
        Source::Archive { .. } => return Err(ObjectError::NoRepository),
        Source::Http { name, url } => {
            let name = text(&object_name(name));
            let source = format!(
                "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\n{}spec:\n  interval: 1h\n  url: {}\n",
                metadata(&name),
                text(url),
            );
            let chart = format!(
                "  chart:\n    spec:\n      chart: {}\n      version: {}\n      sourceRef:\n        kind: HelmRepository\n        name: {name}\n",
                text(&target.chart),
                text(&target.version),
            );
            (source, chart)
        }
        Source::Oci { url } => {
            let source = format!(
                "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\n{}spec:\n  interval: 1h\n  url: {}\n  layerSelector:\n    mediaType: application/vnd.cncf.helm.chart.content.v1.tar+gzip\n    operation: copy\n  ref:\n    tag: {}\n",
                metadata(&release),
                text(&target.oci_chart(url)),
                // Tags know no plus sign; Helm writes an underscore.
                text(&target.version.replace('+', "_")),
            );
            let chart = format!("  chartRef:\n    kind: OCIRepository\n    name: {release}\n");
            (source, chart)
        }
    };
    let head = format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\n{}spec:\n  interval: 1h\n  releaseName: {release}\n{chart}",
        metadata(&release),
    );
    let document = Document::parse(values)?;
    let object = if document.values().is_empty() {
        head
    } else {
        let wanted = Tree::Table(document.values().clone());
        let typed = format!("{head}  values:\n{}", indented(values, 4));
        if value_at(&typed, &["spec", "values"]) == Some(wanted) {
            typed
        } else {
            // A document mark or the like: written anew.
            let mut anew = Document::parse("")?;
            let made = anew.set(&Path::root(), &Tree::Table(document.values().clone()));
            let lines = if made.is_ok() {
                indented(anew.text(), 4)
            } else {
                String::new()
            };
            format!("{head}  values:\n{lines}")
        }
    };
    Ok(format!("{source}---\n{object}"))
}

/// An Argo CD `Application` for the cluster that Argo CD runs in. The values are a text of the object, exactly as
/// they were typed.
pub fn argo_cd(target: &Target, values: &str) -> Result<String, ObjectError> {
    let release = text(&target.release);
    let url = match &target.source {
        Source::Archive { .. } => return Err(ObjectError::NoRepository),
        Source::Http { url, .. } => url.as_str(),
        // Argo CD wants registries without the scheme.
        Source::Oci { url } => url.strip_prefix("oci://").unwrap_or(url),
    };
    let mut object = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: {release}\n  namespace: argocd\nspec:\n  project: default\n  source:\n    repoURL: {}\n    chart: {}\n    targetRevision: {}\n    helm:\n      releaseName: {release}\n",
        text(url.trim_end_matches('/')),
        text(&target.chart),
        text(&target.version),
    );
    let values = values
        .strip_prefix('\u{FEFF}')
        .unwrap_or(values)
        .replace("\r\n", "\n");
    if !values.trim().is_empty() {
        object = with_text(&object, &values);
    }
    object.push_str(&format!(
        "  destination:\n    server: https://kubernetes.default.svc\n    namespace: {}\n  syncPolicy:\n    syncOptions:\n      - CreateNamespace=true\n",
        text(&target.namespace),
    ));
    Ok(object)
}

/// `values` as a block in the object's `helm`, or in quotes where a block would not give it back.
fn with_text(object: &str, values: &str) -> String {
    let body = values.strip_suffix('\n').unwrap_or(values);
    let keeps = if body.len() == values.len() {
        "-"
    } else if body.ends_with('\n') {
        "+"
    } else {
        ""
    };
    let lines: Vec<String> = body
        .split('\n')
        .map(|line| {
            if line.is_empty() {
                String::new()
            } else {
                format!("        {line}")
            }
        })
        .collect();
    // The number says how deep the text is indented, where its first line does not show it.
    let block = format!("{object}      values: |2{keeps}\n{}\n", lines.join("\n"));
    let plain = block.replacen("|2", "|", 1);
    let wanted = Some(Tree::String(values.into()));
    let place = ["spec", "source", "helm", "values"];
    for candidate in [plain, block] {
        if value_at(&candidate, &place) == wanted {
            return candidate;
        }
    }
    format!(
        "{object}      values: {}\n",
        scalar::string(values, Quotes::Double, false)
    )
}

fn value_at(object: &str, keys: &[&str]) -> Option<Tree> {
    let mut tree = Tree::from_value(&decode(object.as_bytes()).ok()?);
    for key in keys {
        tree = match tree {
            Tree::Table(mut table) => table.remove(key.as_bytes())?,
            _ => return None,
        };
    }
    Some(tree)
}

fn indented(text: &str, n: usize) -> String {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let indentation = " ".repeat(n);
    let line = |line: &str| {
        if line.trim().is_empty() {
            "\n".to_owned()
        } else {
            format!("{indentation}{line}\n")
        }
    };
    text.lines().map(line).collect()
}

fn text(text: &str) -> String {
    scalar::string(text, Quotes::Plain, false)
}

/// A repository's name as an object of Kubernetes may have it (RFC 1123).
fn object_name(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let allowed: String = lower
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let trimmed = allowed.trim_matches('-');
    let short: String = trimmed.chars().take(63).collect();
    if short.is_empty() {
        "charts".to_owned()
    } else {
        short
    }
}
