//! What the browser asks of the server, and the contexts that both sides share.
//!
//! Each server function is a signature and one line. Reads are GET, so they can neither change anything nor be forged.

mod lean;
pub mod page;
#[cfg(feature = "ssr")]
mod server;

use leptos::prelude::*;
use model::site::Site;

pub use lean::{Lean, LeanCodec};
#[cfg(feature = "ssr")]
pub use server::{AppContext, assets};
#[cfg(feature = "ssr")]
pub(crate) use server::{backend, origin, viewer};

/// Facts about the site; the document carries them to the browser.
pub fn site() -> Site {
    use_context::<Site>().unwrap_or_else(|| Site {
        version: String::new(),
        base_path: String::new(),
        origin: String::new(),
        title: "Chartroom".to_owned(),
    })
}

/// Gives the document what belongs to the page it holds; in the browser, which has the document already, nothing.
pub(crate) fn answer_with(_page: &page::PageBody) {
    #[cfg(feature = "ssr")]
    server::answer_with(_page);
}
