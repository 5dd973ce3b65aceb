//! The document around the application: what is loaded, and what the browser must know before it hydrates.

use leptos::nonce::{Nonce, use_nonce};
use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::App;
use crate::api::page::PageBody;
use crate::api::{assets, site, visitor};
use crate::components::icon::SPRITE;
use crate::head;

/// Sets the theme before anything is painted, so that a page never flashes in the wrong one.
const THEME_SCRIPT: &str =
    "try{let t=localStorage.getItem('theme');if(t)document.documentElement.dataset.theme=t}catch{}";

/// Loads the editor when a page that has one comes into the document, and never elsewhere. A page is HTML that is set as a
/// whole, and scripts in such HTML do not run.
const LOAD_EDITORS: &str = "{const load=()=>{const editor=document.querySelector('values-editor[data-script]');\
    if(editor&&!customElements.get('values-editor'))import(editor.dataset.script)};\
    new MutationObserver(load).observe(document.body,{childList:true,subtree:true});load()}";

/// Loads what a place for uploads does with files that are dropped on it.
const LOAD_UPLOADS: &str = "{const load=()=>{const place=document.querySelector('chart-upload[data-script]');\
    if(place&&!customElements.get('chart-upload'))import(place.dataset.script)};\
    new MutationObserver(load).observe(document.body,{childList:true,subtree:true});load()}";

/// Loads what a search field suggests when somebody first comes to one: most readers never do.
const LOAD_SUGGESTIONS: &str = "{const load=field=>{if(field?.matches('.search-field input'))\
    import(SCRIPT).then(({attach})=>attach(field))};\
    document.addEventListener('focusin',({target})=>load(target));load(document.activeElement)}";

/// The whole document.
///
/// Its contexts come from [`crate::api::AppContext::provide`].
pub fn shell() -> impl IntoView {
    let site = site();
    let visitor = visitor();
    let assets = assets();
    let nonce = use_nonce();
    let base = site.base_path.clone();
    let url = move |path: &str| format!("{base}{path}");
    let css = url(&assets.css);
    let js = url(&assets.js);
    let wasm = url(&assets.wasm);
    let suggestions = match assets.suggest.as_str() {
        "" => String::new(),
        path => LOAD_SUGGESTIONS.replace("SCRIPT", &format!("\"{}\"", url(path))),
    };
    let start = format!(
        "import start,{{hydrate}} from \"{js}\";{suggestions}start({{module_or_path:\"{wasm}\"}}).then(hydrate);\
         {LOAD_EDITORS}{LOAD_UPLOADS}"
    );
    view! {
        <!DOCTYPE html>
        <html
            lang="en"
            data-base=site.base_path.clone()
            data-version=site.version.clone()
            data-title=site.title.clone()
            data-visitor=(!visitor.name.is_empty()).then_some(visitor.name)
            data-form-token=(!visitor.form_token.is_empty()).then_some(visitor.form_token)
            data-admin=visitor.is_admin.then_some("true")
        >
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#fbfdfc" />
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#0e1413" />
                <script nonce=nonce.clone() inner_html=THEME_SCRIPT></script>
                <link rel="stylesheet" href=css />
                <link rel="preload" r#as="font" type="font/woff2" crossorigin="anonymous" href=url(&assets.font) />
                <link rel="icon" type="image/svg+xml" href=url("/favicon.svg") />
                <link rel="modulepreload" href=js nonce=nonce.clone() />
                <link rel="preload" r#as="fetch" type="application/wasm" crossorigin="anonymous" href=wasm />
                <script type="module" nonce=nonce inner_html=start></script>
                {follow_rebuilds(&site.base_path, use_nonce())}
                {use_context::<PageBody>().map(|page| head::elements(&page))}
                <MetaTags />
            </head>
            <body>
                <App />
                <div hidden=true inner_html=SPRITE></div>
            </body>
        </html>
    }
}

/// In a debug build: reloads the page when the server has been started anew, as `cargo xtask dev` does.
fn follow_rebuilds(base: &str, nonce: Option<Nonce>) -> Option<impl IntoView + use<>> {
    if !cfg!(debug_assertions) {
        return None;
    }
    let script = format!(
        "let start;new EventSource('{base}/dev/starts').addEventListener('start',\
         event=>{{if(start&&start!==event.data)location.reload();start=event.data}})"
    );
    Some(view! { <script nonce=nonce inner_html=script></script> })
}
