//! A file's text, line by line, as the server highlighted it.

use leptos::prelude::*;

/// The lines with their numbers; a click on a number makes the line the address.
#[component]
pub fn CodeView(
    /// Safe HTML of lines, from the server.
    html: String,
    n_lines: u32,
    /// What a screen reader calls it.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    // The width of the numbers' column depends on how many digits they have.
    let digits = n_lines.to_string().len();
    view! {
        <div class="code-view" data-digits=digits role="region" aria-label=label tabindex="0">
            <pre>
                <code inner_html=html on:click=go_to_line></code>
            </pre>
        </div>
    }
}

/// Numbers are drawn left of the line's own box, so a click there has a negative position.
fn go_to_line(_event: leptos::ev::MouseEvent) {
    #[cfg(feature = "hydrate")]
    {
        use leptos::wasm_bindgen::JsCast;
        use leptos::web_sys::Element;
        let Some(element) = _event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok())
        else {
            return;
        };
        let Some(line) = element.closest(".line").ok().flatten() else {
            return;
        };
        let left = line.get_bounding_client_rect().left();
        let gutter = line
            .closest("pre")
            .ok()
            .flatten()
            .map_or(0.0, |pre| f64::from(pre.client_left()));
        if f64::from(_event.client_x()) - left > gutter + line_gutter(&line) {
            return;
        }
        let _ = window().location().set_hash(&line.id());
    }
}

#[cfg(feature = "hydrate")]
fn line_gutter(line: &leptos::web_sys::Element) -> f64 {
    let style = window().get_computed_style(line).ok().flatten();
    style
        .and_then(|style| style.get_property_value("padding-left").ok())
        .and_then(|px| px.trim_end_matches("px").parse().ok())
        .unwrap_or(0.0)
}
