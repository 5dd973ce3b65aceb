//! What is special about a chart or a version, in a word each.

use leptos::prelude::*;

use super::icon::Icon;

/// The facts that earn a badge.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BadgeFacts {
    pub deprecated: bool,
    pub yanked: bool,
    pub is_library: bool,
    pub is_signed: bool,
    /// By a key of the keyring of its repository.
    pub is_verified: bool,
    pub has_schema: bool,
    pub is_prerelease: bool,
    pub is_official: bool,
}

/// Every badge that applies, most important first.
#[component]
pub(crate) fn Badges(facts: BadgeFacts) -> impl IntoView {
    let all = [
        (
            facts.yanked,
            "yanked",
            "yanked",
            "danger",
            "Gone from the upstream repository",
        ),
        (
            facts.deprecated,
            "deprecated",
            "alert",
            "warn",
            "Its maintainers no longer recommend it",
        ),
        (
            facts.is_prerelease,
            "pre-release",
            "clock",
            "info",
            "Not a release yet",
        ),
        (
            facts.is_official,
            "official",
            "ok",
            "ok",
            "From a repository that this site calls official",
        ),
        (
            facts.is_library,
            "library",
            "library",
            "neutral",
            "Shared templates for other charts; not installable by itself",
        ),
        (
            facts.is_verified,
            "verified",
            "signed",
            "ok",
            "Signed by a key that this site trusts for its repository",
        ),
        (
            facts.is_signed && !facts.is_verified,
            "signed",
            "signed",
            "neutral",
            "Published with a provenance file",
        ),
        (
            facts.has_schema,
            "schema",
            "schema",
            "neutral",
            "Its values are checked by a values.schema.json",
        ),
    ];
    let shown = all
        .into_iter()
        .filter(|badge| badge.0)
        .map(|(_, word, icon, status, title)| badge(word, icon, status, title));
    shown.collect_view()
}

fn badge(word: &'static str, icon: &'static str, status: &'static str, title: &'static str) -> AnyView {
    view! {
        <span class="badge" data-status=status title=title>
            <Icon name=icon />
            {word}
        </span>
    }
    .into_any()
}
