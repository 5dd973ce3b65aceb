//! A page as the browser gets it: what its address shows, as HTML.
//!
//! Pages are rendered in one place only, the server. The first answer holds the page within its document; later ones
//! bring the same HTML for the same address. So the browser's bundle holds the frame and no page, and what a visitor
//! sees after a click is what a reload would show.
//!
//! On the server a page is ready before its document is written, so writing it waits for nothing and runs on one thread.
//! (Leptos' resources and suspense are not used: with several threads, an effect of theirs and the view now and then meet
//! at one signal, and the page is lost.)

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

use crate::error::AppError;

/// The id of the element that holds a page; the skip link leads to it.
pub(crate) const MAIN: &str = "_main";

/// What is inside of the frame.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PageBody {
    /// Of the document, with the site's name.
    pub title: String,
    pub description: String,
    /// The proper path of the page.
    pub canonical: String,
    /// Safe HTML, by our own views.
    pub html: String,
    /// The HTTP status that the page has as a document.
    pub status: u16,
    /// Ask again after so many seconds; zero means that nothing changes by itself.
    pub refresh_secs: u32,
    /// The path, below the base path, of an event stream that sends an event without a name whenever the page has
    /// changed; empty where there is none.
    pub events: String,
    /// Whether the stream tells of everything that changes: `refresh_secs` rests while it is followed.
    pub events_tell_all: bool,
    /// What the head of a document says besides; the browser sets none of it.
    #[cfg(feature = "ssr")]
    #[serde(skip)]
    pub head: crate::head::Head,
}

impl PageBody {
    /// The same without its HTML: what the document tells the browser of the page that it holds.
    pub(crate) fn unseen(&self) -> Self {
        Self {
            title: self.title.clone(),
            status: self.status,
            refresh_secs: self.refresh_secs,
            events: self.events.clone(),
            events_tell_all: self.events_tell_all,
            ..Self::default()
        }
    }
}

/// The page of an address: `path` below the base path, `search` its query string.
#[server(name = PageFn, prefix = "/ui", endpoint = "page", input = GetUrl)]
pub async fn page(path: String, search: String) -> Result<PageBody, AppError> {
    Ok(crate::pages::page(&path, &search).await)
}
