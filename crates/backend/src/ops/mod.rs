//! The operations, one file an area. Every one takes the viewer it acts for and asks [`authorise`] first.

mod accounts;
mod audit;
mod authorise;
mod bundles;
mod cards;
mod catalog;
mod changelog;
mod chart_files;
mod charts;
mod dependencies;
mod described;
mod detail;
mod hosted;
mod hosted_care;
mod hosted_copy;
mod hosted_retention;
mod hosted_rights;
mod hosted_webhook;
mod listing;
mod merge;
mod mirrors;
mod oci;
mod operations;
mod part;
mod preview;
mod proofs;
mod related;
mod releases;
mod repositories;
mod review;
mod signatures;

pub use crate::hosted::{Document, Pieces};
pub(crate) use accounts::TokenCheck;
pub use accounts::{Accounts, NewSession, NewToken, NewUser, SetUp, SignIn, TokenRequest};
pub use audit::Audit;
pub use authorise::Action;
pub use bundles::{
    BundleContents, BundleEntry, Bundles, ExportOptions, Exported, ImportOptions, Imported, WantedCharts,
};
pub use cards::Shown;
pub use catalog::Catalog;
pub(crate) use charts::segment;
pub use charts::{ArchiveDownload, Charts};
pub use described::{DescribedChart, DescribedVersion};
pub use hosted::{
    HostedCharts, HostedDownload, HostedError, IndexDocument, NewUpload, Uploaded, UploadedVersion,
};
pub use hosted_copy::VersionCopy;
pub use hosted_rights::GrantWish;
pub use hosted_webhook::WebhookWish;
pub use listing::{Listed, Listing};
pub use mirrors::{MirrorIndex, Mirrors};
pub use oci::{Oci, OciBlob, OciError, OciManifest, OciPage, OciPushed, OciUpload};
pub use operations::{Begin, Operations};
pub(crate) use operations::{audit_action, audit_object};
pub use preview::Previews;
pub(crate) use preview::Turns;
pub(crate) use releases::{KeptPlan, Marks, NewOrigin, Plans, Prepared, Work, timestamp};
pub use releases::{LogQuery, Releases, list_options, shown_plan};
pub(crate) use repositories::check_name;
pub use repositories::{NewRepository, Repositories, SyncHandle};
pub(crate) use review::Samples;
