//! `/repositories/{name}`: what is done with hosted charts.

use app::api::{FormOutcome, UploadOutcome};
use app::error::{AppError, ErrorKind};
use app::routes::{encode_query, query_value};
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use backend::ops::{HostedError, NewUpload, VersionCopy};
use backend::{Bytes, Viewer};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use model::repository::RepositoryAction;
use multer::{Constraints, Multipart, SizeLimit};

use super::{Form, links, see_other};
use crate::state::AppState;

/// Files of one form.
const MAX_FILES: usize = 50;
/// Characters of a file's name that are shown.
const MAX_NAME_CHARS: usize = 200;

/// Does what the button that was pressed says.
pub(crate) async fn post(
    State(state): State<AppState>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    if let Some(boundary) = boundary(request.headers()) {
        return with_files(&state, &name, boundary, request).await;
    }
    let form = match Form::read(&state, request).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    match act(&state, &name, &form).await {
        Ok(done) => see_other(&format!("{}?{done}", links(&state).repository(&name))),
        Err(error) => form.failed(&state, error).await,
    }
}

/// Answers the query by which the page says what was done.
async fn act(state: &AppState, repository: &str, form: &Form) -> Result<String, AppError> {
    let viewer = form.viewer();
    let hosted = state.backend.hosted();
    let wish = form.get("do");
    let right = match wish {
        "delete" | "restore" => RepositoryAction::Delete,
        "private" | "public" | "visibility" => RepositoryAction::Manage,
        "copy" => RepositoryAction::Pull,
        _ => RepositoryAction::Push,
    };
    let tenant = hosted.tenant(&viewer, repository, right).await?;
    let chart = form.get("chart");
    let version = form.optional("version");
    let needed = || version.as_deref().ok_or_else(AppError::no_form);
    let reason = Some(form.get("reason"));
    match wish {
        "delete" => {
            let deleted = hosted
                .delete_some(&viewer, &tenant, chart, version.as_deref())
                .await?;
            let ids: Vec<String> = deleted.restorable.iter().map(i64::to_string).collect();
            return Ok(format!("done=deleted&ids={}", ids.join(",")));
        }
        "restore" => {
            for id in form.all("id") {
                let id = id.parse().map_err(|_| AppError::no_form())?;
                hosted.restore(&viewer, &tenant, id).await?;
            }
            return Ok("done=restored".to_owned());
        }
        "copy" => {
            let to = form.get("to");
            let target = hosted.tenant(&viewer, to, RepositoryAction::Push).await?;
            let what = VersionCopy {
                name: chart,
                version: needed()?,
                force: false,
                publish: form.get("publish") == "true",
            };
            let _room = state.uploads.room().await?;
            hosted.copy(&viewer, &tenant, &target, what).await?;
            return Ok(format!("done=copied&to={}", encode_query(to)));
        }
        "private" | "public" => {
            let is_private = wish == "private";
            hosted
                .set_private(&viewer, &tenant, Some(chart), is_private)
                .await?;
        }
        "visibility" => {
            let is_private = form.get("private") == "true";
            hosted.set_private(&viewer, &tenant, None, is_private).await?;
            return Ok(format!("done={}", if is_private { "private" } else { "public" }));
        }
        "deprecate" => hosted.deprecate(&viewer, &tenant, chart, reason).await?,
        "undeprecate" => hosted.deprecate(&viewer, &tenant, chart, None).await?,
        "yank" => hosted.yank(&viewer, &tenant, chart, needed()?, reason).await?,
        "unyank" => hosted.yank(&viewer, &tenant, chart, needed()?, None).await?,
        _ => return Err(AppError::no_form()),
    }
    let done = match wish {
        "yank" => "yanked",
        "unyank" => "unyanked",
        "deprecate" => "deprecated",
        "undeprecate" => "undeprecated",
        visibility => visibility,
    };
    Ok(format!("done={done}"))
}

/// Uploads or checks the files of a form, one after the other, so that one of them is in memory at a time.
async fn with_files(state: &AppState, repository: &str, boundary: String, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let form = Form::unread(parts);
    match take(state, repository, &form, boundary, body).await {
        Ok(uploads) => {
            let outcome = FormOutcome {
                uploads,
                ..FormOutcome::default()
            };
            form.page(state, outcome).await
        }
        Err(error) => form.failed(state, error).await,
    }
}

async fn take(
    state: &AppState,
    repository: &str,
    form: &Form,
    boundary: String,
    body: Body,
) -> Result<Vec<UploadOutcome>, AppError> {
    let viewer = form.viewer();
    // Before a byte of the body is read: strangers' bytes cost nothing.
    let hosted = state.backend.hosted();
    let tenant = hosted.tenant(&viewer, repository, RepositoryAction::Push).await?;
    let query = form.parts.uri.query().unwrap_or_default();
    let is_check = query_value(query, "do").as_deref() == Some("check");
    let limit = SizeLimit::new().per_field(state.uploads.max_bytes);
    let constraints = Constraints::new().size_limit(limit);
    let mut fields = Multipart::with_constraints(body.into_data_stream(), boundary, constraints);
    let mut is_ours = form.check_token(state, "").is_ok();
    let mut outcomes = Vec::new();
    let broken = |_| AppError::new(ErrorKind::Invalid, "what was sent is not a form of this site");
    for _ in 0..=MAX_FILES {
        let Some(field) = fields.next_field().await.map_err(broken)? else {
            break;
        };
        if field.name() == Some("form_token") {
            let token = field.text().await.map_err(broken)?;
            form.check_token(state, &token)?;
            is_ours = true;
            continue;
        }
        // The token comes first in every form of ours.
        if !is_ours {
            form.check_token(state, "")?;
        }
        let file_name: String = field
            .file_name()
            .unwrap_or_default()
            .chars()
            .filter(|c| !c.is_control())
            .take(MAX_NAME_CHARS)
            .collect();
        let _room = state.uploads.room().await?;
        let mut outcome = UploadOutcome {
            file_name,
            ..UploadOutcome::default()
        };
        match field.bytes().await {
            // A form without a file has one without a name.
            Ok(bytes) if bytes.is_empty() && outcome.file_name.is_empty() => continue,
            Ok(bytes) => one(state, &viewer, &tenant, bytes, is_check, &mut outcome).await?,
            Err(multer::Error::FieldSizeExceeded { .. }) => {
                outcome.error = Some(state.uploads.too_long().message);
                outcomes.push(outcome);
                // Where the next file would begin is not known any more.
                break;
            }
            Err(error) => return Err(broken(error)),
        }
        outcomes.push(outcome);
    }
    match outcomes.is_empty() {
        true => Err(AppError::new(ErrorKind::Invalid, "no file was chosen")),
        false => Ok(outcomes),
    }
}

async fn one(
    state: &AppState,
    viewer: &Viewer,
    tenant: &str,
    bytes: Bytes,
    is_check: bool,
    outcome: &mut UploadOutcome,
) -> Result<(), AppError> {
    let hosted = state.backend.hosted();
    let is_provenance = outcome.file_name.ends_with(".prov");
    if !is_provenance {
        outcome.check = Some(hosted.check_archive(viewer, tenant, bytes.clone()).await?);
    }
    if is_check {
        return Ok(());
    }
    let (archive, provenance) = match is_provenance {
        true => (None, Some(bytes)),
        false => (Some(bytes), None),
    };
    let new = NewUpload {
        archive,
        provenance,
        force: false,
    };
    match hosted.upload(viewer, tenant, new).await {
        Ok(uploaded) => outcome.uploaded = uploaded.version.map(|version| (version.name, version.version)),
        Err(HostedError::Other(error)) => return Err(error.into()),
        Err(error) => outcome.error = Some(error.to_string()),
    }
    Ok(())
}

/// The boundary of a form with files; none where the body is no such form.
fn boundary(headers: &HeaderMap) -> Option<String> {
    let kind = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    multer::parse_boundary(kind).ok()
}
