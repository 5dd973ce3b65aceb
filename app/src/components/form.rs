//! Parts of forms that change something: each is plain HTML, posted to the page it is on.

use leptos::prelude::*;

use super::notice::Notice;
use crate::api::{FormOutcome, form_token};
use crate::error::AppError;

/// What shows that the form was made for this session.
#[component]
pub(crate) fn FormToken() -> impl IntoView {
    view! { <input type="hidden" name="form_token" value=form_token() /> }
}

/// A field with its label, and what there is to know about it.
#[component]
pub(crate) fn Field(
    label: &'static str,
    name: &'static str,
    /// Tells this field from others of the page.
    id: String,
    /// The type of the input.
    #[prop(default = "text")]
    kind: &'static str,
    #[prop(optional, into)] value: String,
    /// What browsers and password managers know it by.
    #[prop(default = "off")]
    autocomplete: &'static str,
    #[prop(optional, into)] hint: String,
    #[prop(optional, into)] placeholder: String,
    #[prop(default = true)] required: bool,
    #[prop(optional)] autofocus: bool,
) -> impl IntoView {
    let hint_id = (!hint.is_empty()).then(|| format!("{id}-hint"));
    let is_name = name == "name";
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input
                id=id
                name=name
                type=kind
                value=value
                placeholder=(!placeholder.is_empty()).then_some(placeholder)
                autocomplete=autocomplete
                autocapitalize=is_name.then_some("none")
                spellcheck=is_name.then_some("false")
                required=required
                autofocus=autofocus
                aria-describedby=hint_id.clone()
            />
            {hint_id.map(|hint_id| view! { <p class="field__hint" id=hint_id>{hint}</p> })}
        </div>
    }
}

/// A choice that is on or off; it is sent as `true`, or not at all.
pub(crate) fn checkbox(name: &'static str, label: &'static str, is_on: bool) -> AnyView {
    view! {
        <label class="choice">
            <input type="checkbox" name=name value="true" checked=is_on />
            {label}
        </label>
    }
    .into_any()
}

/// Why the form that was sent did not work.
pub(crate) fn why_not(outcome: &FormOutcome) -> Option<AnyView> {
    let why = sentence(outcome.error.as_ref()?);
    Some(view! { <Notice status="danger">{why}</Notice> }.into_any())
}

pub(crate) fn sentence(error: &AppError) -> String {
    // A field's name as the API has it becomes words.
    let message = match error.message.split_once(": ") {
        Some((field, rest))
            if field
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_') =>
        {
            format!("{} {rest}", field.replace('_', " "))
        }
        _ => error.message.clone(),
    };
    let mut letters = message.chars();
    let first = letters
        .next()
        .map(|first| first.to_uppercase().to_string())
        .unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::sentence;
    use crate::error::{AppError, ErrorKind};

    #[test]
    fn messages_become_sentences() {
        let rows = [
            (
                "password: has at least 12 characters",
                "Password has at least 12 characters.",
            ),
            ("current_password: is wrong", "Current password is wrong."),
            (
                "the name or the password is wrong",
                "The name or the password is wrong.",
            ),
            ("`alice`: the name is taken", "`alice`: the name is taken."),
        ];
        for (message, want) in rows {
            assert_eq!(sentence(&AppError::new(ErrorKind::Invalid, message)), want);
        }
    }
}
