//! Repositories, how following them goes, and who works on which.

use std::collections::BTreeMap;
use std::path::PathBuf;

use model::Timestamp;
use model::repository::{HeldIndex, RepositoryKind};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use super::{Result, Store, StoreError, Tx};
use crate::secret::SecretString;
use crate::settings::{ArchivePolicy, ProvenancePolicy, RepositorySettings};

const LIST: &str = "select r.*, h.tenant as hosted_tenant, coalesce(h.is_private, false) as is_private \
    from repository r left join hosted_repository h on h.repository_id = r.repository_id order by r.name";
const FIND: &str = "select r.*, h.tenant as hosted_tenant, coalesce(h.is_private, false) as is_private \
    from repository r left join hosted_repository h on h.repository_id = r.repository_id where r.name = $1";
const INSERT: &str = "insert into repository (name, url, kind, managed_by, settings, created_at, next_run_at) \
    values ($1, $2, $3, $4, $5, $6, $7) on conflict (name) do nothing returning repository_id";
const CONFIGURE: &str = "update repository set url = $2, settings = $3, managed_by = $4, next_run_at = $5, \
    index_etag = null, index_last_modified = null, index_digest = null, listed_at = 0, n_failures = 0 where repository_id = $1";
const DELETE: &str = "delete from repository where repository_id = $1";
const CLAIM: &str = "update repository set lease_owner = $2, lease_until = $3, last_attempt_at = $4 \
    where repository_id = $1 and (lease_owner is null or lease_owner = $2 or lease_until < $4)";
const RENEW: &str = "update repository set lease_until = $3 where repository_id = $1 and lease_owner = $2";
const RELEASE: &str =
    "update repository set lease_owner = null where repository_id = $1 and lease_owner = $2";
const RELEASE_ALL: &str = "update repository set lease_owner = null";
const UNCHANGED: &str = "update repository set last_success_at = $2, next_run_at = $3, last_error = null, \
    n_failures = 0 where repository_id = $1";
const TAKEN_OVER: &str = "update repository set index_etag = $2, index_last_modified = $3, index_digest = $4, \
    n_charts = $5, n_versions = $6, n_skipped = $7, held_n_before = null, held_n_now = null, held_accepted = false \
    where repository_id = $1";
const HOLD: &str = "update repository set held_n_before = $2, held_n_now = $3, held_accepted = false \
    where repository_id = $1";
const FAILED: &str = "update repository set last_error = $2, next_run_at = $3, n_failures = n_failures + 1 \
    where repository_id = $1";
const ACCEPT: &str = "update repository set held_accepted = true, next_run_at = $2, index_etag = null, \
    index_last_modified = null, index_digest = null, listed_at = 0 where repository_id = $1 and held_n_now is not null";
// Of what is in the index: the next index is measured by it.
const COUNT: &str = "update repository set \
    n_charts = (select count(*) from chart c where c.repository_id = repository.repository_id and not c.yanked), \
    n_versions = (select count(*) from chart_version v join chart c on c.chart_id = v.chart_id \
    where c.repository_id = repository.repository_id and v.yanked_at is null) where repository_id = $1";
const SAMPLES_ADDED: &str = "select samples_added from catalog_state";
const SET_SAMPLES_ADDED: &str = "update catalog_state set samples_added = true";
const ARCHIVES_OPEN: &str = "select count(*) from chart_version v join chart c on c.chart_id = v.chart_id \
    where c.repository_id = $1 and v.archive_state = 0 and v.yanked_at is null";
// One version of each chart is looked at, not all of them.
const NEWEST_OPEN: &str = "select count(*) from chart c join chart_version v \
    on v.chart_id = c.chart_id and v.version = c.version \
    where c.repository_id = $1 and v.archive_state = 0 and v.yanked_at is null";
const ARCHIVES_FAILED: &str = "select count(*) from chart_version v join chart c on c.chart_id = v.chart_id \
    where c.repository_id = $1 and v.archive_state = 2 and v.yanked_at is null";

pub(super) const SQL: &[&str] = &[
    LIST,
    FIND,
    INSERT,
    CONFIGURE,
    DELETE,
    CLAIM,
    RENEW,
    RELEASE,
    RELEASE_ALL,
    UNCHANGED,
    TAKEN_OVER,
    HOLD,
    FAILED,
    ACCEPT,
    COUNT,
    SAMPLES_ADDED,
    SET_SAMPLES_ADDED,
    ARCHIVES_OPEN,
    NEWEST_OPEN,
    ARCHIVES_FAILED,
];

/// Who may change a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ManagedBy {
    /// The configuration alone.
    Config,
    /// An operator.
    Operator,
    /// It came with the program.
    Bundle,
}

impl ManagedBy {
    fn as_str(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Operator => "operator",
            Self::Bundle => "bundle",
        }
    }

    fn parse(text: &str) -> Self {
        match text {
            "config" => Self::Config,
            "bundle" => Self::Bundle,
            _ => Self::Operator,
        }
    }
}

/// A stored repository.
#[derive(Clone, Debug)]
pub struct RepositoryRecord {
    /// The key.
    pub id: i64,
    /// The name in URLs.
    pub name: String,
    /// The folder of the index.
    pub url: String,
    /// How its charts get here.
    pub kind: RepositoryKind,
    /// Who may change it.
    pub managed_by: ManagedBy,
    /// Credentials and the like.
    pub settings: StoredSettings,
    /// `ETag` of the index taken over last.
    pub index_etag: Option<String>,
    /// `Last-Modified` of the index taken over last.
    pub index_last_modified: Option<String>,
    /// SHA-256 of the index taken over last.
    pub index_digest: Option<Vec<u8>>,
    /// When the tags of a registry were listed last.
    pub listed_at: Timestamp,
    /// Charts.
    pub n_charts: i64,
    /// Versions that are in the index.
    pub n_versions: i64,
    /// Entries of the index that were left out.
    pub n_skipped: i64,
    /// When it was last found to be as we have it.
    pub last_success: Option<Timestamp>,
    /// When it was last tried.
    pub last_attempt: Option<Timestamp>,
    /// When it is due.
    pub next_run: Timestamp,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// Failed attempts in a row.
    pub n_failures: i64,
    /// An index that shrank too much to be taken over unseen.
    pub held: Option<HeldIndex>,
    /// An operator accepts that.
    pub held_accepted: bool,
    /// Of a hosted one: its place in addresses and in the directory.
    pub hosted_tenant: Option<String>,
    /// All its charts are private.
    pub is_private: bool,
}

/// What to store of a new repository.
#[derive(Clone, Debug)]
pub struct NewRepositoryRecord {
    /// The name in URLs.
    pub name: String,
    /// The folder of the index.
    pub url: String,
    /// How its charts get here.
    pub kind: RepositoryKind,
    /// Who may change it.
    pub managed_by: ManagedBy,
    /// Credentials and the like.
    pub settings: StoredSettings,
    /// Now.
    pub created_at: Timestamp,
}

/// How a sync ended, as far as the repository's own row is concerned.
#[derive(Clone, Debug, Default)]
pub struct SyncOutcome {
    /// `ETag` of the index.
    pub etag: Option<String>,
    /// `Last-Modified` of the index.
    pub last_modified: Option<String>,
    /// SHA-256 of the index.
    pub digest: Vec<u8>,
    /// Charts in it.
    pub n_charts: i64,
    /// Versions in it.
    pub n_versions: i64,
    /// Entries left out.
    pub n_skipped: i64,
}

/// A repository's settings as they are stored. Unlike [`RepositorySettings`] this shows its secrets: it is for the
/// database alone.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StoredSettings {
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bearer_token: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
    pass_credentials: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    ca_file: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proxy: Option<String>,
    allow_private_network: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    interval_secs: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    archives: Option<ArchivePolicy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provenance: Option<ProvenancePolicy>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    charts: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    token_hosts: Vec<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    plain_http: bool,
}

impl std::fmt::Debug for StoredSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoredSettings(***)")
    }
}

impl From<&RepositorySettings> for StoredSettings {
    fn from(settings: &RepositorySettings) -> Self {
        let open = |secret: &Option<SecretString>| secret.as_ref().map(|secret| secret.expose().to_owned());
        Self {
            username: settings.username.clone(),
            password: open(&settings.password),
            bearer_token: open(&settings.bearer_token),
            headers: settings
                .headers
                .iter()
                .map(|(k, v)| (k.clone(), v.expose().to_owned()))
                .collect(),
            pass_credentials: settings.pass_credentials,
            ca_file: settings.ca_file.clone(),
            proxy: open(&settings.proxy),
            allow_private_network: settings.allow_private_network,
            interval_secs: settings.interval_secs,
            archives: settings.archives,
            provenance: settings.provenance,
            charts: settings.charts.clone(),
            token_hosts: settings.token_hosts.clone(),
            plain_http: settings.plain_http,
        }
    }
}

impl RepositoryRecord {
    /// A hosted repository that has no row yet.
    pub(crate) fn hosted_to_be() -> Self {
        Self {
            id: 0,
            name: String::new(),
            url: String::new(),
            kind: RepositoryKind::Hosted,
            managed_by: ManagedBy::Config,
            settings: StoredSettings::default(),
            index_etag: None,
            index_last_modified: None,
            index_digest: None,
            listed_at: Timestamp(0),
            n_charts: 0,
            n_versions: 0,
            n_skipped: 0,
            last_success: None,
            last_attempt: None,
            next_run: Timestamp(0),
            last_error: None,
            n_failures: 0,
            held: None,
            held_accepted: false,
            hosted_tenant: None,
            is_private: false,
        }
    }

    /// The settings with their secrets wrapped again.
    pub fn to_settings(&self) -> RepositorySettings {
        let close = |text: &Option<String>| text.as_deref().map(SecretString::new);
        let stored = &self.settings;
        RepositorySettings {
            name: self.name.clone(),
            url: self.url.clone(),
            username: stored.username.clone(),
            password: close(&stored.password),
            bearer_token: close(&stored.bearer_token),
            headers: stored
                .headers
                .iter()
                .map(|(k, v)| (k.clone(), SecretString::new(v.as_str())))
                .collect(),
            pass_credentials: stored.pass_credentials,
            ca_file: stored.ca_file.clone(),
            proxy: close(&stored.proxy),
            allow_private_network: stored.allow_private_network,
            interval_secs: stored.interval_secs,
            archives: stored.archives,
            provenance: stored.provenance,
            charts: stored.charts.clone(),
            token_hosts: stored.token_hosts.clone(),
            plain_http: stored.plain_http,
        }
    }
}

#[derive(FromRow)]
struct Row {
    repository_id: i64,
    name: String,
    url: String,
    kind: String,
    managed_by: String,
    settings: String,
    index_etag: Option<String>,
    index_last_modified: Option<String>,
    index_digest: Option<Vec<u8>>,
    listed_at: i64,
    n_charts: i64,
    n_versions: i64,
    n_skipped: i64,
    last_success_at: Option<i64>,
    last_attempt_at: Option<i64>,
    next_run_at: i64,
    last_error: Option<String>,
    n_failures: i64,
    held_n_before: Option<i64>,
    held_n_now: Option<i64>,
    held_accepted: bool,
    hosted_tenant: Option<String>,
    is_private: bool,
}

impl TryFrom<Row> for RepositoryRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let settings = serde_json::from_str(&row.settings).map_err(|source| StoreError::Inconsistent {
            table: "repository",
            column: "settings",
            id: row.repository_id,
            source,
        })?;
        let held = row
            .held_n_before
            .zip(row.held_n_now)
            .map(|(before, now)| HeldIndex {
                n_versions_before: before.unsigned_abs(),
                n_versions_now: now.unsigned_abs(),
            });
        Ok(Self {
            id: row.repository_id,
            name: row.name,
            url: row.url,
            kind: match row.kind.as_str() {
                "samples" => RepositoryKind::Samples,
                "hosted" => RepositoryKind::Hosted,
                _ => RepositoryKind::Synced,
            },
            managed_by: ManagedBy::parse(&row.managed_by),
            settings,
            index_etag: row.index_etag,
            index_last_modified: row.index_last_modified,
            index_digest: row.index_digest,
            listed_at: Timestamp(row.listed_at),
            n_charts: row.n_charts,
            n_versions: row.n_versions,
            n_skipped: row.n_skipped,
            last_success: row.last_success_at.map(Timestamp),
            last_attempt: row.last_attempt_at.map(Timestamp),
            next_run: Timestamp(row.next_run_at),
            last_error: row.last_error,
            n_failures: row.n_failures,
            held,
            held_accepted: row.held_accepted,
            hosted_tenant: row.hosted_tenant,
            is_private: row.is_private,
        })
    }
}

impl Store {
    /// All repositories by name.
    #[tracing::instrument(name = "db.repository.list", skip_all, err)]
    pub async fn list_repositories(&self) -> Result<Vec<RepositoryRecord>> {
        let rows = on_pool!(self, |pool| sqlx::query_as::<_, Row>(LIST).fetch_all(pool).await)?;
        rows.into_iter().map(RepositoryRecord::try_from).collect()
    }

    /// The repository of that name.
    #[tracing::instrument(name = "db.repository.find", skip_all, fields(repository.name = %name), err)]
    pub async fn find_repository(&self, name: &str) -> Result<Option<RepositoryRecord>> {
        on_pool!(self, |pool| sqlx::query_as::<_, Row>(FIND)
            .bind(name)
            .fetch_optional(pool)
            .await)?
        .map(RepositoryRecord::try_from)
        .transpose()
    }

    /// Adds a repository that is due at once.
    #[tracing::instrument(name = "db.repository.insert", skip_all, fields(repository.name = %new.name), err)]
    pub async fn insert_repository(&self, new: &NewRepositoryRecord) -> Result<i64> {
        let kind = kind_word(new.kind);
        let settings = to_json(&new.settings)?;
        let id = on_writer!(self, |pool| {
            sqlx::query_scalar::<_, i64>(INSERT)
                .bind(new.name.as_str())
                .bind(new.url.as_str())
                .bind(kind)
                .bind(new.managed_by.as_str())
                .bind(settings.as_str())
                .bind(new.created_at.0)
                .bind(new.created_at.0)
                .fetch_optional(pool)
                .await
        })?;
        id.ok_or_else(|| StoreError::Exists {
            name: new.name.clone(),
        })
    }

    /// Changes where a repository is and how it is asked; its next sync starts from nothing.
    #[tracing::instrument(name = "db.repository.configure", skip_all, fields(repository.id = id), err)]
    pub async fn configure_repository(
        &self,
        id: i64,
        url: &str,
        settings: &StoredSettings,
        managed_by: ManagedBy,
        now: Timestamp,
    ) -> Result<()> {
        let settings = to_json(settings)?;
        on_writer!(self, |pool| {
            sqlx::query(CONFIGURE)
                .bind(id)
                .bind(url)
                .bind(settings.as_str())
                .bind(managed_by.as_str())
                .bind(now.0)
                .execute(pool)
                .await
                .map(drop)
        })?;
        Ok(())
    }

    /// Removes a repository with everything that hangs on it.
    #[tracing::instrument(name = "db.repository.delete", skip_all, fields(repository.id = id), err)]
    pub async fn delete_repository(&self, id: i64) -> Result<()> {
        let mut tx = self.begin().await?;
        on_tx!(&mut tx, |c| sqlx::query(DELETE)
            .bind(id)
            .execute(c)
            .await
            .map(drop))?;
        tx.bump_full_generation().await?;
        tx.commit().await
    }

    /// Takes the right to work on a repository until `until`, unless another process holds it.
    #[tracing::instrument(name = "db.repository.claim", skip_all, fields(repository.id = id), err)]
    pub async fn claim_repository(
        &self,
        id: i64,
        owner: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        let n = on_writer!(self, |pool| {
            sqlx::query(CLAIM)
                .bind(id)
                .bind(owner)
                .bind(until.0)
                .bind(now.0)
                .execute(pool)
                .await
                .map(|done| done.rows_affected())
        })?;
        Ok(n == 1)
    }

    /// Holds on to a claim; false when it was lost.
    #[tracing::instrument(name = "db.repository.renew", skip_all, fields(repository.id = id), err)]
    pub async fn renew_claim(&self, id: i64, owner: &str, until: Timestamp) -> Result<bool> {
        let n = on_writer!(self, |pool| {
            sqlx::query(RENEW)
                .bind(id)
                .bind(owner)
                .bind(until.0)
                .execute(pool)
                .await
                .map(|done| done.rows_affected())
        })?;
        Ok(n == 1)
    }

    /// Gives a claim back.
    #[tracing::instrument(name = "db.repository.release", skip_all, fields(repository.id = id), err)]
    pub async fn release_claim(&self, id: i64, owner: &str) -> Result<()> {
        on_writer!(self, |pool| sqlx::query(RELEASE)
            .bind(id)
            .bind(owner)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Gives every claim back: at the start of the only process that uses the database, whoever held one is dead.
    #[tracing::instrument(name = "db.repository.release_all", skip_all, err)]
    pub async fn release_all_claims(&self) -> Result<()> {
        on_writer!(self, |pool| sqlx::query(RELEASE_ALL)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Notes that a sync succeeded.
    #[tracing::instrument(name = "db.repository.succeeded", skip_all, fields(repository.id = id), err)]
    pub async fn note_success(&self, id: i64, at: Timestamp, next_run: Timestamp) -> Result<()> {
        on_writer!(self, |pool| {
            sqlx::query(UNCHANGED)
                .bind(id)
                .bind(at.0)
                .bind(next_run.0)
                .execute(pool)
                .await
                .map(drop)
        })?;
        Ok(())
    }

    /// Notes that a sync failed.
    #[tracing::instrument(name = "db.repository.failed", skip_all, fields(repository.id = id), err)]
    pub async fn note_failure(&self, id: i64, error: &str, next_run: Timestamp) -> Result<()> {
        on_writer!(self, |pool| {
            sqlx::query(FAILED)
                .bind(id)
                .bind(error)
                .bind(next_run.0)
                .execute(pool)
                .await
                .map(drop)
        })?;
        Ok(())
    }

    /// Keeps an index from being taken over until an operator accepts it.
    #[tracing::instrument(name = "db.repository.hold", skip_all, fields(repository.id = id), err)]
    pub async fn hold_index(&self, id: i64, held: &HeldIndex) -> Result<()> {
        on_writer!(self, |pool| {
            sqlx::query(HOLD)
                .bind(id)
                .bind(to_i64(held.n_versions_before))
                .bind(to_i64(held.n_versions_now))
                .execute(pool)
                .await
                .map(drop)
        })?;
        Ok(())
    }

    /// Lets the next sync, due at `now`, take over what is held; false when nothing is.
    #[tracing::instrument(name = "db.repository.accept", skip_all, fields(repository.id = id), err)]
    pub async fn accept_held(&self, id: i64, now: Timestamp) -> Result<bool> {
        let n = on_writer!(self, |pool| {
            sqlx::query(ACCEPT)
                .bind(id)
                .bind(now.0)
                .execute(pool)
                .await
                .map(|done| done.rows_affected())
        })?;
        Ok(n == 1)
    }

    /// Counts a repository's charts and versions anew.
    #[tracing::instrument(name = "db.repository.count", skip_all, fields(repository.id = id), err)]
    pub async fn count_repository(&self, id: i64) -> Result<()> {
        on_writer!(self, |pool| sqlx::query(COUNT)
            .bind(id)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }

    /// How many archives are wanted and how many failed.
    #[tracing::instrument(name = "db.repository.archives", skip_all, fields(repository.id = id), err)]
    pub async fn count_archives(&self, id: i64, policy: ArchivePolicy) -> Result<(u64, u64)> {
        let statement = match policy {
            ArchivePolicy::OnDemand => None,
            ArchivePolicy::Latest => Some(NEWEST_OPEN),
            ArchivePolicy::All => Some(ARCHIVES_OPEN),
        };
        let wanted = match statement {
            None => 0,
            Some(statement) => on_pool!(self, |pool| {
                sqlx::query_scalar::<_, i64>(statement)
                    .bind(id)
                    .fetch_one(pool)
                    .await
            })?,
        };
        let failed = on_pool!(self, |pool| {
            sqlx::query_scalar::<_, i64>(ARCHIVES_FAILED)
                .bind(id)
                .fetch_one(pool)
                .await
        })?;
        Ok((wanted.unsigned_abs(), failed.unsigned_abs()))
    }

    /// Whether the bundled charts were shown once; if an operator removed them, they stay away.
    pub async fn samples_added(&self) -> Result<bool> {
        Ok(on_pool!(self, |pool| sqlx::query_scalar::<_, bool>(
            SAMPLES_ADDED
        )
        .fetch_one(pool)
        .await)?)
    }

    /// Remembers that the bundled charts were shown.
    pub async fn set_samples_added(&self) -> Result<()> {
        on_writer!(self, |pool| sqlx::query(SET_SAMPLES_ADDED)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }
}

impl Tx {
    /// Adds a repository as part of a transaction; none if the name is taken.
    pub async fn insert_repository(&mut self, new: &NewRepositoryRecord) -> Result<Option<i64>> {
        let settings = to_json(&new.settings)?;
        Ok(on_tx!(self, |c| {
            sqlx::query_scalar::<_, i64>(INSERT)
                .bind(new.name.as_str())
                .bind(new.url.as_str())
                .bind(kind_word(new.kind))
                .bind(new.managed_by.as_str())
                .bind(settings.as_str())
                .bind(new.created_at.0)
                .bind(new.created_at.0)
                .fetch_optional(c)
                .await
        })?)
    }

    /// Notes which index is the one that the charts now are from.
    pub async fn note_index(&mut self, id: i64, outcome: &SyncOutcome) -> Result<()> {
        on_tx!(self, |c| {
            sqlx::query(TAKEN_OVER)
                .bind(id)
                .bind(outcome.etag.as_deref())
                .bind(outcome.last_modified.as_deref())
                .bind(outcome.digest.as_slice())
                .bind(outcome.n_charts)
                .bind(outcome.n_versions)
                .bind(outcome.n_skipped)
                .execute(c)
                .await
                .map(drop)
        })?;
        Ok(())
    }
}

fn kind_word(kind: RepositoryKind) -> &'static str {
    match kind {
        RepositoryKind::Samples => "samples",
        RepositoryKind::Synced => "synced",
        RepositoryKind::Hosted => "hosted",
    }
}

fn to_i64(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn to_json(settings: &StoredSettings) -> Result<String> {
    serde_json::to_string(settings).map_err(|source| StoreError::Inconsistent {
        table: "repository",
        column: "settings",
        id: 0,
        source,
    })
}
