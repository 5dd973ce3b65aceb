//! Objects of a release as they are in the cluster, each with those it owns.

use leptos::prelude::*;
use model::release::{Container, Resource, ResourceState};

use super::icon::Icon;
use super::mark::Look;
use super::relative_time::RelativeTime;
use crate::format::count;

/// The whole tree. What is well is folded below its own line, what is not lies open.
#[component]
pub(crate) fn ResourceTree(
    resources: Vec<Resource>,
    /// The release's own, which is not repeated.
    namespace: String,
) -> impl IntoView {
    view! { <ul class="tree">{branch(resources, &namespace, "tree")}</ul> }
}

fn branch(resources: Vec<Resource>, namespace: &str, id: &str) -> AnyView {
    resources
        .into_iter()
        .map(|resource| {
            // Folds are found again by name when the tree is fetched anew.
            let id = format!("{id}-{}-{}", resource.kind, resource.name);
            view! { <li>{node(resource, namespace, id)}</li> }
        })
        .collect_view()
        .into_any()
}

fn node(resource: Resource, namespace: &str, id: String) -> AnyView {
    let row = row(&resource, namespace);
    let Resource {
        state,
        containers,
        children,
        ..
    } = resource;
    if containers.is_empty() && children.is_empty() {
        return view! { <div class="tree__row">{row}</div> }.into_any();
    }
    let is_open = state != ResourceState::Ready;
    let n_below = match (children.len(), containers.len()) {
        (0, n) => count(n as u64, "container"),
        (n, _) => format!("{n} below"),
    };
    let containers = (!containers.is_empty()).then(|| {
        let rows = containers.into_iter().map(container).collect_view();
        view! { <ul class="containers">{rows}</ul> }
    });
    let children = (!children.is_empty())
        .then(|| view! { <ul class="tree__branch">{branch(children, namespace, &id)}</ul> });
    view! {
        <details id=id open=is_open>
            <summary class="tree__row">
                {row} <span class="tree__below">{n_below} <Icon name="down" /></span>
            </summary>
            {containers}
            {children}
        </details>
    }
    .into_any()
}

fn row(resource: &Resource, namespace: &str) -> AnyView {
    let look = Look::of_resource(resource.state);
    let elsewhere = resource
        .namespace
        .as_ref()
        .filter(|own| *own != namespace)
        .map(|own| view! { <span class="muted">{format!("in {own}")}</span> });
    let message = (!resource.message.is_empty())
        .then(|| view! { <span class="tree__message">{resource.message.clone()}</span> });
    view! {
        <span class="mark tree__state" data-status=look.status>
            <Icon name=look.icon />
            <span>{resource.state.as_str()}</span>
        </span>
        <span class="tree__what">
            <span class="object__kind">{resource.kind.clone()}</span>
            " "
            <strong class="object__name" title=resource.api_version.clone()>{resource.name.clone()}</strong>
            " "
            {elsewhere}
            {message}
        </span>
        <span class="tree__age">{resource.created.map(|at| view! { <RelativeTime at=at /> })}</span>
    }
    .into_any()
}

fn container(container: Container) -> AnyView {
    let status = match (container.is_ready, container.is_init) {
        (true, _) => "ok",
        (false, true) => "neutral",
        (false, false) => "warn",
    };
    let role = container
        .is_init
        .then(|| view! { <span class="muted">"init"</span> });
    let restarts = (container.n_restarts > 0).then(|| {
        let text = count(container.n_restarts.unsigned_abs(), "restart");
        view! { <span class="containers__restarts">{text}</span> }
    });
    view! {
        <li>
            <span class="containers__name"><strong>{container.name}</strong> {role}</span>
            <span class="containers__state" data-status=status>{container.state}</span>
            {restarts}
            <code class="containers__image">{container.image}</code>
        </li>
    }
    .into_any()
}
