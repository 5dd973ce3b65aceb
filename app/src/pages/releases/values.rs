//! The values of a revision: the user's as they were typed, and those that the chart was rendered with.

use leptos::prelude::*;
use model::release::{ReleaseDetail, RevisionValues};

use super::{revision_line, yaml_lines};
use crate::components::code_view::CodeView;
use crate::routes::ReleaseTab;

pub(super) fn values(release: &ReleaseDetail, values: RevisionValues) -> AnyView {
    let note = if values.is_as_typed {
        "as they were typed"
    } else {
        "as the record has them; comments and order are not kept there"
    };
    let user = if values.user.trim().is_empty() {
        view! { <p class="muted section__note">"None were given: everything is as the chart has it."</p> }
            .into_any()
    } else {
        let (html, n_lines) = yaml_lines(&values.user, "");
        view! { <CodeView html=html n_lines=n_lines label="The user's values" /> }.into_any()
    };
    let (html, n_lines) = yaml_lines(&values.computed, "c");
    view! {
        <div class="toolbar">{revision_line(release, ReleaseTab::Values, values.revision)}</div>
        <section class="part">
            <header class="part__head">
                <h2>"Given"</h2>
                <p class="muted">{note}</p>
            </header>
            {user}
        </section>
        <section class="part">
            <header class="part__head">
                <h2>"Computed"</h2>
                <p class="muted">"those with the chart's defaults"</p>
            </header>
            <CodeView html=html n_lines=n_lines label="Computed values" />
        </section>
    }
    .into_any()
}
