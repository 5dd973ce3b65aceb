//! What a file is for, told from its path alone.

/// The part a file plays in its chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    Readme,
    /// `Chart.yaml`
    Metadata,
    /// `values.yaml`
    Values,
    /// Other default values beside `values.yaml`.
    ValuesVariant,
    Schema,
    /// `Chart.lock`, or `requirements.lock` of older charts.
    Lock,
    /// `requirements.yaml` of older charts.
    Requirements,
    Notes,
    Template,
    Crd,
    License,
    Changelog,
    /// Anything below `charts/`.
    Subchart,
    Other,
}

/// The role of the file at `path`. What Helm itself reads must be spelled as Helm spells it; what people read need not.
pub fn role(path: &str) -> Role {
    match path {
        "Chart.yaml" => return Role::Metadata,
        "Chart.lock" | "requirements.lock" => return Role::Lock,
        "requirements.yaml" => return Role::Requirements,
        "values.yaml" => return Role::Values,
        "values.schema.json" => return Role::Schema,
        "templates/NOTES.txt" => return Role::Notes,
        _ => {}
    }
    if path.starts_with("templates/") {
        return Role::Template;
    }
    if path.starts_with("charts/") {
        return Role::Subchart;
    }
    if path.starts_with("crds/") {
        let is_manifest = [".yaml", ".yml", ".json"].iter().any(|end| path.ends_with(end));
        return if is_manifest { Role::Crd } else { Role::Other };
    }
    if path.contains('/') {
        return Role::Other;
    }
    let name = path.to_ascii_lowercase();
    let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
    let is_prose = matches!(extension, "" | "md" | "markdown" | "txt" | "rst" | "adoc");
    match stem {
        "readme" if is_prose => Role::Readme,
        "changelog" | "changes" | "history" | "release-notes" | "release_notes" if is_prose => {
            Role::Changelog
        }
        "license" | "licence" | "copying" | "unlicense" if is_prose => Role::License,
        _ if name.starts_with("license-") || name.starts_with("licence-") => Role::License,
        _ if stem.starts_with("values") && matches!(extension, "yaml" | "yml") => Role::ValuesVariant,
        _ => Role::Other,
    }
}
