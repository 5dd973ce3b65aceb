//! Where charts come from.

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use model::repository::{RepositoryDetail, RepositorySummary};

use super::Lean;
use crate::error::AppError;

/// All repositories by name.
#[server(name = ListRepositoriesFn, prefix = "/ui", endpoint = "repositories/list", input = GetUrl)]
pub async fn list_repositories() -> Result<Vec<RepositorySummary>, AppError> {
    Ok(super::backend().repositories().list(&super::viewer()).await?)
}

/// One repository with what was left out of it and its newest runs.
#[server(name = GetRepositoryFn, prefix = "/ui", endpoint = "repositories/get", input = GetUrl)]
pub async fn get_repository(name: String) -> Result<RepositoryDetail, AppError> {
    Ok(super::backend()
        .repositories()
        .get(&super::viewer(), &name)
        .await?)
}

impl Lean for Vec<RepositorySummary> {}
impl Lean for RepositoryDetail {}
