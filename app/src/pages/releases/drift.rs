//! How the objects in the cluster differ from what the release says.

use leptos::prelude::*;
use model::release::{Drift, ReleaseId};

use crate::components::icon::Icon;
use crate::components::plan_view::{Columns, Objects};
use crate::components::problem::problems;
use crate::format::number;

pub(super) fn drift(id: &ReleaseId, drift: Drift) -> AnyView {
    let n_differ = drift.objects.len();
    let n_all = n_differ + drift.n_equal;
    let (status, icon, sentence) = match (n_differ, n_all, drift.problems.is_empty()) {
        (0, 0, false) => ("neutral", "unknown", "Nothing could be looked at.".to_owned()),
        (0, 0, true) => ("neutral", "ok", "This release has no objects.".to_owned()),
        (0, n, _) => (
            "ok",
            "ok",
            format!("Nothing differs: {} as revision {} says.", are(n), drift.revision),
        ),
        (n, all, _) => (
            "warn",
            "alert",
            format!(
                "{} of {} objects {} from what revision {} says.",
                number(n as u64),
                number(all as u64),
                if n == 1 { "differs" } else { "differ" },
                drift.revision
            ),
        ),
    };
    let objects = (n_differ > 0).then(|| {
        view! {
            <section class="section">
                <header class="section__head">
                    <h2>"What differs"</h2>
                </header>
                <Objects objects=drift.objects namespace=id.namespace.clone() id="drift".to_owned() columns=Columns::DRIFT />
            </section>
        }
    });
    view! {
        <div class="plan">
            <section class="release__health" aria-label="Drift">
                <p class="health" data-status=status>
                    <Icon name=icon />
                    <span>{sentence}</span>
                </p>
                {problems(drift.problems, "drift-problem")}
            </section>
            {objects}
        </div>
    }
    .into_any()
}

fn are(n: usize) -> String {
    match n {
        1 => "the 1 object is".to_owned(),
        n => format!("all {} objects are", number(n as u64)),
    }
}
