//! Keys: `/` to search, `g` and a letter to go, `?` to see them all.

use leptos::prelude::*;

use crate::routes::Links;

const KEYS: &[(&str, &str)] = &[
    ("/", "Search"),
    ("g h", "Go to the home page"),
    ("g c", "Go to the catalog"),
    ("g r", "Go to the repositories"),
    ("g l", "Go to the releases"),
    ("t", "Change the theme"),
    ("?", "Show this list"),
    ("Esc", "Close, or leave a field"),
];

/// Listens for the keys, and lists them in a dialog.
#[component]
pub(crate) fn Shortcuts() -> impl IntoView {
    let dialog = NodeRef::<leptos::html::Dialog>::new();
    listen(Links::here(), dialog);
    let rows = KEYS
        .iter()
        .map(|(keys, meaning)| {
            let keys = keys
                .split(' ')
                .map(|key| view! { <kbd>{key}</kbd> })
                .collect_view();
            view! {
                <div>
                    <dt>{keys}</dt>
                    <dd>{*meaning}</dd>
                </div>
            }
        })
        .collect_view();
    view! {
        <dialog class="dialog" node_ref=dialog aria-labelledby="_keys">
            <form method="dialog">
                <h2 id="_keys">"Keys"</h2>
                <dl class="dialog__keys">{rows}</dl>
                <button class="button">"Close"</button>
            </form>
        </dialog>
    }
}

fn listen(_links: Links, _dialog: NodeRef<leptos::html::Dialog>) {
    #[cfg(feature = "hydrate")]
    {
        use leptos::wasm_bindgen::JsCast;
        use leptos::web_sys::HtmlElement;
        use leptos_router::NavigateOptions;
        use leptos_router::hooks::use_navigate;

        let navigate = use_navigate();
        // Whether the last key was `g`.
        let going = StoredValue::new(false);
        let handle = window_event_listener(leptos::ev::keydown, move |event| {
            if event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented() {
                return;
            }
            let focused = document().active_element();
            let is_field = focused.as_ref().is_some_and(|element| {
                ["INPUT", "TEXTAREA", "SELECT"].contains(&element.tag_name().as_str())
            });
            let key = event.key();
            if key == "Escape" {
                if let Some(field) = focused
                    .filter(|_| is_field)
                    .and_then(|field| field.dyn_into::<HtmlElement>().ok())
                {
                    let _ = field.blur();
                }
                return;
            }
            if is_field {
                return;
            }
            let was_going = going.get_value();
            going.set_value(key == "g");
            let to = match (was_going, key.as_str()) {
                (true, "h") => Some(_links.home()),
                (true, "c") => Some(_links.charts()),
                (true, "r") => Some(_links.repositories()),
                (true, "l") => Some(_links.releases()),
                (false, "/") => {
                    if let Some(field) = document()
                        .get_element_by_id("_search")
                        .and_then(|field| field.dyn_into::<HtmlElement>().ok())
                    {
                        event.prevent_default();
                        let _ = field.focus();
                    }
                    None
                }
                (false, "t") => {
                    super::theme_switch::next_theme();
                    None
                }
                (_, "?") => {
                    if let Some(dialog) = _dialog.get_untracked().filter(|dialog| !dialog.open()) {
                        let _ = dialog.show_modal();
                    }
                    None
                }
                _ => None,
            };
            if let Some(to) = to {
                navigate(
                    &to,
                    NavigateOptions {
                        resolve: false,
                        ..Default::default()
                    },
                );
            }
        });
        on_cleanup(move || handle.remove());
    }
}
