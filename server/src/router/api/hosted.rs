//! tidy: table
//! What is done with hosted charts.

use model::access::Scope;
use model::hosted::{DeletedVersions, UploadCheck};

use super::super::endpoint::{Access, Endpoint};
use super::{DELETE, POST, PUT};
use crate::http::hosted::{self, CopyTo, Force, HostedUpload, Reason, Visibility, Which};

const CHARTS: Access = Access::Scope(Scope::WriteCharts);
const ARCHIVE: &str = "application/gzip";

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(
            POST,
            "/api/v1/repositories/{name}/charts",
            (
                "uploadChart",
                "Takes an archive, or a provenance file, of which the answer says nothing",
            ),
            CHARTS,
            hosted::upload,
        )
        .query::<Force>()
        .bytes(ARCHIVE)
        .data_with::<Option<HostedUpload>>(201)
        .problems(&[400, 404, 409]),
        Endpoint::new(
            POST,
            "/api/v1/repositories/{name}/check",
            (
                "checkChart",
                "Says what is odd about an archive, and whether it would be taken; nothing is kept",
            ),
            CHARTS,
            hosted::check,
        )
        .bytes(ARCHIVE)
        .data::<UploadCheck>()
        .problems(&[400, 404, 409]),
        Endpoint::new(
            DELETE,
            "/api/v1/repositories/{name}/charts/{chart}",
            (
                "deleteChart",
                "Deletes a version, or all of a chart; for a while that can be taken back",
            ),
            CHARTS,
            hosted::delete,
        )
        .query::<Which>()
        .data::<DeletedVersions>()
        .problems(&[404, 409]),
        Endpoint::new(
            POST,
            "/api/v1/repositories/{name}/deleted/{id}/restore",
            ("restoreVersion", "Brings a deleted version back as it was"),
            CHARTS,
            hosted::restore,
        )
        .data::<HostedUpload>()
        .problems(&[404, 409]),
        Endpoint::new(
            POST,
            "/api/v1/repositories/{name}/charts/{chart}/versions/{version}/copy",
            (
                "copyVersion",
                "Copies a version with its provenance file and signatures into another hosted repository",
            ),
            CHARTS,
            hosted::copy,
        )
        .body::<CopyTo>()
        .data_with::<HostedUpload>(201)
        .problems(&[400, 404, 409]),
        Endpoint::new(
            PUT,
            "/api/v1/repositories/{name}/visibility",
            (
                "setVisibility",
                "Makes a chart, or all of the repository, private or public",
            ),
            CHARTS,
            hosted::set_visibility,
        )
        .body::<Visibility>()
        .problems(&[404, 409]),
        Endpoint::new(
            PUT,
            "/api/v1/repositories/{name}/charts/{chart}/deprecation",
            (
                "deprecateChart",
                "Says of all versions of a chart why another is to be used, or takes that back",
            ),
            CHARTS,
            hosted::deprecate,
        )
        .body::<Reason>()
        .problems(&[400, 404, 409]),
        Endpoint::new(
            PUT,
            "/api/v1/repositories/{name}/charts/{chart}/versions/{version}/yank",
            (
                "yankVersion",
                "Leaves a version out of every index and says why, or takes that back; by its exact name it can be had",
            ),
            CHARTS,
            hosted::yank,
        )
        .body::<Reason>()
        .problems(&[400, 404, 409]),
    ]
}
