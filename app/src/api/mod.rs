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
pub use server::{AppContext, FormOutcome, FormToken, ShownToken, assets};
#[cfg(feature = "ssr")]
pub(crate) use server::{backend, form_outcome, form_token, origin, viewer};

/// Facts about the site; the document carries them to the browser.
pub fn site() -> Site {
    use_context::<Site>().unwrap_or_else(|| Site {
        version: String::new(),
        base_path: String::new(),
        origin: String::new(),
        title: "Chartroom".to_owned(),
    })
}

/// What the frame shows of whoever looks at it; the document carries it to the browser.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visitor {
    /// Empty when nobody is signed in.
    pub name: String,
    /// For the form that signs out.
    pub form_token: String,
    pub is_admin: bool,
}

/// Who looks at the page.
pub(crate) fn visitor() -> Visitor {
    #[cfg(feature = "ssr")]
    {
        server::visitor()
    }
    #[cfg(not(feature = "ssr"))]
    {
        use_context().unwrap_or_default()
    }
}

/// Gives the document what belongs to the page it holds; in the browser, which has the document already, nothing.
pub(crate) fn answer_with(_page: &page::PageBody) {
    #[cfg(feature = "ssr")]
    server::answer_with(_page);
}
