//! What the browser asks of the server, and the contexts that both sides share.
//!
//! Each server function is a signature and one line. Reads are GET, so they can neither change anything nor be forged.

pub mod page;
#[cfg(feature = "ssr")]
pub mod reference;
#[cfg(feature = "ssr")]
mod server;

use leptos::prelude::*;
use model::site::Site;

#[cfg(feature = "ssr")]
pub use server::{
    AppContext, FormOutcome, FormToken, ShownToken, UploadOutcome, assets, origin_of, page_of, suggestions_of,
};
#[cfg(feature = "ssr")]
pub(crate) use server::{
    backend, form_outcome, form_token, origin, reachable, reference as api_reference, viewer,
};

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

/// The page that the document holds. On the server it is ready; in the browser the document says what is not seen of it.
pub(crate) fn first_page() -> page::PageBody {
    #[cfg(feature = "ssr")]
    {
        let page: page::PageBody = expect_context();
        server::answer_with(&page);
        page
    }
    #[cfg(not(feature = "ssr"))]
    {
        let data = document()
            .get_element_by_id(page::MAIN)
            .and_then(|main| main.get_attribute("data-page"));
        data.and_then(|data| serde_json::from_str(&data).ok())
            .unwrap_or_default()
    }
}
