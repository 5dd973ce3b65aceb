//! The page for addresses that are nothing of ours.

use leptos::prelude::*;

use super::load::failed;
use crate::error::AppError;

/// Answers 404 with ways on.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    failed(AppError::no_page(), None)
}
