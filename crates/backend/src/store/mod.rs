//! What is known, in SQLite or PostgreSQL.
//!
//! One set of functions over portable SQL; [`on_pool!`](pool) runs the same expression on whichever database is
//! configured, and `migrations/` holds the same schema for both. One file an aggregate. Rows are this module's; what
//! leaves it are plain records. Files and pictures are in `blobs`, not here.

#[macro_use]
mod pool;
mod audit;
mod chart;
mod cluster_token;
mod error;
mod grant;
mod hosted;
mod hosted_care;
mod hosted_grant;
mod hosted_retention;
mod hosted_webhook;
mod icon;
mod indexed;
mod migrate;
mod oci;
mod operation;
mod provenance;
mod registry;
mod repository;
mod run;
mod searchable;
mod session;
mod token;
mod user;
mod version;

pub use audit::AuditRecord;
pub use chart::{ChartRecord, NewestVersion};
pub use cluster_token::ClusterTokenRecord;
pub use error::StoreError;
pub use hosted::{
    FileState, HostedEntryRow, HostedFileRecord, HostedRepositoryRecord, HostedStatRow, NewHostedFile,
    Unfinished,
};
pub use hosted_care::{DeletedVersion, HostedChartRow, NewDeleted};
pub use hosted_grant::NewHostedGrant;
pub use hosted_retention::RetentionRecord;
pub use hosted_webhook::{
    Attempt, DeliveryRecord, ListeningWebhook, NewDelivery, NewWebhookRecord, WebhookRecord,
};
pub use icon::IconRecord;
pub use indexed::IndexedVersion;
pub use migrate::migrations;
pub use oci::{OciBlobRow, OciManifestRecord};
pub use operation::{NewOperationRecord, OperationRecord};
pub use pool::{Store, Tx};
pub use provenance::{Proof, ProvenanceRecord, WantedOf, WantedProvenance};
pub use registry::{RegistryVersion, TagLook};
pub use repository::{ManagedBy, NewRepositoryRecord, RepositoryRecord, StoredSettings, SyncOutcome};
pub use run::RunRecord;
pub use searchable::SearchableRecord;
pub use session::{NewSessionRecord, SessionRecord, SessionRow};
pub use token::{NewTokenRecord, TokenRecord, TokenRow};
pub use user::{KubernetesIdentity, NewUserRecord, UserRecord};
pub use version::{
    ArchiveResult, ArchiveStatus, ChangeDetails, DependencyDetails, EntryDetails, EntryRecord, HostedPlace,
    MaintainerDetails, PendingArchive, StoredEntry, VersionRecord, VersionRow,
};

pub(crate) type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Every statement that is not built at run time, for the test that prepares them all on both databases.
pub fn statements() -> Vec<&'static str> {
    [
        audit::SQL,
        chart::SQL,
        cluster_token::SQL,
        grant::SQL,
        hosted::SQL,
        hosted_care::SQL,
        hosted_grant::SQL,
        hosted_retention::SQL,
        hosted_webhook::SQL,
        icon::SQL,
        indexed::SQL,
        oci::SQL,
        operation::SQL,
        provenance::SQL,
        registry::SQL,
        repository::SQL,
        run::SQL,
        searchable::SQL,
        session::SQL,
        token::SQL,
        user::SQL,
        version::SQL,
    ]
    .concat()
}
