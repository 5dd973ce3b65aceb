//! The page that takes the place of one that cannot be shown.

use leptos::prelude::*;

use super::Page;
use crate::components::error_section::ErrorSection;
use crate::error::{AppError, ErrorKind};

pub(super) fn failed(error: AppError, canonical: &str) -> Page {
    let title = if error.kind == ErrorKind::NotFound {
        "Not found"
    } else {
        "Not available"
    };
    let status = error.kind.status();
    let description = error.message.clone();
    let view = view! { <ErrorSection error=error /> }.into_any();
    Page {
        status,
        ..Page::new(title, description, canonical.to_owned(), view)
    }
}
