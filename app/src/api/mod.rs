//! What the pages ask of the server: server functions by area, and the contexts that both sides share.
//!
//! Each function is a signature and one line; what it does is `backend`'s. Reads are GET, so they can neither change
//! anything nor be forged.

pub mod catalog;
pub mod charts;
mod lean;
pub mod repositories;
#[cfg(feature = "ssr")]
mod server;

use leptos::prelude::*;
use model::site::Site;

pub use lean::{Lean, LeanCodec};
#[cfg(feature = "ssr")]
pub use server::{AppContext, assets};
#[cfg(feature = "ssr")]
pub(crate) use server::{backend, set_status, viewer};

use crate::error::AppError;

/// Facts about the site; the document carries them to the browser.
pub fn site() -> Site {
    #[cfg(feature = "ssr")]
    {
        use_context::<std::sync::Arc<Site>>()
            .map(|site| (*site).clone())
            .unwrap_or_else(unknown_site)
    }
    #[cfg(not(feature = "ssr"))]
    {
        use_context::<Site>().unwrap_or_else(unknown_site)
    }
}

fn unknown_site() -> Site {
    Site {
        version: String::new(),
        base_path: String::new(),
        origin: String::new(),
        title: "Chartroom".to_owned(),
    }
}

/// Answers the request with the status that belongs to an error; in the browser, where there is no request, nothing.
pub fn answer_with(_error: &AppError) {
    #[cfg(feature = "ssr")]
    set_status(_error.kind);
}

/// What the document says about a page to those who do not see it; the browser's copy needs none of it.
pub fn describe(_description: &str, _canonical: &str) {
    #[cfg(feature = "ssr")]
    server::describe(_description, _canonical);
}
