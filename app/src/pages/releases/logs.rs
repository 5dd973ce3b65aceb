//! What the containers of a release print: a list of them, and the end of one log.

use leptos::prelude::*;
use model::logs::{ContainerLog, LogPod, ReleaseLogs};
use model::release::ReleaseId;

use crate::components::icon::Icon;
use crate::components::problem::problems;
use crate::format::count;
use crate::routes::{Links, LogQuery};

pub(super) fn logs(id: &ReleaseId, logs: ReleaseLogs) -> AnyView {
    let ReleaseLogs {
        pods,
        shown,
        problems: missing,
    } = logs;
    let has_problems = !missing.is_empty();
    let missing = problems(missing, "logs");
    if pods.is_empty() {
        let empty = (!has_problems).then(|| {
            view! { <p class="empty">"No pod of this release is in the cluster, so there is nothing to read."</p> }
        });
        return view! {
            {missing}
            {empty}
        }
        .into_any();
    }
    let n_restarts = shown.as_ref().map_or(0, |log| restarts(&pods, log));
    let rows = pods
        .into_iter()
        .map(|pod| pod_rows(id, pod, shown.as_ref()))
        .collect_view();
    view! {
        {missing}
        <div class="files">
            <nav class="file-list" aria-label="Containers">
                <ul>{rows}</ul>
            </nav>
            <div class="files__view">{shown.map(|log| log_view(id, log, n_restarts))}</div>
        </div>
    }
    .into_any()
}

fn restarts(pods: &[LogPod], log: &ContainerLog) -> i64 {
    pods.iter()
        .filter(|pod| pod.name == log.pod)
        .flat_map(|pod| &pod.containers)
        .find(|container| container.name == log.container)
        .map_or(0, |container| container.n_restarts)
}

fn pod_rows(id: &ReleaseId, pod: LogPod, shown: Option<&ContainerLog>) -> AnyView {
    let containers = pod
        .containers
        .into_iter()
        .map(|container| {
            let is_open = shown.is_some_and(|log| log.pod == pod.name && log.container == container.name);
            let href = Links::here().release_logs(
                id,
                &LogQuery {
                    pod: pod.name.clone(),
                    container: container.name.clone(),
                    is_previous: false,
                },
            );
            let restarts = (container.n_restarts > 0).then(|| {
                let text = count(container.n_restarts.unsigned_abs(), "restart");
                view! { <span class="facts__note">{text}</span> }
            });
            view! {
                <li>
                    <a href=href aria-current=is_open.then_some("page") data-noscroll=true>
                        {container.name}
                        {restarts}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <li class="file-list__folder">{pod.name}</li>
        {containers}
    }
    .into_any()
}

fn log_view(id: &ReleaseId, log: ContainerLog, n_restarts: i64) -> AnyView {
    let query = LogQuery {
        pod: log.pod.clone(),
        container: log.container.clone(),
        is_previous: !log.is_previous,
    };
    let other = (n_restarts > 0 || log.is_previous).then(|| {
        let label = if log.is_previous {
            "Since the last restart"
        } else {
            "Before the last restart"
        };
        let href = Links::here().release_logs(id, &query);
        view! { <a class="button" href=href>{label}</a> }
    });
    let n_lines = log.text.lines().count() as u64;
    let facts = if log.is_cut {
        format!("the last {}", count(n_lines, "line"))
    } else {
        count(n_lines, "line")
    };
    let label = format!("Log of {} in {}", log.container, log.pod);
    let body = if log.text.is_empty() {
        view! { <p class="empty">"It has printed nothing."</p> }.into_any()
    } else {
        view! {
            <div class="code-view code-view--plain" role="region" aria-label=label tabindex="0">
                <pre>
                    <code>{log.text}</code>
                </pre>
            </div>
        }
        .into_any()
    };
    view! {
        <div class="toolbar">
            <h2 class="toolbar__title">
                <Icon name="file" />
                {log.container}
            </h2>
            <p class="toolbar__facts">{facts}</p>
            {other}
            <a class="button" href="" data-retry=true>
                <Icon name="sync" />
                "Read again"
            </a>
        </div>
        {body}
    }
    .into_any()
}
