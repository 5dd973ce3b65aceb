//! tidy: table
//! What is here: repositories, charts, and what is known of them.

use model::catalog::{CatalogPage, CatalogQuery, ChartSummary, Dependent, Home, Relations};
use model::chart::{Changelog, ChartDetail, Prose, VersionSummary};
use model::files::FileEntry;
use model::page::Page;
use model::repository::{RepositoryDetail, RepositorySummary};
use model::review::{ChartComparison, DependencyTree, RenderedChart};

use super::super::endpoint::{Access, Endpoint};
use super::{GET, POST};
use crate::http::{artifact_hub, charts, repositories, reviews};

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(
            GET,
            "/api/v1/home",
            ("getHome", "What is here, what is new, what people use"),
            Access::Catalog,
            charts::home,
        )
        .data::<Home>(),
        Endpoint::new(
            GET,
            "/api/v1/charts",
            (
                "searchCharts",
                "Charts that match, with counts of every filter and hints about the query, 40 a page",
            ),
            Access::Catalog,
            charts::list,
        )
        .query::<CatalogQuery>()
        .data::<CatalogPage>()
        .problems(&[400]),
        Endpoint::new(
            GET,
            "/api/v1/charts/suggest",
            (
                "suggestCharts",
                "The charts that somebody who has typed so much is likely to look for",
            ),
            Access::Catalog,
            charts::suggest,
        )
        .query::<charts::SuggestQuery>()
        .data::<Vec<ChartSummary>>(),
        Endpoint::new(
            GET,
            "/api/v1/charts/{repository}/{name}",
            ("getChart", "A version of a chart: what its page says beside the README"),
            Access::Catalog,
            charts::get,
        )
        .query::<reviews::OneVersion>()
        .data::<ChartDetail>()
        .problems(&[404]),
        Endpoint::new(
            GET,
            "/api/v1/charts/{repository}/{name}/versions",
            ("listVersions", "Its versions, the newest first, those gone from the index last, 200 a page"),
            Access::Catalog,
            charts::versions,
        )
        .query::<charts::Part>()
        .data::<Page<VersionSummary>>()
        .problems(&[400, 404]),
        Endpoint::new(
            GET,
            "/api/v1/charts/{repository}/{name}/readme",
            ("getReadme", "The README as safe HTML, with its headings; `null` where there is none"),
            Access::Catalog,
            charts::readme,
        )
        .query::<reviews::OneVersion>()
        .data::<Option<Prose>>()
        .problems(&[404]),
        Endpoint::new(
            GET,
            "/api/v1/charts/{repository}/{name}/changelog",
            ("getChangelog", "What a version and those before it change, as the chart says"),
            Access::Catalog,
            charts::changelog,
        )
        .query::<reviews::OneVersion>()
        .data::<Changelog>()
        .problems(&[404]),
        Endpoint::new(
            GET,
            "/api/v1/charts/{repository}/{name}/files",
            ("listFiles", "The files of the archive"),
            Access::Catalog,
            charts::files,
        )
        .query::<reviews::OneVersion>()
        .data::<Vec<FileEntry>>()
        .problems(&[404]),
        Endpoint::new(
            GET,
            "/api/v1/charts/{repository}/{name}/file",
            ("getFile", "One file of the archive, such as `values.yaml`"),
            Access::Catalog,
            charts::file,
        )
        .query::<charts::OneFile>()
        .data::<charts::FileText>()
        .problems(&[400, 404]),
        Endpoint::new(
            GET,
            "/api/v1/charts/{repository}/{name}/dependencies",
            ("getDependencies", "Its sub-charts: which are on with the default values and why, and what their ranges come to here"),
            Access::Catalog,
            charts::dependencies,
        )
        .query::<reviews::OneVersion>()
        .data::<DependencyTree>()
        .problems(&[404]),
        Endpoint::new(
            GET,
            "/api/v1/charts/{repository}/{name}/related",
            ("getRelated", "The first charts that depend on it, and those that resemble it with the reason"),
            Access::Catalog,
            charts::related,
        )
        .data::<Relations>()
        .problems(&[404]),
        Endpoint::new(
            GET,
            "/api/v1/charts/{repository}/{name}/used-by",
            ("listDependents", "The charts that depend on it, by name, 50 a page"),
            Access::Catalog,
            charts::used_by,
        )
        .query::<charts::Part>()
        .data::<Page<Dependent>>()
        .problems(&[400, 404]),
        Endpoint::new(
            GET,
            "/api/v1/charts/{repository}/{name}/resources",
            (
                "getChartResources",
                "What a version comes to with its default values, what it asks for, or why it does not render",
            ),
            Access::Catalog,
            reviews::resources,
        )
        .query::<reviews::OneVersion>()
        .data::<RenderedChart>()
        .problems(&[404]),
        Endpoint::new(
            GET,
            "/api/v1/charts/{repository}/{name}/compare/{versions}",
            (
                "compareVersions",
                "What differs between two versions, written as `1.0.0...2.0.0`, with their default values",
            ),
            Access::Catalog,
            reviews::compare,
        )
        .data::<ChartComparison>()
        .problems(&[400, 404]),
        Endpoint::new(
            POST,
            "/api/v1/charts/{repository}/{name}/compare/{versions}",
            (
                "compareVersionsWithValues",
                "The same with values of one's own for both; nothing is kept of them",
            ),
            Access::Catalog,
            reviews::compare_with,
        )
        .body::<reviews::Values>()
        .data::<ChartComparison>()
        .problems(&[400, 404]),
        Endpoint::new(
            GET,
            "/api/v1/repositories",
            (
                "listRepositories",
                "The repositories by name, and how their syncs go, 50 a page",
            ),
            Access::Catalog,
            repositories::list,
        )
        .query::<charts::Part>()
        .data::<Page<RepositorySummary>>()
        .problems(&[400]),
        Endpoint::new(
            GET,
            "/api/v1/repositories/events",
            (
                "followRepositories",
                "Tells whenever a repository's state changes",
            ),
            Access::Catalog,
            repositories::events,
        )
        .events::<repositories::StateChange>(),
        Endpoint::new(
            GET,
            "/api/v1/repositories/{name}",
            (
                "getRepository",
                "One repository, its last syncs and what they left out",
            ),
            Access::Catalog,
            repositories::get,
        )
        .data::<RepositoryDetail>()
        .problems(&[404]),
        Endpoint::new(
            GET,
            "/api/v1/packages/search",
            ("searchPackages", "Charts that match, as Artifact Hub answers"),
            Access::Catalog,
            artifact_hub::search,
        )
        .query::<artifact_hub::SearchQuery>()
        .document(),
        Endpoint::new(
            GET,
            "/api/v1/packages/helm/{repository}/{name}",
            ("getPackage", "A chart's newest version, as Artifact Hub answers"),
            Access::Catalog,
            artifact_hub::newest,
        )
        .document()
        .problems(&[404]),
        Endpoint::new(
            GET,
            "/api/v1/packages/helm/{repository}/{name}/{version}",
            (
                "getPackageVersion",
                "A version of a chart, as Artifact Hub answers",
            ),
            Access::Catalog,
            artifact_hub::version,
        )
        .document()
        .problems(&[404]),
    ]
}
