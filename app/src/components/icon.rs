//! One stroke set of icons, drawn on a grid of 20 for this project.

use leptos::prelude::*;

/// The symbols that every page carries; an icon is a reference to one.
#[cfg(feature = "ssr")]
pub(crate) const SPRITE: &str = concat!(
    r#"<svg xmlns="http://www.w3.org/2000/svg">"#,
    r#"<symbol id="i-mark" viewBox="0 0 20 20"><path d="M3.5 4.5c2.4-.9 4.6-.7 6.5.8v11c-1.900-1.500-4.100-1.700-6.500-.8z"/><path d="M10 5.300c1.900-1.500 4.100-1.700 6.500-.8v11c-2.400-.9-4.600-.7-6.500.8"/><path d="M6 8.200c.7-.1 1.200 0 1.700.2M6 11.200c.7-.1 1.200 0 1.700.2M14 8.200c-.7-.1-1.200 0-1.700.2"/></symbol>"#,
    r#"<symbol id="i-search" viewBox="0 0 20 20"><circle cx="9" cy="9" r="5.250"/><path d="m13 13 3.500 3.500"/></symbol>"#,
    r#"<symbol id="i-chart" viewBox="0 0 20 20"><path d="m10 2.750 6.250 3.500v7.500L10 17.250l-6.250-3.500v-7.500z"/><path d="m3.750 6.250 6.250 3.500 6.250-3.500M10 9.750v7.500"/></symbol>"#,
    r#"<symbol id="i-library" viewBox="0 0 20 20"><path d="M4.250 3.500v13M7.750 3.500v13"/><path d="m11.200 4 3.400 12.200"/><path d="M3 16.500h6M3 3.500h6"/></symbol>"#,
    r#"<symbol id="i-repository" viewBox="0 0 20 20"><rect x="3.250" y="3.500" width="13.500" height="5.500" rx="1.500"/><rect x="3.250" y="11" width="13.500" height="5.500" rx="1.500"/><path d="M6.250 6.250h.01M6.250 13.750h.01M9.500 6.250h4M9.500 13.750h4"/></symbol>"#,
    r#"<symbol id="i-copy" viewBox="0 0 20 20"><rect x="7" y="7" width="9.250" height="9.250" rx="1.750"/><path d="M13 7V5.500c0-1-.75-1.750-1.750-1.750H5.500c-1 0-1.750.75-1.750 1.750v5.750c0 1 .75 1.750 1.750 1.750H7"/></symbol>"#,
    r#"<symbol id="i-check" viewBox="0 0 20 20"><path d="m4.250 10.500 3.750 3.750 7.750-8.500"/></symbol>"#,
    r#"<symbol id="i-sun" viewBox="0 0 20 20"><circle cx="10" cy="10" r="3.250"/><path d="M10 2.500v1.750M10 15.750v1.750M2.500 10h1.750M15.750 10h1.750M4.700 4.700l1.250 1.250M14.050 14.050l1.250 1.250M4.700 15.300l1.250-1.250M14.050 5.950l1.250-1.250"/></symbol>"#,
    r#"<symbol id="i-moon" viewBox="0 0 20 20"><path d="M16.250 11.900A6.750 6.750 0 0 1 8.100 3.750a6.500 6.500 0 1 0 8.150 8.150z"/></symbol>"#,
    r#"<symbol id="i-auto" viewBox="0 0 20 20"><circle cx="10" cy="10" r="6.500"/><path d="M10 3.500v13" /><path d="M10 3.500a6.500 6.500 0 0 1 0 13z" fill="currentColor" stroke="none"/></symbol>"#,
    r#"<symbol id="i-alert" viewBox="0 0 20 20"><path d="M10 3.500 17.250 16H2.750z"/><path d="M10 8.250v3.500M10 13.900h.01"/></symbol>"#,
    r#"<symbol id="i-info" viewBox="0 0 20 20"><circle cx="10" cy="10" r="6.750"/><path d="M10 9.250v4M10 6.500h.01"/></symbol>"#,
    r#"<symbol id="i-clock" viewBox="0 0 20 20"><circle cx="10" cy="10" r="6.500"/><path d="M10 6.250V10l2.500 1.750"/></symbol>"#,
    r#"<symbol id="i-file" viewBox="0 0 20 20"><path d="M5 3.250h6.250L15 7v9.750H5z"/><path d="M11 3.250V7.250h4"/></symbol>"#,
    r#"<symbol id="i-folder" viewBox="0 0 20 20"><path d="M3 5.250h4.750l1.750 2H17v8.500H3z"/></symbol>"#,
    r#"<symbol id="i-signed" viewBox="0 0 20 20"><path d="M10 2.750 15.750 5v4.500c0 3.750-2.350 6.250-5.750 7.750-3.400-1.500-5.750-4-5.750-7.750V5z"/><path d="m7.400 9.900 1.900 1.900 3.500-3.700"/></symbol>"#,
    r#"<symbol id="i-schema" viewBox="0 0 20 20"><path d="M8 3.500c-2 0-2.250.9-2.250 2.500S5.500 9.500 3.750 10c1.750.5 2 2.400 2 4s.25 2.500 2.250 2.500M12 3.500c2 0 2.250.9 2.250 2.500s.25 3.500 2 4c-1.750.5-2 2.400-2 4s-.25 2.500-2.250 2.500"/></symbol>"#,
    r#"<symbol id="i-yanked" viewBox="0 0 20 20"><circle cx="10" cy="10" r="6.750"/><path d="m5.250 5.250 9.500 9.500"/></symbol>"#,
    r#"<symbol id="i-external" viewBox="0 0 20 20"><path d="M8.250 4.250H4.250v11.500h11.500v-4M11.500 4.250h4.250V8.500M15.500 4.500l-6.250 6.250"/></symbol>"#,
    r#"<symbol id="i-right" viewBox="0 0 20 20"><path d="m7.750 4.750 5.250 5.250-5.250 5.250"/></symbol>"#,
    r#"<symbol id="i-left" viewBox="0 0 20 20"><path d="M12.250 4.750 7 10l5.250 5.250"/></symbol>"#,
    r#"<symbol id="i-down" viewBox="0 0 20 20"><path d="m4.750 7.750 5.250 5.250 5.250-5.250"/></symbol>"#,
    r#"<symbol id="i-close" viewBox="0 0 20 20"><path d="m5 5 10 10M15 5 5 15"/></symbol>"#,
    r#"<symbol id="i-keyboard" viewBox="0 0 20 20"><rect x="2.500" y="5" width="15" height="10" rx="1.750"/><path d="M5.500 8h.01M8.500 8h.01M11.500 8h.01M14.500 8h.01M7 12h6"/></symbol>"#,
    r#"<symbol id="i-sync" viewBox="0 0 20 20"><path d="M16 8.250A6.250 6.250 0 0 0 4.750 6.500M4 11.750a6.250 6.250 0 0 0 11.250 1.750"/><path d="M4.500 3.250v3.500H8M15.500 16.750v-3.500H12"/></symbol>"#,
    r#"<symbol id="i-filter" viewBox="0 0 20 20"><path d="M3.500 5.500h13M6 10h8M8.500 14.500h3"/></symbol>"#,
    r#"<symbol id="i-user" viewBox="0 0 20 20"><circle cx="10" cy="7" r="3.250"/><path d="M3.750 16.500c.6-3.200 3-5 6.250-5s5.650 1.800 6.250 5"/></symbol>"#,
    r#"<symbol id="i-release" viewBox="0 0 20 20"><path d="m10 3 6.750 3.500L10 10 3.250 6.500z"/><path d="m3.250 10 6.750 3.500 6.750-3.500"/><path d="m3.250 13.500 6.750 3.500 6.750-3.500"/></symbol>"#,
    r#"<symbol id="i-ok" viewBox="0 0 20 20"><circle cx="10" cy="10" r="6.750"/><path d="m7 10.250 2.100 2.100 4-4.450"/></symbol>"#,
    r#"<symbol id="i-failed" viewBox="0 0 20 20"><circle cx="10" cy="10" r="6.750"/><path d="m7.500 7.500 5 5M12.500 7.500l-5 5"/></symbol>"#,
    r#"<symbol id="i-unknown" viewBox="0 0 20 20"><circle cx="10" cy="10" r="6.750"/><path d="M7.900 8.200c.1-1.200 1-1.950 2.150-1.950 1.200 0 2.100.75 2.100 1.850 0 1.600-2.100 1.650-2.100 3.150M10.050 13.600h.01"/></symbol>"#,
    r#"<symbol id="i-missing" viewBox="0 0 20 20"><circle cx="10" cy="10" r="6.750" stroke-dasharray="2.600 2.700"/></symbol>"#,
    r#"<symbol id="i-progress" viewBox="0 0 20 20"><circle cx="10" cy="10" r="6.750" opacity=".35"/><path d="M10 3.250A6.750 6.750 0 0 1 16.750 10"/></symbol>"#,
    r#"<symbol id="i-undo" viewBox="0 0 20 20"><path d="M7.250 4.250 3.750 7.750l3.500 3.500"/><path d="M4 7.750h7.750a4.250 4.250 0 0 1 0 8.500H8.500"/></symbol>"#,
    r#"<symbol id="i-trash" viewBox="0 0 20 20"><path d="M3.750 5.750h12.500M8 5.500V3.750h4V5.500M5.250 5.750l.75 10.500h8l.75-10.500M8.500 8.750v4.500M11.500 8.750v4.500"/></symbol>"#,
    r#"<symbol id="i-play" viewBox="0 0 20 20"><path d="M6.500 4.250v11.500l9-5.750z"/></symbol>"#,
    r#"<symbol id="i-newer" viewBox="0 0 20 20"><path d="M10 16V4.500M5.250 9.250 10 4.500l4.750 4.750"/></symbol>"#,
    r#"<symbol id="i-add" viewBox="0 0 20 20"><path d="M10 4v12M4 10h12"/></symbol>"#,
    r#"<symbol id="i-edit" viewBox="0 0 20 20"><path d="M4 16l.75-3.500 8.500-8.500 2.750 2.750-8.500 8.500z"/><path d="m11.500 5.750 2.750 2.750"/></symbol>"#,
    r#"<symbol id="i-minus" viewBox="0 0 20 20"><path d="M4 10h12"/></symbol>"#,
    r#"<symbol id="i-equal" viewBox="0 0 20 20"><path d="M4.500 7.750h11M4.500 12.250h11"/></symbol>"#,
    "</svg>"
);

/// An icon beside words; it says nothing by itself.
#[component]
pub(crate) fn Icon(
    /// A symbol's id without its `i-`.
    name: &'static str,
) -> impl IntoView {
    let href = format!("#i-{name}");
    view! {
        <svg class="icon" aria-hidden="true" focusable="false">
            <use href=href></use>
        </svg>
    }
}
