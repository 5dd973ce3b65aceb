//! Files of the archive: the list, and the one that is open. Templates and CRDs are the same view of fewer files.

use leptos::prelude::*;
use model::files::{FileEntry, FileView};

use crate::components::code_view::CodeView;
use crate::components::icon::Icon;
use crate::format::{count, size};
use crate::routes::{ChartRoute, Links};

pub(super) fn files(route: &ChartRoute, entries: Vec<FileEntry>, shown: Option<FileView>) -> AnyView {
    if entries.is_empty() {
        return view! { <p class="empty">"There is nothing here: the archive has no such files, or is not here yet."</p> }.into_any();
    }
    let links = Links::here();
    let folder = route.tab.folder().unwrap_or_default();
    let open = shown
        .as_ref()
        .map(|view| view.entry.path.clone())
        .unwrap_or_default();
    let mut last_folder = String::new();
    let rows = entries
        .into_iter()
        .map(|entry| {
            let name = entry.path.strip_prefix(folder).unwrap_or(&entry.path).to_owned();
            let (parent, base) = name.rsplit_once('/').unwrap_or(("", &name));
            let heading = (parent != last_folder).then(|| {
                last_folder = parent.to_owned();
                let parent = if parent.is_empty() {
                    "/".to_owned()
                } else {
                    breakable(parent)
                };
                view! { <li class="file-list__folder">{parent}</li> }
            });
            let is_open = entry.path == open;
            let href = links.chart_route(&ChartRoute {
                file: Some(entry.path.clone()),
                ..route.clone()
            });
            let row = if entry.is_text {
                view! {
                    <a href=href aria-current=is_open.then_some("page") data-noscroll=true>
                        {breakable(base)}
                    </a>
                }
                .into_any()
            } else {
                let facts = format!("{base} ({})", size(entry.size_bytes));
                view! { <span class="muted">{facts}</span> }.into_any()
            };
            view! {
                {heading}
                <li>{row}</li>
            }
        })
        .collect_view();
    view! {
        <div class="files">
            <nav class="file-list" aria-label="Files">
                <ul>{rows}</ul>
            </nav>
            <div class="files__view">{shown.map(file)}</div>
        </div>
    }
    .into_any()
}

fn file(view: FileView) -> AnyView {
    let facts = format!(
        "{}, {}",
        count(view.n_lines.into(), "line"),
        size(view.entry.size_bytes)
    );
    let path = view.entry.path.clone();
    view! {
        <div class="toolbar">
            <h2 class="toolbar__title">
                <Icon name="file" />
                {breakable(&path)}
            </h2>
            <p class="toolbar__facts">{facts}</p>
        </div>
        <CodeView html=view.html n_lines=view.n_lines label=path />
    }
    .into_any()
}

/// A path that may break behind its slashes and dashes.
fn breakable(path: &str) -> String {
    path.replace('/', "/\u{200b}")
        .replace('-', "-\u{200b}")
        .replace('_', "_\u{200b}")
}
