//! Why something of a cluster is not shown, with the roles that would help.

use leptos::prelude::*;
use model::release::ClusterProblem;

use super::notice::Notice;
use super::snippet::Snippet;

/// A sentence; where rights are missing, YAML to hand to whoever can give them.
#[component]
pub(crate) fn Problem(
    problem: ClusterProblem,
    /// Tells this one from others of the page.
    id: String,
) -> impl IntoView {
    let roles = problem.role_yaml.map(|yaml| view! { <Roles yaml=yaml id=id /> });
    view! {
        <Notice status="warn">{problem.message}</Notice>
        {roles}
    }
}

/// Roles as YAML, folded.
#[component]
pub(crate) fn Roles(yaml: String, id: String) -> impl IntoView {
    view! {
        <details class="disclosure" id=id>
            <summary>"Roles that would allow it"</summary>
            <Snippet label="For kubectl apply, by an administrator of the cluster" text=yaml />
        </details>
    }
}

/// Several of them.
pub(crate) fn problems(problems: Vec<ClusterProblem>, id: &str) -> AnyView {
    problems
        .into_iter()
        .enumerate()
        .map(|(at, problem)| view! { <Problem problem=problem id=format!("{id}-{at}") /> })
        .collect_view()
        .into_any()
}
