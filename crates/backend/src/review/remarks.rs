//! What must be known before an upgrade, in sentences: drawn from everything that was compared, the weightiest first.

use std::cmp::Reverse;

use engine::semver::Version;
use model::release::ObjectChange;
use model::review::{ChartComparison, ComparisonPart, Remark, Risk, ValueChangeKind, Weight};

use super::object::Reviewed;
use super::{count, listed};

/// Names that one sentence holds.
const MAX_NAMES: usize = 3;

/// What the sentences are drawn from, beside what was compared.
pub(crate) struct Sides<'s> {
    /// What both versions come to, where they do.
    pub(crate) before: &'s [Reviewed],
    pub(crate) after: &'s [Reviewed],
    pub(crate) risks_before: &'s [Risk],
    pub(crate) risks_after: &'s [Risk],
    /// Whether the newer one is deprecated and the older one is not.
    pub(crate) is_newly_deprecated: bool,
    /// Whether values of the reader's own were used.
    pub(crate) has_values: bool,
}

/// The sentences.
pub(crate) fn remarks(comparison: &ChartComparison, sides: &Sides<'_>) -> Vec<Remark> {
    let mut all = Remarks(Vec::new());
    all.versions(comparison, sides);
    all.rendering(comparison, sides);
    all.values(comparison);
    all.definitions(comparison);
    all.rights(comparison, sides);
    all.objects(comparison, sides);
    all.images(comparison);
    let mut remarks = all.0;
    remarks.sort_by_key(|remark| Reverse(remark.weight));
    remarks
}

struct Remarks(Vec<Remark>);

impl Remarks {
    fn say(&mut self, weight: Weight, part: ComparisonPart, text: impl Into<String>) {
        self.0.push(Remark {
            weight,
            text: text.into(),
            part,
        });
    }

    fn versions(&mut self, comparison: &ChartComparison, sides: &Sides<'_>) {
        let part = ComparisonPart::Facts;
        if sides.is_newly_deprecated {
            self.say(
                Weight::Medium,
                part,
                "Its maintainers no longer recommend the chart.",
            );
        }
        let parsed = (Version::parse(&comparison.from), Version::parse(&comparison.to));
        if let (Ok(from), Ok(to)) = parsed
            && from.major != to.major
        {
            let text = format!(
                "The major version goes from {} to {}: by convention that announces changes that break something.",
                from.major, to.major
            );
            self.say(Weight::Medium, part, text);
        }
        for fact in &comparison.facts {
            let (before, after) = (fact.before.as_deref(), fact.after.as_deref());
            match (fact.name.as_str(), before, after) {
                ("App version", Some(before), Some(after)) => {
                    let text = format!("What it installs goes from {before} to {after}.");
                    self.say(Weight::Low, part, text);
                }
                ("Kubernetes", before, Some(after)) => {
                    let was = before
                        .map(|before| format!(" instead of {before}"))
                        .unwrap_or_default();
                    self.say(Weight::Medium, part, format!("It wants Kubernetes {after}{was}."));
                }
                _ => {}
            }
        }
    }

    fn rendering(&mut self, comparison: &ChartComparison, sides: &Sides<'_>) {
        let part = ComparisonPart::Rendered;
        let with = match sides.has_values {
            true => "these values",
            false => "its default values",
        };
        let rendered = &comparison.rendered;
        match (&rendered.before_reason, &rendered.after_reason) {
            (_, Some(reason)) => {
                let text = format!("Version {} does not render with {with}. {reason}", comparison.to);
                // What never rendered is no worse for it.
                let weight = match rendered.before_reason {
                    None => Weight::High,
                    Some(_) => Weight::Medium,
                };
                self.say(weight, part, text);
            }
            (Some(reason), None) => {
                let text = format!("Version {} did not render with {with}. {reason}", comparison.from);
                self.say(Weight::Low, part, text);
            }
            (None, None) => {}
        }
    }

    fn values(&mut self, comparison: &ChartComparison) {
        let part = ComparisonPart::Values;
        let named = |kind: ValueChangeKind| -> Vec<String> {
            let changes = comparison.values.changes.iter();
            changes
                .filter(|change| change.change == kind)
                .map(|change| format!("`{}`", change.path))
                .collect()
        };
        let removed = named(ValueChangeKind::Removed);
        if !removed.is_empty() {
            let text = format!(
                "{} gone: {}. What you set there is ignored.",
                are(removed.len(), "value"),
                some(removed)
            );
            self.say(Weight::Medium, part, text);
        }
        let retyped = named(ValueChangeKind::Retyped);
        if !retyped.is_empty() {
            let text = format!(
                "{} another type: {}. What you set there may no longer fit.",
                has(retyped.len(), "value"),
                some(retyped)
            );
            self.say(Weight::Medium, part, text);
        }
        let changed = named(ValueChangeKind::DefaultChanged);
        if !changed.is_empty() {
            let text = format!(
                "{} another value: {}.",
                has(changed.len(), "default"),
                some(changed)
            );
            self.say(Weight::Low, part, text);
        }
    }

    fn definitions(&mut self, comparison: &ChartComparison) {
        let part = ComparisonPart::Crds;
        let of = |change: ObjectChange| {
            let crds = comparison.crds.iter().filter(move |crd| crd.change == change);
            crds.map(|crd| crd.name.clone()).collect::<Vec<_>>()
        };
        let to_apply: Vec<String> = of(ObjectChange::Changed);
        if !to_apply.is_empty() {
            let text = format!(
                "{} changed: {}. Helm leaves those of crds/ as they are when it upgrades; apply them yourself first.",
                has(to_apply.len(), "custom resource definition"),
                some(to_apply)
            );
            self.say(Weight::Medium, part, text);
        }
        let added = of(ObjectChange::Added);
        if !added.is_empty() {
            let text = format!(
                "{} new: {}. Helm does not add those of crds/ when it upgrades; apply them yourself first.",
                are(added.len(), "custom resource definition"),
                some(added)
            );
            self.say(Weight::Medium, part, text);
        }
        for crd in &comparison.crds {
            let lost: Vec<String> = crd
                .before
                .iter()
                .filter(|version| !crd.after.contains(version))
                .cloned()
                .collect();
            if crd.change == ObjectChange::Changed && !lost.is_empty() {
                let text = format!(
                    "{} no longer serves {}: what is written in it has to be converted.",
                    crd.name,
                    listed(&lost)
                );
                self.say(Weight::High, part, text);
            }
        }
    }

    fn rights(&mut self, comparison: &ChartComparison, sides: &Sides<'_>) {
        let part = ComparisonPart::Permissions;
        // What was asked for before is not news.
        for risk in sides.risks_after {
            let is_new = !sides
                .risks_before
                .iter()
                .any(|old| old.rule == risk.rule && old.weight >= risk.weight);
            if is_new && risk.weight > Weight::Low && !sides.before.is_empty() {
                self.say(risk.weight, part, format!("New: {}", uncapitalised(&risk.text)));
            }
        }
        let added: Vec<String> = comparison
            .permissions
            .iter()
            .filter(|change| !change.added.is_empty())
            .map(|change| change.resource.clone())
            .collect();
        if !added.is_empty() && !sides.before.is_empty() {
            let text = format!("Asks for more rights: with {}.", some(added));
            self.say(Weight::Low, part, text);
        }
    }

    fn objects(&mut self, comparison: &ChartComparison, sides: &Sides<'_>) {
        let part = ComparisonPart::Rendered;
        for object in sides.after.iter().filter(|object| !object.is_hook) {
            let is_same =
                |old: &&Reviewed| old.kind == object.kind && old.name == object.name && !old.is_hook;
            let Some(old) = sides.before.iter().find(is_same) else {
                continue;
            };
            let changed = immutable(old, object);
            if !changed.is_empty() {
                let text = format!(
                    "Kubernetes refuses to change {} of {}: the upgrade fails unless the object is deleted before.",
                    listed(&changed),
                    object.title()
                );
                self.say(Weight::High, part, text);
            }
        }
        let gone: Vec<String> = comparison
            .rendered
            .objects
            .iter()
            .filter(|object| object.change == ObjectChange::Removed)
            .filter(|object| {
                matches!(
                    object.kind.as_str(),
                    "PersistentVolumeClaim" | "StatefulSet" | "Namespace"
                )
            })
            .map(|object| format!("{} {}", object.kind, object.name))
            .collect();
        if !gone.is_empty() && comparison.rendered.after_reason.is_none() {
            let text = format!("Deletes what may hold data: {}.", some(gone));
            self.say(Weight::High, part, text);
        }
    }

    fn images(&mut self, comparison: &ChartComparison) {
        let names: Vec<String> = comparison.images.iter().map(|image| image.name.clone()).collect();
        if !names.is_empty() {
            let verb = if names.len() == 1 { "differs" } else { "differ" };
            let text = format!("{} {verb}: {}.", count(names.len(), "image"), some(names));
            self.say(Weight::Low, ComparisonPart::Images, text);
        }
    }
}

/// Fields that the API server lets nobody change.
fn immutable(old: &Reviewed, new: &Reviewed) -> Vec<String> {
    let fields: &[(&str, &[&str])] = match (new.kind.as_str(), new.group()) {
        ("Deployment" | "DaemonSet" | "ReplicaSet", "apps") => &[("the selector", &["spec", "selector"])],
        ("StatefulSet", "apps") => &[
            ("the selector", &["spec", "selector"]),
            ("the service name", &["spec", "serviceName"]),
            ("the way pods are managed", &["spec", "podManagementPolicy"]),
            ("the volume claims", &["spec", "volumeClaimTemplates"]),
        ],
        ("Job", "batch") => &[
            ("the pod", &["spec", "template"]),
            ("the selector", &["spec", "selector"]),
        ],
        ("ClusterRoleBinding" | "RoleBinding", _) => &[("the role", &["roleRef"])],
        ("StorageClass", _) => &[
            ("the provisioner", &["provisioner"]),
            ("the parameters", &["parameters"]),
        ],
        ("PersistentVolumeClaim", _) => &[
            ("the storage class", &["spec", "storageClassName"]),
            ("the access modes", &["spec", "accessModes"]),
        ],
        _ => &[],
    };
    let differs = |path: &[&str]| old.at(path) != new.at(path);
    fields
        .iter()
        .filter(|(_, path)| differs(path))
        .map(|(name, _)| (*name).to_owned())
        .collect()
}

fn is_are(n: usize) -> &'static str {
    if n == 1 { "is" } else { "are" }
}

/// `1 default has`, `3 defaults have`.
fn has(n: usize, noun: &str) -> String {
    format!("{} {}", count(n, noun), if n == 1 { "has" } else { "have" })
}

/// `1 default is`, `3 defaults are`.
fn are(n: usize, noun: &str) -> String {
    format!("{} {}", count(n, noun), is_are(n))
}

/// A few names, and how many more there are.
fn some(mut names: Vec<String>) -> String {
    let n_more = names.len().saturating_sub(MAX_NAMES);
    if n_more > 1 {
        names.truncate(MAX_NAMES);
        names.push(format!("{n_more} more"));
    }
    listed(&names)
}

fn uncapitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_lowercase().to_string());
    format!("{}{}", first.unwrap_or_default(), letters.as_str())
}
