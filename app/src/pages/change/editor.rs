//! The element that a script makes an editor of: it carries the addresses of all that is loaded, and what is edited.
//!
//! Without the script it is an element that nobody sees. The script is `frontend/editor`.

use leptos::prelude::*;

use super::{Change, Subject};
use crate::api::{assets, origin};
use crate::routes::Links;

/// Puts the element around the panes, where the site has an editor and there is a chart to render.
pub(super) fn around(change: &Change, panes: AnyView) -> AnyView {
    let files = &assets().editor;
    let Some(chart) = change.chart.as_ref().filter(|_| files.is_built()) else {
        return panes;
    };
    let links = Links::here();
    let version = &chart.version.version;
    let archive = links.archive(&chart.repository, &chart.name, version);
    let release = match &change.subject {
        Subject::Upgrade { release, .. } => Some(release.summary.id.clone()),
        Subject::Install => None,
    };
    let installed = match &change.subject {
        Subject::Upgrade {
            merge: Some(merging), ..
        } if merging.view.is_ok() => Some(links.archive(&chart.repository, &chart.name, &merging.installed)),
        _ => None,
    };
    let (release, namespace, cluster) = match release {
        Some(id) => (Some(id.name), Some(id.namespace), Some(id.cluster)),
        None => (None, None, None),
    };
    view! {
        <link rel="stylesheet" href=links.path(&files.style) />
        <values-editor
            data-script=links.path(&files.script)
            data-worker=links.path(&files.worker)
            data-engine=links.path(&files.engine)
            data-engine-module=links.path(&files.engine_module)
            data-extras=links.path(&files.extras)
            data-extras-module=links.path(&files.extras_module)
            data-api=links.path("/api/v1")
            data-archive-url=format!("{}{archive}", origin())
            data-archive=archive
            data-installed=installed
            data-repository=chart.repository.clone()
            data-repository-url=chart.repository_url.clone()
            data-chart=chart.name.clone()
            data-version=version.clone()
            data-upgrade=change.is_upgrade().to_string()
            data-sent=change.was_sent.to_string()
            data-release=release
            data-namespace=namespace
            data-cluster=cluster
        >
            {panes}
        </values-editor>
    }
    .into_any()
}
