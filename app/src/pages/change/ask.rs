//! The backend's part: what the page needs, and what the button that was pressed asks for.

use backend::{Backend, Viewer};
use model::chart::ChartDetail;
use model::files::{FileEntry, FileKind, ValuesView};
use model::install::{InstallStart, MergeRequest, NameTaken};
use model::operation::{ChartReference, OperationRequest};
use model::release::{ReleaseDetail, ReleaseId};

use super::merge::Merging;
use super::{Change, Made, Permission, Subject, show};
use crate::api::{FormOutcome, form_outcome};
use crate::change::{ChangeForm, ChangeStep, settled};
use crate::error::{AppError, ErrorKind};
use crate::pages::{Page, Request};
use crate::routes::query_value;

/// Versions that can be chosen; older ones are seldom upgraded to, and have addresses.
const MAX_VERSIONS: usize = 200;

/// What was sent, and which button sent it.
struct Sent {
    outcome: FormOutcome,
    step: ChangeStep,
}

impl Sent {
    fn new() -> Self {
        let outcome = form_outcome();
        let step = ChangeStep::parse(&outcome.typed("do"));
        Self { outcome, step }
    }

    fn was_sent(&self) -> bool {
        !self.outcome.typed.is_empty()
    }

    fn form(&self) -> ChangeForm {
        let typed = &self.outcome.typed;
        ChangeForm::read(|name| {
            let field = typed.iter().find(|(field, _)| field == name);
            field.map(|(_, value)| value.as_str())
        })
    }
}

/// `/charts/{repository}/{name}[/{version}]/install`.
pub(in crate::pages) async fn install(
    request: &Request,
    repository: &str,
    name: &str,
    version: Option<&str>,
    search: &str,
) -> Result<Page, AppError> {
    let sent = Sent::new();
    let charts = request.backend.charts();
    let chart = charts.get(&request.viewer, repository, name, version).await?;
    if chart.version.is_library {
        return Err(AppError::new(
            ErrorKind::Conflict,
            format!("{name} is a library: other charts use its templates, and it installs nothing by itself"),
        ));
    }
    let mut form = sent.form();
    let chosen = |typed: &str, key: &str| {
        let text = Some(typed.to_owned()).filter(|text| !text.is_empty());
        text.or_else(|| query_value(search, key).filter(|text| !text.is_empty()))
    };
    let cluster = chosen(&form.cluster, "cluster");
    let namespace = chosen(&form.namespace, "namespace");
    let start = match request.viewer.name() {
        Some(_) => {
            request
                .backend
                .releases()
                .install_start(&request.viewer, name, cluster.as_deref(), namespace.as_deref())
                .await?
        }
        None => InstallStart {
            name: name.to_owned(),
            namespace: namespace.unwrap_or_else(|| "default".to_owned()),
            ..InstallStart::default()
        },
    };
    // Nothing goes to another cluster than the one that was chosen.
    let is_elsewhere = !form.cluster.is_empty() && !start.cluster.is_empty() && form.cluster != start.cluster;
    let elsewhere = is_elsewhere.then(|| {
        let why = format!("`{}` is none that you may install in; choose again", form.cluster);
        AppError::in_field("cluster", why)
    });
    form.cluster.clone_from(&start.cluster);
    if form.namespace.is_empty() {
        form.namespace.clone_from(&start.namespace);
    }
    if form.name.is_empty() && !sent.was_sent() {
        form.name.clone_from(&start.name);
    }
    let material = material(request, &chart).await;
    if let Some(file) = query_value(search, "from")
        && !sent.was_sent()
    {
        form.values = starting_text(request, &chart, &material, &file).await?;
    }
    let permission = may_install(request, &start, &form);
    let reference = reference(&chart);
    let id = ReleaseId {
        cluster: form.cluster.clone(),
        namespace: form.namespace.clone(),
        name: form.name.clone(),
    };
    let wanted = form.install(reference.clone());
    let (made, error) = match elsewhere {
        Some(error) => (Made::Nothing, Some(error)),
        None => make(request, &sent, &form, &id, wanted, Some(reference), false).await?,
    };
    let taken = match &error {
        // An operation of ours that is at it is told as such.
        Some(error) if error.kind == ErrorKind::Conflict && error.operation.is_none() => {
            taken(request, &id).await
        }
        _ => None,
    };
    let error = match (&taken, error) {
        (Some(_), Some(error)) => Some(AppError {
            field: Some("name".into()),
            ..error
        }),
        (_, error) => error,
    };
    Ok(show(Change {
        subject: Subject::Install,
        chart: Some(chart),
        form,
        start,
        permission,
        defaults: material.defaults,
        starting_points: material.starting_points,
        made,
        error,
        taken,
        was_sent: sent.was_sent(),
    }))
}

/// `/releases/{cluster}/{namespace}/{name}/upgrade`.
pub(in crate::pages) async fn upgrade(
    request: &Request,
    id: &ReleaseId,
    search: &str,
) -> Result<Page, AppError> {
    let sent = Sent::new();
    let releases = request.backend.releases();
    let release = releases.get(&request.viewer, id).await?;
    let mut form = sent.form();
    if form.version.is_empty() {
        form.version = query_value(search, "version").unwrap_or_default();
    }
    if !sent.was_sent() {
        form.values = releases.values(&request.viewer, id, None).await?.user;
    }
    let source = source(&release, &form);
    let candidates = match &release.summary.source {
        Some(_) => Vec::new(),
        None => candidates(request, &release).await?,
    };
    let mut versions = Vec::new();
    let chart = match &source {
        Some((repository, name)) => {
            versions = versions_of(request, repository, name).await?;
            if form.version.is_empty() {
                form.version = good_version(&release, &versions);
            }
            Some(chart_of(request, repository, name, &form.version).await?)
        }
        None => None,
    };
    if let Some(chart) = &chart
        && !versions.contains(&chart.version.version)
    {
        versions.insert(0, chart.version.version.clone());
    }
    let material = match &chart {
        Some(chart) => material(request, chart).await,
        None => Material::default(),
    };
    let permission = if release.rights.change {
        Permission::Given
    } else {
        Permission::Denied(format!(
            "You may see the releases in namespace {} and not change them. An administrator can give you the role \
             operator there.",
            id.namespace
        ))
    };
    let reference = chart.as_ref().map(reference);
    let merge = match &reference {
        Some(chart) => merge(request, &sent, &release, chart, &mut form).await,
        None => None,
    };
    let wanted = form.upgrade(reference.clone());
    let (made, error) = make(request, &sent, &form, id, wanted, reference, true).await?;
    Ok(show(Change {
        subject: Subject::Upgrade {
            release: Box::new(release),
            versions,
            candidates,
            merge: merge.map(Box::new),
        },
        chart,
        form,
        start: InstallStart::default(),
        permission,
        defaults: material.defaults,
        starting_points: Vec::new(),
        made,
        error,
        taken: None,
        was_sent: sent.was_sent(),
    }))
}

/// What the chosen version means for the values, which get what is certain of it once, and what a button has decided.
async fn merge(
    request: &Request,
    sent: &Sent,
    release: &ReleaseDetail,
    chart: &ChartReference,
    form: &mut ChangeForm,
) -> Option<Merging> {
    let version = chart.version.clone().unwrap_or_default();
    let installed = release.summary.chart_version.clone();
    if version == installed {
        return None;
    }
    let is_new = form.merged != version;
    let wanted = MergeRequest {
        installed: ChartReference {
            version: Some(installed.clone()),
            ..chart.clone()
        },
        chart: chart.clone(),
        values: form.values.clone(),
        kept: form.kept.lines().filter(|_| !is_new).map(str::to_owned).collect(),
        makes_certain: is_new,
        choice: settled(&sent.outcome.typed("do")),
    };
    let merged = request.backend.previews().merge(&request.viewer, &wanted).await;
    let view = match merged {
        Ok(view) => {
            form.values.clone_from(&view.values);
            form.kept = view.kept.join("\n");
            form.merged.clone_from(&version);
            Ok(view)
        }
        Err(error) => Err(AppError::from(error)),
    };
    Some(Merging {
        installed,
        version,
        view,
    })
}

/// The chart that an upgrade form names: the one that is known, else the one that was chosen, in the version that was.
pub async fn chart_to_upgrade_to(
    backend: &Backend,
    viewer: &Viewer,
    id: &ReleaseId,
    form: &ChangeForm,
) -> Result<ChartReference, AppError> {
    let release = backend.releases().get(viewer, id).await?;
    let (repository, name) = source(&release, form).ok_or_else(no_chart)?;
    if form.version.is_empty() {
        return Err(AppError::in_field("version", "choose one"));
    }
    Ok(ChartReference {
        repository,
        name,
        version: Some(form.version.clone()),
    })
}

/// Repository and name of the chart, if it is known or was chosen.
fn source(release: &ReleaseDetail, form: &ChangeForm) -> Option<(String, String)> {
    match (&release.summary.source, form.chosen_chart()) {
        (Some(source), _) => Some((source.repository.clone(), source.chart.clone())),
        (None, Some((repository, name))) => Some((repository.to_owned(), name.to_owned())),
        (None, None) => None,
    }
}

fn no_chart() -> AppError {
    AppError::in_field("chart", "choose which chart of the catalog this release is of")
}

/// What the button asks for, and why it did not work. Who has to sign in first is sent to do that.
async fn make(
    request: &Request,
    sent: &Sent,
    form: &ChangeForm,
    id: &ReleaseId,
    wanted: Result<OperationRequest, AppError>,
    chart: Option<ChartReference>,
    is_upgrade: bool,
) -> Result<(Made, Option<AppError>), AppError> {
    let before = sent.outcome.error.clone();
    let Some(chart) = chart else {
        let was_asked = sent.step != ChangeStep::Edit;
        return Ok((Made::Nothing, before.or(was_asked.then(no_chart))));
    };
    let outdated = before
        .as_ref()
        .is_some_and(|error| error.kind == ErrorKind::Conflict);
    let planned = match (sent.step, wanted) {
        (ChangeStep::Plan, Ok(wanted)) => plan(request, id, &wanted).await,
        // It may have changed what it was planned from: the plan as of now is next to why.
        (ChangeStep::Begin, Ok(wanted)) if outdated => plan(request, id, &wanted).await,
        (ChangeStep::Plan, Err(error)) => Err(error),
        (ChangeStep::Begin, _) => Err(before.clone().unwrap_or_else(AppError::no_form)),
        (ChangeStep::Edit, _) => return Ok((Made::Nothing, before)),
        (ChangeStep::Preview, _) => {
            return Ok(match preview(request, form, id, chart, is_upgrade).await {
                Ok(preview) => (Made::Preview(preview), before),
                Err(error) => (Made::Nothing, Some(error)),
            });
        }
    };
    let error = match planned {
        Ok(plan) => return Ok((Made::Plan(plan), before)),
        Err(error) if error.kind == ErrorKind::SignedOut => return Err(error),
        Err(error) => error,
    };
    // What does not render is shown with the place, which only a preview knows.
    let is_of_render = matches!(error.field.as_deref(), Some("chart" | "values"));
    let made = match is_of_render {
        true => match preview(request, form, id, chart, is_upgrade).await {
            Ok(preview) if preview.problem.is_some() => Made::Preview(preview),
            _ => Made::Nothing,
        },
        false => Made::Nothing,
    };
    Ok((made, before.or(Some(error))))
}

async fn plan(
    request: &Request,
    id: &ReleaseId,
    wanted: &OperationRequest,
) -> Result<model::plan::Plan, AppError> {
    if id.cluster.is_empty() && request.viewer.name().is_some() {
        return Err(AppError::in_field(
            "cluster",
            "there is none that you may install in",
        ));
    }
    Ok(request
        .backend
        .releases()
        .plan(&request.viewer, id, wanted)
        .await?)
}

async fn preview(
    request: &Request,
    form: &ChangeForm,
    id: &ReleaseId,
    chart: ChartReference,
    is_upgrade: bool,
) -> Result<model::install::Preview, AppError> {
    let cluster = Some(id.cluster.as_str()).filter(|cluster| !cluster.is_empty());
    let mut wanted = form.preview(chart, cluster, is_upgrade);
    wanted.name.clone_from(&id.name);
    wanted.namespace.clone_from(&id.namespace);
    Ok(request
        .backend
        .previews()
        .render(&request.viewer, &wanted)
        .await?)
}

fn reference(chart: &ChartDetail) -> ChartReference {
    ChartReference {
        repository: chart.repository.clone(),
        name: chart.name.clone(),
        version: Some(chart.version.version.clone()),
    }
}

fn may_install(request: &Request, start: &InstallStart, form: &ChangeForm) -> Permission {
    if !request.backend.releases().has_clusters() {
        return Permission::NoCluster;
    }
    if request.viewer.name().is_none() {
        return Permission::SignedOut;
    }
    let chosen = start.clusters.iter().find(|cluster| cluster.name == form.cluster);
    if chosen.is_some_and(model::install::InstallCluster::is_open) {
        return Permission::Given;
    }
    let places = match start.clusters.as_slice() {
        [] => "in no cluster".to_owned(),
        [one] => format!("nowhere in cluster {}", one.name),
        _ => "in none of the clusters that you see".to_owned(),
    };
    Permission::Denied(format!(
        "You may install {places}. An administrator can give you the role operator for a namespace."
    ))
}

/// What the page shows of the chart's files.
#[derive(Default)]
struct Material {
    defaults: Option<ValuesView>,
    starting_points: Vec<String>,
}

/// An archive that cannot be read leaves the page usable: the preview says why.
async fn material(request: &Request, chart: &ChartDetail) -> Material {
    let (repository, name) = (&chart.repository, &chart.name);
    let version = Some(chart.version.version.as_str());
    let charts = request.backend.charts();
    let defaults = charts.values(&request.viewer, repository, name, version).await;
    let files = charts.files(&request.viewer, repository, name, version).await;
    let files = files.unwrap_or_default().into_iter();
    Material {
        defaults: defaults.ok().flatten(),
        starting_points: files.filter(is_starting_point).map(|file| file.path).collect(),
    }
}

/// `values-*.yaml`, and the values that `ct` installs charts with.
fn is_starting_point(file: &FileEntry) -> bool {
    let of_tests = file.path.starts_with("ci/") && file.path.ends_with("values.yaml");
    file.is_text && file.path != "values.yaml" && (file.kind == FileKind::Values || of_tests)
}

async fn starting_text(
    request: &Request,
    chart: &ChartDetail,
    material: &Material,
    file: &str,
) -> Result<String, AppError> {
    if !material.starting_points.iter().any(|known| known == file) {
        return Err(AppError::new(
            ErrorKind::NotFound,
            format!("the chart has no values file `{file}`"),
        ));
    }
    let version = Some(chart.version.version.as_str());
    let charts = request.backend.charts();
    let (_, bytes) = charts
        .raw_file(&request.viewer, &chart.repository, &chart.name, version, file)
        .await?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The release that has the name already; nothing where that cannot be seen.
async fn taken(request: &Request, id: &ReleaseId) -> Option<NameTaken> {
    let releases = request.backend.releases();
    releases.name_taken(&request.viewer, id).await.ok().flatten()
}

/// Charts of the catalog with the name of the release's.
async fn candidates(request: &Request, release: &ReleaseDetail) -> Result<Vec<String>, AppError> {
    let name = &release.summary.chart;
    let query = model::catalog::CatalogQuery {
        q: name.clone(),
        ..model::catalog::CatalogQuery::default()
    };
    let found = request.backend.catalog().list(&request.viewer, query).await?;
    let charts = found
        .charts
        .items
        .into_iter()
        .filter(|hit| hit.chart.name == *name);
    Ok(charts
        .map(|hit| format!("{}/{}", hit.chart.repository, hit.chart.name))
        .collect())
}

async fn versions_of(request: &Request, repository: &str, name: &str) -> Result<Vec<String>, AppError> {
    let versions = request
        .backend
        .charts()
        .versions(&request.viewer, repository, name)
        .await?;
    let offered = versions.into_iter().filter(|version| !version.yanked);
    Ok(offered
        .map(|version| version.version)
        .take(MAX_VERSIONS)
        .collect())
}

/// The newest where there is a newer one, else the version that the release has, else the newest that there is.
fn good_version(release: &ReleaseDetail, versions: &[String]) -> String {
    let current = &release.summary.chart_version;
    match &release.summary.newer_version {
        Some(newer) => newer.clone(),
        None if versions.contains(current) => current.clone(),
        None => versions.first().cloned().unwrap_or_else(|| current.clone()),
    }
}

async fn chart_of(
    request: &Request,
    repository: &str,
    name: &str,
    version: &str,
) -> Result<ChartDetail, AppError> {
    let version = Some(version).filter(|version| !version.is_empty());
    let charts = request.backend.charts();
    Ok(charts.get(&request.viewer, repository, name, version).await?)
}
