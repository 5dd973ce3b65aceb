//! Fields of the form: the values, and the options that few need.

use leptos::prelude::*;

use super::Change;
use crate::components::form::checkbox;
use crate::routes::Links;

/// A text field.
#[derive(Default)]
pub(super) struct Text {
    pub label: &'static str,
    pub name: &'static str,
    pub value: String,
    pub hint: String,
    /// Why what was typed is wrong.
    pub error: Option<String>,
    /// What is offered.
    pub list: Vec<String>,
    /// How it is typed, where not as plain text.
    pub mode: Option<&'static str>,
}

pub(super) fn text_field(text: Text) -> AnyView {
    let Text {
        label,
        name,
        value,
        hint,
        error,
        list,
        mode,
    } = text;
    let id = format!("change-{name}");
    let list_id = (!list.is_empty()).then(|| format!("{id}-list"));
    let described = described(name, error.is_some(), !hint.is_empty());
    let options = list_id.clone().map(|list_id| {
        let options = list
            .into_iter()
            .map(|option| view! { <option value=option></option> })
            .collect_view();
        view! { <datalist id=list_id>{options}</datalist> }
    });
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input
                id=id
                name=name
                type="text"
                value=value
                list=list_id
                inputmode=mode
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                aria-invalid=error.is_some().then_some("true")
                aria-describedby=described
            />
            {options}
            {error_line(name, error)}
            {(!hint.is_empty())
                .then(|| view! { <p class="field__hint" id=format!("change-{name}-hint")>{hint}</p> })}
        </div>
    }
    .into_any()
}

fn described(name: &str, has_error: bool, has_hint: bool) -> Option<String> {
    let ids = [(has_error, "error"), (has_hint, "hint")]
        .into_iter()
        .filter(|(is_there, _)| *is_there)
        .map(|(_, part)| format!("change-{name}-{part}"));
    let ids = ids.collect::<Vec<_>>().join(" ");
    (!ids.is_empty()).then_some(ids)
}

/// What is wrong with a field, below it.
pub(super) fn error_line(name: &str, error: Option<String>) -> Option<AnyView> {
    let error = error?;
    let id = format!("change-{name}-error");
    Some(view! { <p class="field__error" id=id>{error}</p> }.into_any())
}

/// What helm's flags say; folded away unless something there differs or is wrong.
pub(super) fn options(change: &Change) -> AnyView {
    let form = &change.form;
    let of_options = ["timeout_secs", "history_max", "labels", "description", "options"];
    let has_error = change
        .error
        .as_ref()
        .and_then(|error| error.field.as_deref())
        .is_some_and(|field| of_options.contains(&field));
    let is_open = has_error || form.has_options();
    let install = (!change.is_upgrade())
        .then(|| checkbox("skip_crds", "Leave out the definitions in crds/", form.skip_crds));
    let history = change.is_upgrade().then(|| {
        text_field(Text {
            label: "Revisions to keep",
            name: "history_max",
            value: form.history_max.clone(),
            hint: "0 for all".to_owned(),
            error: change.error_at("history_max"),
            mode: Some("numeric"),
            ..Text::default()
        })
    });
    let timeout = text_field(Text {
        label: "Time for each step that waits, in seconds",
        name: "timeout_secs",
        value: form.timeout_secs.clone(),
        error: change.error_at("timeout_secs"),
        mode: Some("numeric"),
        ..Text::default()
    });
    let description = text_field(Text {
        label: "Description",
        name: "description",
        value: form.description.clone(),
        hint: "In the history, instead of Helm's own".to_owned(),
        error: change.error_at("description"),
        ..Text::default()
    });
    let undo = match change.is_upgrade() {
        true => "Go back if something fails (atomic)",
        false => "Take it all away if something fails (atomic)",
    };
    view! {
        <details class="disclosure change__options" id="change-options" open=is_open>
            <summary>"Options"</summary>
            <div class="change__option-groups">
                <fieldset class="choices">
                    <legend>"When it is done"</legend>
                    {checkbox("wait", "Wait until the objects are ready", form.wait)}
                    {checkbox("wait_for_jobs", "Wait for jobs, too", form.wait_for_jobs)}
                    {checkbox("rollback_on_failure", undo, form.rollback_on_failure)}
                </fieldset>
                <fieldset class="choices">
                    <legend>"What is done"</legend>
                    {install}
                    {checkbox("no_hooks", "Run no hooks", form.no_hooks)}
                    {checkbox("force_conflicts", "Take fields that others have set", form.force_conflicts)}
                    {checkbox("take_ownership", "Take over objects that are there already", form.take_ownership)}
                </fieldset>
                <div class="change__option-fields">{timeout} {history} {description} {labels(change)}</div>
            </div>
        </details>
    }
    .into_any()
}

fn labels(change: &Change) -> AnyView {
    let error = change.error_at("labels");
    let described = described("labels", error.is_some(), true);
    view! {
        <div class="field">
            <label for="change-labels">"Labels"</label>
            <textarea
                id="change-labels"
                name="labels"
                rows="2"
                spellcheck="false"
                aria-invalid=error.is_some().then_some("true")
                aria-describedby=described
                inner_html=text_of_area(&change.form.labels)
            ></textarea>
            {error_line("labels", error)}
            <p class="field__hint" id="change-labels-hint">"Of the release's record: key=value, one a line"</p>
        </div>
    }
    .into_any()
}

/// The text area that holds the truth, whatever a script makes of it.
pub(super) fn values(change: &Change) -> AnyView {
    let error = change
        .error_at("values")
        .filter(|_| change.render_problem().is_none());
    let line = change.render_problem().and_then(|problem| problem.values_line);
    let is_wrong = error.is_some() || line.is_some();
    let n_lines = change.form.values.lines().count().clamp(14, 32) + 2;
    let described = described("values", error.is_some(), true);
    let hint = if change.is_upgrade() {
        "As they were typed for the last revision. Everything that is not here is the chart's default."
    } else {
        "YAML. Only what is to differ from the chart's defaults."
    };
    view! {
        <section class="change__values" aria-labelledby="change-values-label">
            <div class="change__pane-head">
                <label id="change-values-label" for="change-values">"Values"</label>
                {starting_points(change)}
                <span class="change__exports" data-exports=true></span>
            </div>
            <textarea
                class="change__text"
                id="change-values"
                name="values"
                rows=n_lines
                spellcheck="false"
                autocapitalize="none"
                autocomplete="off"
                aria-invalid=is_wrong.then_some("true")
                aria-describedby=described
                inner_html=text_of_area(&change.form.values)
            ></textarea>
            {error_line("values", error)}
            <p class="field__hint" id="change-values-hint">{hint}</p>
        </section>
    }
    .into_any()
}

/// The text of a `<textarea>` as HTML. The first line break after the tag is not part of it (HTML, "in body"), so there
/// is one more.
pub(in crate::pages) fn text_of_area(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 16);
    html.push('\n');
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            letter => html.push(letter),
        }
    }
    html
}

fn starting_points(change: &Change) -> Option<AnyView> {
    let chart = change.chart.as_ref()?;
    // A link would take what was typed away.
    if change.starting_points.is_empty() || !change.form.values.is_empty() {
        return None;
    }
    let links = Links::here();
    let files = change
        .starting_points
        .iter()
        .map(|file| {
            let to = links.install_from(&chart.repository, &chart.name, &chart.version.version, file);
            view! {
                <li>
                    <a href=to>{file.clone()}</a>
                </li>
            }
        })
        .collect_view();
    Some(
        view! {
            <nav class="change__starts" aria-label="Begin with">
                <span>"Begin with "</span>
                <ul>{files}</ul>
            </nav>
        }
        .into_any(),
    )
}

#[cfg(test)]
mod tests {
    use super::text_of_area;

    #[test]
    fn values_are_text_and_keep_their_first_line_break() {
        assert_eq!(
            text_of_area("\na: </textarea><script>&amp;"),
            "\n\na: &lt;/textarea&gt;&lt;script&gt;&amp;amp;"
        );
    }
}
