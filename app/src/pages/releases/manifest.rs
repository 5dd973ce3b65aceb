//! The objects of a revision, and its hooks: an index, and each as YAML with an anchor.

use std::collections::BTreeSet;

use leptos::prelude::*;
use model::release::{ManifestPart, ReleaseDetail, RevisionManifest};

use super::{revision_line, yaml_lines};
use crate::components::code_view::CodeView;
use crate::format::count;
use crate::routes::ReleaseTab;

pub(super) fn manifest(release: &ReleaseDetail, manifest: RevisionManifest) -> AnyView {
    let empty = "This revision has no objects.";
    parts(release, ReleaseTab::Manifest, manifest, empty)
}

pub(super) fn hooks(release: &ReleaseDetail, hooks: RevisionManifest) -> AnyView {
    let empty = "This revision has no hooks.";
    parts(release, ReleaseTab::Hooks, hooks, empty)
}

fn parts(
    release: &ReleaseDetail,
    tab: ReleaseTab,
    manifest: RevisionManifest,
    empty: &'static str,
) -> AnyView {
    let line = revision_line(release, tab, manifest.revision);
    if manifest.objects.is_empty() {
        return view! {
            <div class="toolbar">{line}</div>
            <p class="empty">{empty}</p>
        }
        .into_any();
    }
    let noun = if tab == ReleaseTab::Hooks {
        "hook"
    } else {
        "object"
    };
    let n_objects = count(manifest.objects.len() as u64, noun);
    let ids = ids(&manifest.objects);
    let index = index(&manifest.objects, &ids);
    let sections = manifest
        .objects
        .into_iter()
        .zip(ids)
        .enumerate()
        .map(|(at, (object, id))| part(object, id, at))
        .collect_view();
    view! {
        <div class="toolbar">
            {line}
            <p class="toolbar__facts">{n_objects}</p>
        </div>
        <div class="files">
            <nav class="file-list" aria-label="Objects">
                <ul>{index}</ul>
            </nav>
            <div class="files__view manifest">{sections}</div>
        </div>
    }
    .into_any()
}

/// An anchor for each object by its kind and name; where two are called alike, the later ones are numbered.
fn ids(objects: &[ManifestPart]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let unique = |object: &ManifestPart| {
        let plain: String = format!("object-{}-{}", object.kind, object.name)
            .chars()
            .map(|letter| {
                if letter.is_ascii_alphanumeric() {
                    letter.to_ascii_lowercase()
                } else {
                    '-'
                }
            })
            .collect();
        let mut id = plain.clone();
        let mut n = 2;
        while !taken.insert(id.clone()) {
            id = format!("{plain}-{n}");
            n += 1;
        }
        id
    };
    objects.iter().map(unique).collect()
}

/// Grouped by kind where objects of one kind follow each other, as they do in the order of installation.
fn index(objects: &[ManifestPart], ids: &[String]) -> AnyView {
    let mut last = String::new();
    objects
        .iter()
        .zip(ids)
        .map(|(object, id)| {
            let heading = (object.kind != last).then(|| {
                last.clone_from(&object.kind);
                view! { <li class="file-list__folder">{object.kind.clone()}</li> }
            });
            view! {
                {heading}
                <li>
                    <a href=format!("#{id}")>{object.name.clone()}</a>
                </li>
            }
        })
        .collect_view()
        .into_any()
}

fn part(object: ManifestPart, id: String, at: usize) -> AnyView {
    let (html, n_lines) = yaml_lines(&object.yaml, &format!("o{at}-"));
    let label = format!("{} {}", object.kind, object.name);
    let events = (!object.events.is_empty()).then(|| {
        let events = object
            .events
            .into_iter()
            .map(|event| view! { <span class="badge">{event}</span> })
            .collect_view();
        view! { <span class="manifest__events">{events}</span> }
    });
    view! {
        <section class="part">
            <header class="part__head">
                <h2 id=id>
                    <span class="object__kind">{object.kind}</span>
                    " "
                    {object.name}
                </h2>
                {events}
                <p class="muted manifest__path">{object.path}</p>
            </header>
            <CodeView html=html n_lines=n_lines label=label />
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use model::release::ManifestPart;

    use super::ids;

    #[test]
    fn objects_that_are_called_alike_have_anchors_of_their_own() {
        let part = |kind: &str, name: &str| ManifestPart {
            kind: kind.to_owned(),
            name: name.to_owned(),
            path: String::new(),
            events: Vec::new(),
            yaml: String::new(),
        };
        let objects = [
            part("Role", "web"),
            part("Role", "web"),
            part("Role", "web-2"),
            part("ClusterRole", "system:a\"b"),
        ];
        assert_eq!(
            ids(&objects),
            [
                "object-role-web",
                "object-role-web-2",
                "object-role-web-2-2",
                "object-clusterrole-system-a-b"
            ]
        );
    }
}
