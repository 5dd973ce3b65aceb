//! From what somebody asks for to what is done in a cluster.

use std::sync::Arc;
use std::time::Duration;

use cluster::{
    Cascade, Install, MissingRelease, Origin, Rollback, ServerSide, StoredOrigin, Test, Uninstall, Upgrade,
    Wait,
};
use futures_util::TryStreamExt as _;
use helm::chart::Chart;
use helm::release::{Release, ReleaseChart, ReuseValues};
use helm::render::PreparedChart;
use helm::values::{Table, parse_values};
use model::operation::{self, ChartReference, OperationOptions, OperationRequest};
use model::release::ReleaseId;

use crate::blobs::Digest;
use crate::clusters::Connection;
use crate::ops::authorise::Action;
use crate::ops::charts::choose_version;
use crate::store::VersionRecord;
use crate::{Backend, Error, Result, Viewer};

/// The most that a user's values may be long, in bytes: more would not fit into a release's record.
pub(crate) const MAX_VALUES_BYTES: usize = 1 << 20;
/// Texts of options are at most so long.
const MAX_LABELS: usize = 64;
const MAX_TESTS: usize = 256;

/// Something that can be done in a cluster.
pub(crate) struct Prepared {
    pub(crate) work: Work,
    /// What is kept of where the new revision comes from.
    pub(crate) origin: Option<NewOrigin>,
    /// What is to be said of the chart's signature, where its repository wants that said.
    pub(crate) concern: Option<String>,
}

/// What is done.
pub(crate) enum Work {
    Install(Box<Install>),
    Upgrade(Box<Upgrade>),
    Rollback(Rollback),
    Uninstall(Uninstall),
    Test(Test),
}

/// Where a revision that is about to be made comes from.
#[derive(Clone, Default)]
pub(crate) struct NewOrigin {
    pub(crate) origin: Origin,
    pub(crate) values: String,
}

/// A chart of the catalog, ready to be rendered.
pub(crate) struct Loaded {
    pub(crate) chart: Arc<PreparedChart>,
    origin: Origin,
    record: VersionRecord,
    archive: Digest,
    /// What is to be said of its signature; known of what is installed alone.
    concern: Option<String>,
}

/// Says in words what a release can be called.
pub(crate) fn check_release_name(name: &str) -> Result<()> {
    helm::chart::validate_release_name(name).map_err(|_| Error::Invalid {
        field: "name",
        message: format!(
            "`{name}` is not the name of a release: it has at most 53 lower-case letters, digits, `-` and `.`, and begins \
             and ends with a letter or digit"
        ),
    })
}

/// Checks what is asked for, and loads what it needs. The viewer's right to do it has been checked.
pub(crate) async fn prepare(
    backend: &Backend,
    viewer: &Viewer,
    connection: &Connection,
    id: &ReleaseId,
    request: &OperationRequest,
) -> Result<Prepared> {
    check_release_name(&id.name)?;
    let requests = Requests {
        backend,
        viewer,
        connection,
        id,
    };
    match request {
        OperationRequest::Install {
            chart,
            values,
            options,
        } => {
            let loaded = requests.load(chart).await?;
            requests.install(loaded, values, options, None)
        }
        OperationRequest::Upgrade {
            chart,
            values,
            options,
        } => requests.upgrade(chart.as_ref(), values, options).await,
        OperationRequest::Rollback { revision, options } => requests.rollback(*revision, options).await,
        OperationRequest::Uninstall { options } => requests.uninstall(options),
        OperationRequest::Test { options } => {
            let timeout = requests.timeout(options)?;
            check_tests(options)?;
            Ok(Prepared {
                work: Work::Test(Test {
                    timeout,
                    only: options.only_tests.clone(),
                    except: options.except_tests.clone(),
                    ..Test::new(&id.name, &id.namespace)
                }),
                origin: None,
                concern: None,
            })
        }
    }
}

struct Requests<'a> {
    backend: &'a Backend,
    viewer: &'a Viewer,
    connection: &'a Connection,
    id: &'a ReleaseId,
}

impl Requests<'_> {
    fn install(
        &self,
        loaded: Loaded,
        text: &str,
        options: &OperationOptions,
        missing: Option<MissingRelease>,
    ) -> Result<Prepared> {
        let id = self.id;
        let install = Install {
            labels: labels(options)?,
            description: options.description.clone(),
            create_namespace: options.create_namespace,
            skip_crds: options.skip_crds,
            no_hooks: options.no_hooks,
            wait: wait(options),
            timeout: self.timeout(options)?,
            rollback_on_failure: options.rollback_on_failure,
            take_ownership: options.take_ownership,
            force_conflicts: options.force_conflicts,
            force_replace: options.force_replace,
            replace: options.replace || missing == Some(MissingRelease::Uninstalled),
            server_side: options.server_side != operation::ServerSide::No,
            sub_notes: options.render_subchart_notes,
            skip_schema_validation: options.skip_schema_validation,
            ..Install::new(&id.name, &id.namespace, loaded.chart, values(text)?)
        };
        Ok(Prepared {
            work: Work::Install(Box::new(install)),
            origin: Some(NewOrigin {
                origin: loaded.origin,
                values: text.to_owned(),
            }),
            concern: loaded.concern,
        })
    }

    async fn upgrade(
        &self,
        chart: Option<&ChartReference>,
        text: &str,
        options: &OperationOptions,
    ) -> Result<Prepared> {
        let id = self.id;
        let cluster = &self.connection.cluster;
        if options.install {
            let missing = cluster.missing(&id.namespace, &id.name).await;
            if let Some(missing) = missing.map_err(|error| self.connection.explain(&error))? {
                let chart = chart.ok_or_else(|| invalid("chart", "says what is to be installed"))?;
                let loaded = self.load(chart).await?;
                return self.install(loaded, text, options, Some(missing));
            }
        }
        let newest = cluster.newest(&id.namespace, &id.name).await;
        let newest = newest.map_err(|error| self.connection.explain(&error))?.release;
        let loaded = match chart {
            Some(chart) => self.load(chart).await?,
            None => self.load(&self.recorded_chart(&newest).await?).await?,
        };
        let upgrade = Upgrade {
            reuse_values: match options.reuse_values {
                operation::ReuseValues::IfNoneGiven => ReuseValues::IfNoneGiven,
                operation::ReuseValues::Reuse => ReuseValues::WithOldDefaults,
                operation::ReuseValues::Reset => ReuseValues::Never,
                operation::ReuseValues::ResetThenReuse => ReuseValues::WithNewDefaults,
            },
            labels: labels(options)?,
            description: options.description.clone(),
            no_hooks: options.no_hooks,
            wait: wait(options),
            timeout: self.timeout(options)?,
            rollback_on_failure: options.rollback_on_failure,
            take_ownership: options.take_ownership,
            cleanup_on_failure: options.cleanup_on_failure,
            server_side: server_side(options),
            force_conflicts: options.force_conflicts,
            force_replace: options.force_replace,
            sub_notes: options.render_subchart_notes,
            skip_schema_validation: options.skip_schema_validation,
            history_max: options.history_max,
            ..Upgrade::new(&id.name, &id.namespace, loaded.chart, values(text)?)
        };
        // Values that are gone on with keep the text in which they were typed. Where more is mixed in, no text is right.
        let values = match text.trim() {
            "" if options.reuse_values != operation::ReuseValues::Reset => self.typed(newest.revision).await,
            _ => text.to_owned(),
        };
        Ok(Prepared {
            work: Work::Upgrade(Box::new(upgrade)),
            origin: Some(NewOrigin {
                origin: loaded.origin,
                values,
            }),
            concern: loaded.concern,
        })
    }

    async fn rollback(&self, revision: Option<i64>, options: &OperationOptions) -> Result<Prepared> {
        let id = self.id;
        let cluster = &self.connection.cluster;
        let heads = cluster.heads(Some(&id.namespace), Some(&id.name)).await;
        let heads = heads.map_err(|error| self.connection.explain(&error))?;
        let newest = heads.iter().map(|head| head.revision).max();
        let newest = newest.ok_or_else(|| Error::not_found("release", &id.name))?;
        let target = revision.unwrap_or(newest - 1);
        let origin = self.origin_of(target).await.map(|mut origin| {
            origin.by = self.by();
            origin
        });
        let rollback = Rollback {
            revision: Some(target),
            description: options.description.clone(),
            no_hooks: options.no_hooks,
            wait: wait(options),
            timeout: self.timeout(options)?,
            cleanup_on_failure: options.cleanup_on_failure,
            server_side: server_side(options),
            force_conflicts: options.force_conflicts,
            force_replace: options.force_replace,
            history_max: options.history_max,
            ..Rollback::new(&id.name, &id.namespace)
        };
        let origin = origin.unwrap_or_else(|| Origin {
            by: self.by(),
            ..Origin::default()
        });
        Ok(Prepared {
            work: Work::Rollback(rollback),
            origin: Some(NewOrigin {
                origin,
                values: self.typed(target).await,
            }),
            concern: None,
        })
    }

    fn uninstall(&self, options: &OperationOptions) -> Result<Prepared> {
        let uninstall = Uninstall {
            keep_history: options.keep_history,
            no_hooks: options.no_hooks,
            cascade: match options.cascade {
                operation::Cascade::Background => Cascade::Background,
                operation::Cascade::Foreground => Cascade::Foreground,
                operation::Cascade::Orphan => Cascade::Orphan,
            },
            wait: wait(options),
            timeout: self.timeout(options)?,
            description: options.description.clone(),
            ..Uninstall::new(&self.id.name, &self.id.namespace)
        };
        Ok(Prepared {
            work: Work::Uninstall(uninstall),
            origin: None,
            concern: None,
        })
    }

    fn by(&self) -> String {
        self.viewer.name().unwrap_or("system").to_owned()
    }

    /// Each step ends before the whole operation does.
    fn timeout(&self, options: &OperationOptions) -> Result<Duration> {
        let deadline = self.backend.inner().settings.releases.operation_deadline_secs;
        if options.timeout_secs == 0 || options.timeout_secs > deadline {
            return Err(invalid(
                "timeout_secs",
                &format!("is between 1 and {deadline} (`releases.operation_deadline_secs`)"),
            ));
        }
        Ok(Duration::from_secs(options.timeout_secs))
    }

    /// The chart of the last revision, as it was recorded: a repository is never guessed.
    async fn recorded_chart(&self, newest: &Release) -> Result<ChartReference> {
        let chart = newest.chart.as_ref().map_or("", ReleaseChart::name);
        let recorded = self.origins().await.into_iter().filter(|stored| {
            let origin = &stored.origin;
            !origin.repository.is_empty() && origin.chart == chart && stored.revision <= newest.revision
        });
        let origin = recorded
            .max_by_key(|stored| stored.revision)
            .map(|stored| stored.origin);
        let origin = origin.ok_or_else(|| {
            invalid(
                "chart",
                "names the chart: nothing is recorded of where this release came from, because it was not made here",
            )
        })?;
        Ok(ChartReference {
            repository: origin.repository,
            name: origin.chart,
            version: Some(origin.version),
        })
    }

    async fn origin_of(&self, revision: i64) -> Option<Origin> {
        let mut origins = self.origins().await.into_iter();
        origins
            .find(|origin| origin.revision == revision)
            .map(|found| found.origin)
    }

    /// What is recorded; nothing where it cannot be read.
    async fn origins(&self) -> Vec<StoredOrigin> {
        let (namespace, name) = (Some(self.id.namespace.as_str()), Some(self.id.name.as_str()));
        let origins = self.connection.cluster.origins(namespace, name).await;
        origins.unwrap_or_default()
    }

    async fn typed(&self, revision: i64) -> String {
        let cluster = &self.connection.cluster;
        let typed = cluster
            .typed_values(&self.id.namespace, &self.id.name, revision)
            .await;
        typed.ok().flatten().unwrap_or_default()
    }

    async fn load(&self, reference: &ChartReference) -> Result<Loaded> {
        let mut loaded = load_chart(self.backend, self.viewer, reference).await?;
        loaded.concern = self
            .backend
            .may_install(&reference.repository, &loaded.record, loaded.archive)
            .await?;
        Ok(loaded)
    }
}

/// Reads a chart that can be installed out of the store; one that is not there yet is fetched.
pub(crate) async fn load_chart(
    backend: &Backend,
    viewer: &Viewer,
    reference: &ChartReference,
) -> Result<Loaded> {
    backend.authorise(viewer, Action::ReadCharts)?;
    let version = reference.version.as_deref().filter(|version| !version.is_empty());
    let (repository, name) = (&reference.repository, &reference.name);
    let version = match version {
        Some(wanted) => Some(choose_version(backend, viewer, repository, name, wanted).await?),
        None => None,
    };
    let record = backend
        .find_version(viewer, repository, name, version.as_deref())
        .await?;
    let (name, version) = (record.name.clone(), record.version.clone());
    let (digest, stream) = backend
        .chart_archive(&reference.repository, record.clone())
        .await?;
    let chunks: Vec<bytes::Bytes> = stream.body.try_collect().await.map_err(Error::from)?;
    let library = Arc::clone(&backend.inner().library);
    let work = move || {
        let bytes = chunks.concat();
        Ok::<_, Error>((installable(&bytes)?.with_library(library), Digest::of(&bytes)))
    };
    let (chart, archive) = tokio::task::spawn_blocking(work)
        .await
        .map_err(Error::internal)??;
    Ok(Loaded {
        chart: Arc::new(chart),
        origin: Origin {
            repository: reference.repository.clone(),
            chart: name,
            version,
            digest: digest.to_hex(),
            by: viewer.name().unwrap_or("system").to_owned(),
        },
        record,
        archive,
        concern: None,
    })
}

/// The chart of an archive, if it can be installed.
fn installable(archive: &[u8]) -> Result<PreparedChart> {
    let chart = Chart::from_archive(archive).map_err(|error| invalid("chart", &error.to_string()))?;
    check_installable(&chart)?;
    Ok(PreparedChart::new(chart))
}

/// Whether a chart can be installed by itself.
pub(crate) fn check_installable(chart: &Chart) -> Result<()> {
    let kind = &chart.metadata.kind;
    if !matches!(kind.as_str(), "" | "application") {
        return Err(invalid("chart", &format!("{kind} charts are not installable")));
    }
    let missing = chart.missing_dependencies();
    if !missing.is_empty() {
        return Err(invalid(
            "chart",
            &format!(
                "its archive lacks dependencies that it declares: {}",
                missing.join(", ")
            ),
        ));
    }
    Ok(())
}

fn values(text: &str) -> Result<Table> {
    if text.len() > MAX_VALUES_BYTES {
        return Err(invalid(
            "values",
            &format!("are at most {MAX_VALUES_BYTES} bytes long"),
        ));
    }
    parse_values(text.as_bytes()).map_err(|error| invalid("values", &error.to_string()))
}

fn wait(options: &OperationOptions) -> Wait {
    match (options.wait, options.wait_for_jobs) {
        (_, true) => Wait::ObjectsAndJobs,
        (true, false) => Wait::Objects,
        (false, false) => Wait::Hooks,
    }
}

fn server_side(options: &OperationOptions) -> ServerSide {
    match options.server_side {
        operation::ServerSide::Auto => ServerSide::Auto,
        operation::ServerSide::Yes => ServerSide::Yes,
        operation::ServerSide::No => ServerSide::No,
    }
}

/// Names of tests are compared with those of hooks, so that their number is all that counts.
fn check_tests(options: &OperationOptions) -> Result<()> {
    if options.only_tests.len() > MAX_TESTS || options.except_tests.len() > MAX_TESTS {
        return Err(invalid(
            "tests",
            &format!("are named one by one, at most {MAX_TESTS}"),
        ));
    }
    Ok(())
}

fn labels(options: &OperationOptions) -> Result<std::collections::BTreeMap<String, String>> {
    if options.labels.len() > MAX_LABELS {
        return Err(invalid("labels", &format!("are at most {MAX_LABELS}")));
    }
    Ok(options.labels.clone())
}

fn invalid(field: &'static str, message: &str) -> Error {
    Error::Invalid {
        field,
        message: message.to_owned(),
    }
}
