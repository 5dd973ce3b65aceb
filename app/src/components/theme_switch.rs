//! Light, dark, or as the system says.
//!
//! The choice is an attribute of the document and an entry of the browser's storage; the document's script reads it
//! before anything is painted. Which icon shows is the style sheet's business, so server and browser render alike.

use leptos::prelude::*;

use super::icon::Icon;

/// Goes to the next of the three.
#[component]
pub(crate) fn ThemeSwitch() -> impl IntoView {
    view! {
        <button
            class="icon-button theme-switch"
            type="button"
            aria-label="Change theme"
            title="Theme: system, light, dark"
            on:click=|_| next_theme()
        >
            <Icon name="auto" />
            <Icon name="sun" />
            <Icon name="moon" />
        </button>
    }
}

pub(super) fn next_theme() {
    #[cfg(feature = "hydrate")]
    {
        let Some(root) = document().document_element() else {
            return;
        };
        let storage = window().local_storage().ok().flatten();
        let next = match root.get_attribute("data-theme").as_deref() {
            None => Some("light"),
            Some("light") => Some("dark"),
            Some(_) => None,
        };
        // Storage may be forbidden; then the choice lasts as long as the page.
        match next {
            Some(theme) => {
                let _ = root.set_attribute("data-theme", theme);
                let _ = storage.map(|storage| storage.set_item("theme", theme));
            }
            None => {
                let _ = root.remove_attribute("data-theme");
                let _ = storage.map(|storage| storage.remove_item("theme"));
            }
        }
    }
}
