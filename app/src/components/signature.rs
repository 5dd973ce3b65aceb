//! What the signature of a chart's archive is worth: a line among the facts, and a sentence where it matters.

use leptos::prelude::*;
use model::signature::{SignatureCheck, SignaturePolicy, SignatureState};

use super::mark::{Look, Mark};
use super::notice::Notice;
use super::relative_time::RelativeTime;

/// Who signed, or why that is not known; the key and the rest are folded.
pub(crate) fn fact(check: SignatureCheck) -> AnyView {
    let (look, word) = match check.state {
        SignatureState::Verified => (look("ok", "signed"), "Verified"),
        SignatureState::Unverified => (look("neutral", "info"), "Not verified"),
        SignatureState::Bad => (look("danger", "failed"), "Bad"),
    };
    let mut names = check.by.into_iter();
    let name = names.next().map(|name| view! { <p>{name}</p> });
    let reason = check.reason.map(|reason| {
        view! { <p class="muted">{capital(&reason)}</p> }
    });
    let others: Vec<_> = names
        .map(|name| view! { <li>{format!("Also {name}")}</li> })
        .collect();
    let key = check.fingerprint.map(|key| {
        view! {
            <li>
                "Key " <code>{key}</code>
            </li>
        }
    });
    let at = check.signed_at.map(|at| {
        view! {
            <li>
                "Signed " <RelativeTime at=at />
            </li>
        }
    });
    let keyring = check.keyring.map(|keyring| {
        view! { <li>{format!("Checked with the keyring {keyring}")}</li> }
    });
    let has_more = key.is_some() || keyring.is_some();
    let more = has_more.then(|| {
        view! {
            <details>
                <summary>"Details"</summary>
                <ul>{key} {at} {others} {keyring}</ul>
            </details>
        }
    });
    view! {
        <Mark look=look word=word />
        {name}
        {reason}
        {more}
    }
    .into_any()
}

/// What a reader must know before anything else: a signature that is bad.
pub(crate) fn notice(check: &SignatureCheck) -> Option<AnyView> {
    if check.state != SignatureState::Bad {
        return None;
    }
    let text = sentence(check)?;
    Some(view! { <Notice status="danger">{text}</Notice> }.into_any())
}

/// What whoever is about to install must know, by the policy of the chart's repository.
pub(crate) fn before_install(check: &SignatureCheck) -> Option<AnyView> {
    let status = match (check.policy, check.state) {
        (_, SignatureState::Verified) | (SignaturePolicy::Show, SignatureState::Unverified) => return None,
        (SignaturePolicy::Refuse, _) | (_, SignatureState::Bad) => "danger",
        (SignaturePolicy::Warn, SignatureState::Unverified) => "warn",
    };
    let text = sentence(check)?;
    let refused = (check.policy == SignaturePolicy::Refuse)
        .then_some(" Charts of its repository are installed only if they are verified.");
    Some(
        view! {
            <Notice status=status>
                {text} {refused}
            </Notice>
        }
        .into_any(),
    )
}

fn sentence(check: &SignatureCheck) -> Option<String> {
    check.concern().map(|concern| format!("{}.", capital(&concern)))
}

fn capital(clause: &str) -> String {
    let mut chars = clause.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

const fn look(status: &'static str, icon: &'static str) -> Look {
    Look { status, icon }
}
