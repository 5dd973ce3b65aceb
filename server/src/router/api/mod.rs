//! tidy: table
//! Every address below `/api/v1`: the one list that routes, OpenAPI's description and the page about it are made from.

mod catalog;
mod hosted;
mod hosted_care;

use axum::Router;
use axum::middleware::from_fn;
use http::Method;
use model::access::{AuditPage, ClusterIdentity, Grant, Me, Scope, TokenSummary, UserSummary};
use model::install::ClusterFacts;
use model::logs::ContainerLog;
use model::operation::{OperationEvent, OperationRequest, OperationSummary};
use model::page::Page;
use model::plan::Plan;
use model::record::{DryRunRequest, LiveObjects, RecordList, RecordQuery, ReleaseRecord};
use model::release::{
    ClusterSummary, Comparison, Drift, History, ReleaseDetail, ReleaseList, ReleaseQuery, Resources,
    RevisionManifest, RevisionValues,
};

use super::endpoint::{Access, Endpoint, RequestHeader};
use crate::http::{
    audit, charts, description, operations, records, releases, session, tokens, users, validators,
};
use crate::state::AppState;

const READ: Access = Access::Scope(Scope::ReadReleases);
const WRITE: Access = Access::Scope(Scope::WriteReleases);
const ADMIN: Access = Access::Scope(Scope::Admin);

const GET: &Method = &Method::GET;
const POST: &Method = &Method::POST;
const PATCH: &Method = &Method::PATCH;
const PUT: &Method = &Method::PUT;
const DELETE: &Method = &Method::DELETE;

const IDEMPOTENCY_KEY: &[RequestHeader] = &[RequestHeader {
    name: "Idempotency-Key",
    description: "A word of up to 200 printable ASCII characters: the same request with the same word begins nothing \
                  anew.",
}];
const LAST_EVENT_ID: &[RequestHeader] = &[RequestHeader {
    name: "Last-Event-ID",
    description: "The number of the last event that is known; those after it are sent.",
}];

/// What groups of addresses are about, in the order they are described in.
pub(crate) const GROUPS: [(&str, &str); 7] = [
    (
        "Catalog",
        "Repositories, their charts, and what is known of them.",
    ),
    (
        "Hosted charts",
        "Uploading charts, and deciding what becomes of them.",
    ),
    (
        "Releases",
        "Releases of all clusters: what there is, and how it is.",
    ),
    (
        "Records",
        "The same in helm's own shape, for programs that speak helm's language.",
    ),
    (
        "Operations",
        "Planning, beginning, following and ending what is done with releases.",
    ),
    (
        "Access",
        "Who asks, users and their roles, tokens, and what was done.",
    ),
    ("Description", "This description."),
];

/// All of them.
pub(crate) fn endpoints() -> Vec<Endpoint> {
    let groups = [
        ("Catalog", catalog::endpoints()),
        ("Hosted charts", hosted::endpoints()),
        ("Hosted charts", hosted_care::endpoints()),
        ("Releases", of_releases()),
        ("Records", of_records()),
        ("Operations", of_operations()),
        ("Access", of_access()),
        ("Description", of_description()),
    ];
    let named = groups.into_iter().flat_map(|(group, endpoints)| {
        endpoints
            .into_iter()
            .map(move |endpoint| Endpoint { group, ..endpoint })
    });
    named.collect()
}

/// Their routes.
pub(super) fn routes() -> Router<AppState> {
    endpoints().into_iter().fold(Router::new(), |router, endpoint| {
        let route = match endpoint.is_shared() {
            true => endpoint.route.layer(from_fn(validators::of_content)),
            false => endpoint.route,
        };
        router.route(endpoint.path, route)
    })
}

fn of_releases() -> Vec<Endpoint> {
    vec![
        Endpoint::new(
            GET,
            "/api/v1/clusters",
            ("listClusters", "The clusters of which the user may see something"),
            READ,
            releases::clusters,
        )
        .data::<Vec<ClusterSummary>>(),
        Endpoint::new(
            GET,
            "/api/v1/clusters/{cluster}/facts",
            (
                "getClusterFacts",
                "What templates see of a cluster: its version and the API versions that it serves",
            ),
            READ,
            releases::cluster_facts,
        )
        .data::<ClusterFacts>()
        .problems(&[404, 503]),
        Endpoint::new(
            GET,
            "/api/v1/releases",
            (
                "listReleases",
                "Releases of all clusters and namespaces that the user may see, 50 a page",
            ),
            READ,
            releases::list,
        )
        .query::<ReleaseQuery>()
        .data::<ReleaseList>()
        .problems(&[400, 404]),
        Endpoint::new(
            GET,
            "/api/v1/releases/events",
            (
                "followReleases",
                "Sends the text `changed` whenever that list may have changed",
            ),
            READ,
            releases::events,
        )
        .query::<ReleaseQuery>()
        .signals()
        .problems(&[400, 404]),
        Endpoint::new(
            GET,
            "/api/v1/releases/{cluster}/{namespace}/{name}",
            (
                "getRelease",
                "The newest revision, where it came from, and what the user may do with it",
            ),
            READ,
            releases::get,
        )
        .data::<ReleaseDetail>()
        .problems(OF_RELEASE),
        Endpoint::new(
            GET,
            "/api/v1/releases/{cluster}/{namespace}/{name}/history",
            ("getHistory", "The revisions, the newest first"),
            READ,
            releases::history,
        )
        .data::<History>()
        .problems(OF_RELEASE),
        Endpoint::new(
            GET,
            "/api/v1/releases/{cluster}/{namespace}/{name}/values",
            (
                "getValues",
                "The user's values as they were typed, and those with the chart's defaults",
            ),
            READ,
            releases::values,
        )
        .query::<releases::Revision>()
        .data::<RevisionValues>()
        .problems(OF_REVISION),
        Endpoint::new(
            GET,
            "/api/v1/releases/{cluster}/{namespace}/{name}/manifest",
            (
                "getManifest",
                "The objects, each as YAML, without the data of Secrets",
            ),
            READ,
            releases::manifest,
        )
        .query::<releases::Revision>()
        .data::<RevisionManifest>()
        .problems(OF_REVISION),
        Endpoint::new(
            GET,
            "/api/v1/releases/{cluster}/{namespace}/{name}/hooks",
            ("getHooks", "The hooks, each as YAML, without the data of Secrets"),
            READ,
            releases::hooks,
        )
        .query::<releases::Revision>()
        .data::<RevisionManifest>()
        .problems(OF_REVISION),
        Endpoint::new(
            GET,
            "/api/v1/releases/{cluster}/{namespace}/{name}/notes",
            ("getNotes", "`NOTES.txt`, rendered"),
            READ,
            releases::notes,
        )
        .query::<releases::Revision>()
        .data::<releases::Notes>()
        .problems(OF_REVISION),
        Endpoint::new(
            GET,
            "/api/v1/releases/{cluster}/{namespace}/{name}/compare",
            (
                "compareRevisions",
                "What differs between two revisions: chart, values, objects, notes",
            ),
            READ,
            releases::compare,
        )
        .query::<releases::Revisions>()
        .data::<Comparison>()
        .problems(OF_REVISION),
        Endpoint::new(
            GET,
            "/api/v1/releases/{cluster}/{namespace}/{name}/resources",
            (
                "getResources",
                "The objects as they are now, with pods, events and ways to reach them",
            ),
            READ,
            releases::resources,
        )
        .data::<Resources>()
        .problems(OF_RELEASE),
        Endpoint::new(
            GET,
            "/api/v1/releases/{cluster}/{namespace}/{name}/drift",
            ("getDrift", "How the objects differ from the manifest"),
            READ,
            releases::drift,
        )
        .data::<Drift>()
        .problems(OF_RELEASE),
        Endpoint::new(
            GET,
            "/api/v1/releases/{cluster}/{namespace}/{name}/log",
            ("getLog", "What a container printed"),
            READ,
            releases::log,
        )
        .query::<releases::Log>()
        .data::<ContainerLog>()
        .problems(OF_REVISION),
        Endpoint::new(
            GET,
            "/api/v1/releases/{cluster}/{namespace}/{name}/log/events",
            (
                "followLog",
                "What a container printed and prints, as JSON texts; it ends after five minutes",
            ),
            READ,
            releases::follow_log,
        )
        .query::<releases::Log>()
        .events::<String>()
        .problems(OF_REVISION),
    ]
}

const OF_RELEASE: &[u16] = &[404, 409];
const OF_REVISION: &[u16] = &[400, 404, 409];

fn of_records() -> Vec<Endpoint> {
    vec![
        Endpoint::new(
            GET,
            "/api/v1/clusters/{cluster}/records",
            (
                "listRecords",
                "What `helm list` would list of a cluster, as helm records it; 5,000 at most",
            ),
            READ,
            records::list,
        )
        .query::<RecordQuery>()
        .data::<RecordList>()
        .problems(OF_REVISION),
        Endpoint::new(
            GET,
            "/api/v1/releases/{cluster}/{namespace}/{name}/records",
            (
                "getRecordHistory",
                "The newest revisions as helm records them, the oldest of them first",
            ),
            READ,
            records::history,
        )
        .query::<records::Newest>()
        .data::<RecordList>()
        .problems(OF_REVISION),
        Endpoint::new(
            GET,
            "/api/v1/releases/{cluster}/{namespace}/{name}/record",
            (
                "getRecord",
                "A revision as helm records it, without the data of Secrets",
            ),
            READ,
            records::get,
        )
        .query::<releases::Revision>()
        .data::<ReleaseRecord>()
        .problems(OF_REVISION),
        Endpoint::new(
            GET,
            "/api/v1/releases/{cluster}/{namespace}/{name}/objects",
            (
                "getObjects",
                "What `helm status` shows of the objects: as they are, or as tables",
            ),
            READ,
            records::objects,
        )
        .query::<records::Shown>()
        .data::<LiveObjects>()
        .problems(OF_REVISION),
    ]
}

fn of_operations() -> Vec<Endpoint> {
    vec![
        Endpoint::new(
            POST,
            "/api/v1/releases/{cluster}/{namespace}/{name}/dry-run",
            (
                "simulateOperation",
                "The record that an operation would make; nothing is changed",
            ),
            WRITE,
            records::dry_run,
        )
        .body::<DryRunRequest>()
        .data::<ReleaseRecord>()
        .problems(OF_REVISION),
        Endpoint::new(
            POST,
            "/api/v1/releases/{cluster}/{namespace}/{name}/plan",
            ("planOperation", "What an operation would do; nothing is changed"),
            WRITE,
            releases::plan,
        )
        .body::<OperationRequest>()
        .data::<Plan>()
        .problems(OF_REVISION),
        Endpoint::new(
            GET,
            "/api/v1/releases/{cluster}/{namespace}/{name}/operations",
            ("listOperations", "The last hundred operations, the newest first"),
            READ,
            operations::of_release,
        )
        .data::<Vec<OperationSummary>>(),
        Endpoint::new(
            POST,
            "/api/v1/releases/{cluster}/{namespace}/{name}/operations",
            (
                "beginOperation",
                "Begins an operation, and answers at once; `Location` is its address",
            ),
            WRITE,
            operations::begin,
        )
        .headers(IDEMPOTENCY_KEY)
        .body::<operations::Wanted>()
        .data_with::<OperationSummary>(202)
        .problems(OF_REVISION),
        Endpoint::new(
            GET,
            "/api/v1/operations/{id}",
            ("getOperation", "How far an operation is"),
            READ,
            operations::get,
        )
        .data::<OperationSummary>()
        .problems(&[404]),
        Endpoint::new(
            GET,
            "/api/v1/operations/{id}/events",
            (
                "followOperation",
                "What happened and happens; the stream ends with the operation",
            ),
            READ,
            operations::events,
        )
        .query::<operations::From>()
        .headers(LAST_EVENT_ID)
        .events::<OperationEvent>()
        .problems(&[400, 404]),
        Endpoint::new(
            POST,
            "/api/v1/operations/{id}/cancel",
            ("cancelOperation", "Asks an operation to end, in its own time"),
            WRITE,
            operations::cancel,
        )
        .data::<OperationSummary>()
        .problems(&[404, 409]),
    ]
}

fn of_access() -> Vec<Endpoint> {
    vec![
        Endpoint::new(
            GET,
            "/api/v1/session",
            (
                "getSession",
                "Who asks and what they may do, with the releases of a place if one is named",
            ),
            Access::Anybody,
            session::get,
        )
        .query::<session::Place>()
        .data::<Me>()
        .problems(&[400]),
        Endpoint::new(
            POST,
            "/api/v1/session",
            ("signIn", "Begins a session, whose cookie the answer sets"),
            Access::Anybody,
            session::create,
        )
        .body::<session::Credentials>()
        .data_with::<Me>(201)
        .problems(&[400, 401, 403, 429]),
        Endpoint::new(
            DELETE,
            "/api/v1/session",
            ("signOut", "Ends the session that asks"),
            Access::Anybody,
            session::delete,
        )
        .problems(&[403]),
        Endpoint::new(
            GET,
            "/api/v1/session/clusters",
            (
                "listClusterIdentities",
                "Who one is in each cluster that one may see something of",
            ),
            Access::Session,
            session::clusters,
        )
        .data::<Vec<ClusterIdentity>>(),
        Endpoint::new(
            PUT,
            "/api/v1/session/clusters/{cluster}",
            (
                "giveClusterToken",
                "Keeps a token for a cluster until the session ends; the cluster is asked with it and with nothing else",
            ),
            Access::Session,
            session::give_cluster_token,
        )
        .body::<session::GivenToken>()
        .problems(&[400, 404, 503]),
        Endpoint::new(
            DELETE,
            "/api/v1/session/clusters/{cluster}",
            ("forgetClusterToken", "Forgets the token for a cluster"),
            Access::Session,
            session::forget_cluster_token,
        )
        .problems(&[404]),
        Endpoint::new(
            GET,
            "/api/v1/users",
            ("listUsers", "The users by name, 50 a page"),
            ADMIN,
            users::list,
        )
        .query::<charts::Part>()
        .data::<Page<UserSummary>>()
        .problems(&[400]),
        Endpoint::new(
            POST,
            "/api/v1/users",
            ("addUser", "Adds a user"),
            ADMIN,
            users::create,
        )
        .body::<users::Add>()
        .data_with::<UserSummary>(201)
        .problems(&[400, 409]),
        Endpoint::new(
            GET,
            "/api/v1/users/{name}",
            ("getUser", "One user"),
            ADMIN,
            users::get,
        )
        .data::<UserSummary>()
        .problems(&[404]),
        Endpoint::new(
            PATCH,
            "/api/v1/users/{name}",
            (
                "changeUser",
                "Changes what is given of a user, and leaves the rest",
            ),
            ADMIN,
            users::change,
        )
        .body::<users::Change>()
        .data::<UserSummary>()
        .problems(&[400, 404, 409]),
        Endpoint::new(
            GET,
            "/api/v1/users/{name}/grants",
            ("listGrants", "A user's roles and where they hold"),
            ADMIN,
            users::grants,
        )
        .data::<Vec<Grant>>()
        .problems(&[404]),
        Endpoint::new(
            POST,
            "/api/v1/users/{name}/grants",
            (
                "giveGrant",
                "Gives a role; the answer is all that the user then holds",
            ),
            ADMIN,
            users::grant,
        )
        .body::<Grant>()
        .data::<Vec<Grant>>()
        .problems(&[400, 404, 409]),
        Endpoint::new(
            DELETE,
            "/api/v1/users/{name}/grants",
            (
                "takeGrant",
                "Takes a role away; the answer is all that the user still holds",
            ),
            ADMIN,
            users::revoke,
        )
        .query::<users::Revoke>()
        .data::<Vec<Grant>>()
        .problems(&[400, 404, 409]),
        Endpoint::new(
            GET,
            "/api/v1/tokens",
            ("listTokens", "One's own tokens, without their texts"),
            Access::Session,
            tokens::list,
        )
        .data::<Vec<TokenSummary>>(),
        Endpoint::new(
            POST,
            "/api/v1/tokens",
            (
                "makeToken",
                "Makes a token; its text is in this answer and in no other",
            ),
            Access::Session,
            tokens::create,
        )
        .body::<tokens::Create>()
        .data_with::<tokens::Created>(201)
        .problems(&[400, 409]),
        Endpoint::new(
            DELETE,
            "/api/v1/tokens/{id}",
            ("revokeToken", "Revokes a token"),
            Access::Session,
            tokens::revoke,
        )
        .problems(&[404]),
        Endpoint::new(
            GET,
            "/api/v1/audit",
            ("listAudit", "The audit log, the newest first"),
            ADMIN,
            audit::list,
        )
        .query::<audit::Part>()
        .data::<AuditPage>()
        .problems(&[400]),
    ]
}

fn of_description() -> Vec<Endpoint> {
    vec![
        Endpoint::new(
            GET,
            "/api/v1/openapi.json",
            ("getDescription", "This API as an OpenAPI document"),
            Access::Anybody,
            description::openapi,
        )
        .document(),
    ]
}
