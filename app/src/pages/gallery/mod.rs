//! Every page rendered from made-up data: what must hold of all of them is checked here.
//!
//! With `CHARTROOM_GALLERY=<folder>` the documents are written there, to be looked at without a server.

mod review;

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::components::Router;
use leptos_router::location::RequestUrl;
use model::Timestamp;
use model::catalog::{
    CatalogHit, CatalogPage, CatalogQuery, ChartSummary, Dependent, FacetCount, Facets, Found, Home, Mark,
    RelatedChart, Relations, UsedChart,
};
use model::chart::{
    ArchiveState, Change, ChangeLink, Changelog, ChangelogFile, ChartDetail, ChartVersion, Contents,
    Dependency, Maintainer, VersionChanges, VersionSummary,
};
use model::files::{FileEntry, FileKind, FileView, ValuesView};
use model::page::Page as Part;
use model::repository::{
    RepositoryDetail, RepositoryKind, RepositorySummary, SkippedEntry, SyncPhase, SyncProgress, SyncRun,
    SyncState,
};
use model::signature::{SignatureCheck, SignaturePolicy, SignatureState};
use model::site::{Site, Suggestions};

use super::{Page, access, catalog, change, chart, compare, failed, home, hosted, releases, repositories};
use crate::api::FormOutcome;
use crate::components::footer::Footer;
use crate::components::icon::SPRITE;
use crate::components::shortcuts::Shortcuts;
use crate::components::top_bar::TopBar;
use crate::error::{AppError, ErrorKind};
use crate::format::now;
use crate::routes::{ChartRoute, ChartTab, Links};

fn ago(hours: i64) -> Option<Timestamp> {
    Some(Timestamp(now().0 - hours * 3_600))
}

fn summary(name: &str, description: &str, at: usize) -> ChartSummary {
    ChartSummary {
        repository: if at.is_multiple_of(3) { "bitnami" } else { "stable" }.to_owned(),
        name: name.to_owned(),
        version: format!("{}.{at}.2", at + 1),
        app_version: (!at.is_multiple_of(4)).then(|| format!("{at}.1.0")),
        description: description.to_owned(),
        icon: None,
        deprecated: at == 4,
        is_library: at == 5,
        has_schema: at == 1,
        is_signed: at == 2,
        yanked: at == 6,
        is_official: at == 1,
        updated: ago(at as i64 * 90),
        n_versions: 12,
    }
}

fn summaries() -> Vec<ChartSummary> {
    let rows = [
        (
            "nginx-ingress",
            "An nginx Ingress controller that uses ConfigMap to store the nginx configuration.",
        ),
        (
            "postgresql",
            "Chart for PostgreSQL, an object-relational database management system.",
        ),
        (
            "prometheus-operator",
            "Provides easy monitoring definitions for Kubernetes services.",
        ),
        (
            "a-chart-with-a-very-long-name-that-has-to-wrap-somewhere-or-else",
            "",
        ),
        (
            "mongodb",
            "NoSQL document-oriented database that stores JSON-like documents with dynamic schemas.",
        ),
        ("common", "Templates that other charts share."),
        ("redis", "Open source, advanced key-value store."),
    ];
    rows.into_iter()
        .enumerate()
        .map(|(at, (name, description))| summary(name, description, at))
        .collect()
}

/// A hit as a search for "data nginx" would find it.
fn hit(chart: ChartSummary) -> CatalogHit {
    let name_marks = match chart.name.find("nginx") {
        Some(start) => vec![Mark {
            start,
            end: start + 5,
        }],
        None => Vec::new(),
    };
    let found = Found {
        word: "data".to_owned(),
        found: "data".to_owned(),
        field: "values".to_owned(),
        place: Some("persistence.dataDir".to_owned()),
        way: "same word".to_owned(),
    };
    CatalogHit {
        chart,
        found: vec![found],
        name_marks,
        description_marks: Vec::new(),
        why: None,
    }
}

fn facet(value: &str, n: u64) -> FacetCount {
    FacetCount {
        value: value.to_owned(),
        n,
    }
}

fn repository(name: &str, state: SyncState) -> RepositorySummary {
    RepositorySummary {
        name: name.to_owned(),
        url: format!("https://charts.example.com/{name}"),
        kind: RepositoryKind::Synced,
        n_charts: 282,
        n_versions: 5_120,
        state,
        is_private: false,
        can: Vec::new(),
    }
}

fn all_repositories() -> Vec<RepositorySummary> {
    let running = SyncProgress {
        phase: SyncPhase::Archives,
        n_done: 120,
        n_total: 334,
    };
    vec![
        repository(
            "stable",
            SyncState {
                last_success: ago(0),
                n_skipped: 2,
                next_run: ago(-1),
                ..SyncState::default()
            },
        ),
        repository(
            "bitnami",
            SyncState {
                running: Some(running),
                ..SyncState::default()
            },
        ),
        repository(
            "broken",
            SyncState {
                last_attempt: ago(1),
                last_error: Some("connection refused".to_owned()),
                ..SyncState::default()
            },
        ),
    ]
}

pub(super) fn detail() -> ChartDetail {
    let version = |text: &str, at: i64| VersionSummary {
        version: text.to_owned(),
        app_version: Some("1.27.0".to_owned()),
        created: ago(at * 300),
        deprecated: at == 4,
        yanked: at == 3,
        is_prerelease: text.contains('-'),
    };
    ChartDetail {
        repository: "stable".to_owned(),
        repository_url: "https://charts.example.com/stable".to_owned(),
        name: "nginx-ingress".to_owned(),
        version: ChartVersion {
            version: "1.41.3".to_owned(),
            app_version: Some("v0.34.1".to_owned()),
            description: "An nginx Ingress controller that uses ConfigMap to store the nginx configuration."
                .to_owned(),
            icon: None,
            home: Some("https://github.com/kubernetes/ingress-nginx".to_owned()),
            sources: vec!["https://github.com/kubernetes/ingress-nginx".to_owned()],
            keywords: vec!["ingress".to_owned(), "nginx".to_owned()],
            maintainers: vec![
                Maintainer {
                    name: "Ada".to_owned(),
                    email: Some("ada@example.com".to_owned()),
                    url: None,
                },
                Maintainer {
                    name: "Grace".to_owned(),
                    email: None,
                    url: None,
                },
            ],
            kube_version: Some(">= 1.20.0-0".to_owned()),
            license: Some("Apache-2.0".to_owned()),
            deprecated: true,
            is_library: false,
            has_schema: true,
            is_signed: true,
            yanked: false,
            deprecated_because: None,
            yanked_because: None,
            created: ago(900),
            digest: Some("0123456789abcdef".repeat(4)),
            size_bytes: Some(23_456),
            dependencies: vec![Dependency {
                name: "common".to_owned(),
                version: "2.x.x".to_owned(),
                repository: "oci://registry.example.com/charts".to_owned(),
                alias: Some("shared".to_owned()),
                condition: Some("common.enabled".to_owned()),
                tags: vec!["base".to_owned()],
                chart: Some("bitnami/common".to_owned()),
            }],
            images: (1..9)
                .map(|n| format!("registry.example.com/ingress/controller-{n}:v0.34.1"))
                .collect(),
            urls: vec![],
            archive: ArchiveState::Ready,
            oddities: vec!["the top directory is not named like the chart".to_owned()],
            changes: changes(),
        },
        latest_version: "1.41.4".to_owned(),
        newest_versions: vec![
            version("1.42.0-rc.1", 0),
            version("1.41.4", 1),
            version("1.41.3", 2),
            version("1.41.2", 3),
        ],
        n_versions: 97,
        is_official: true,
        category: "Networking".to_owned(),
        contents: Contents {
            has_readme: true,
            has_values: true,
            has_notes: true,
            has_changelog: true,
            n_templates: 24,
            n_crds: 2,
            n_files: 41,
            n_dependencies: 1,
        },
        signature: Some(SignatureCheck {
            state: SignatureState::Verified,
            by: vec![
                "Ada Release <ada@example.com>".to_owned(),
                "Ada <ada@work.example.com>".to_owned(),
            ],
            fingerprint: Some("4700".repeat(10)),
            signed_at: ago(900),
            reason: None,
            keyring: Some("team".to_owned()),
            policy: SignaturePolicy::Warn,
        }),
    }
}

fn entry(path: &str, kind: FileKind) -> FileEntry {
    FileEntry {
        path: path.to_owned(),
        kind,
        size_bytes: 1_234,
        is_text: kind != FileKind::Other,
    }
}

fn changes() -> Vec<Change> {
    let change = |kind: &str, description: &str| Change {
        kind: kind.to_owned(),
        description: description.to_owned(),
        links: vec![ChangeLink {
            name: "Issue 7".to_owned(),
            url: "https://example.com/7".to_owned(),
        }],
    };
    vec![
        change("added", "Certificates can come from `cert-manager`"),
        change(
            "security",
            "Runs as a user of its own, and with a read-only root file system wherever that is possible",
        ),
        change("", "Something else"),
        change("removed", "`service.loadBalancer`"),
        change("fixed", "The port of the probe"),
        change("deprecated", "`rbac.psp`"),
    ]
}

fn changelog(context: &backend::content::ProseContext<'_>) -> Changelog {
    let of_version = |version: &str, at: i64| VersionChanges {
        version: version.to_owned(),
        created: ago(at),
        changes: changes(),
    };
    Changelog {
        versions: vec![of_version("1.41.3", 40), of_version("1.41.2", 900)],
        file: Some(ChangelogFile {
            path: "CHANGELOG.md".to_owned(),
            prose: backend::content::prose("# Changelog\n\n## 1.0.0\n\n- First\n", context),
        }),
    }
}

fn relations() -> Relations {
    let charts = summaries();
    Relations {
        used_by: charts
            .iter()
            .take(3)
            .map(|chart| Dependent {
                chart: chart.clone(),
                range: "1.x.x".to_owned(),
                is_optional: chart.has_schema,
            })
            .collect(),
        n_used_by: 41,
        related: charts
            .into_iter()
            .map(|chart| RelatedChart {
                chart,
                why: "also about http and proxy".to_owned(),
            })
            .collect(),
    }
}

fn chart_tab(tab: ChartTab, shown: chart::Tab) -> Page {
    let route = ChartRoute {
        repository: "stable".to_owned(),
        name: "nginx-ingress".to_owned(),
        version: Some("1.41.3".to_owned()),
        tab,
        file: None,
    };
    chart::show(detail(), route, shown)
}

/// Text of a file named by a variable, so that real prose can be looked at, too.
fn given(variable: &str, otherwise: &str) -> String {
    std::env::var(variable)
        .ok()
        .and_then(|path| std::fs::read_to_string(path).ok())
        .unwrap_or_else(|| otherwise.to_owned())
}

fn page(name: &str) -> Page {
    let context = backend::content::ProseContext {
        files_url: "/charts/stable/nginx-ingress/1.41.3/files/",
        raw_url: "/raw/",
        path: "README.md",
        has_file: &|_| true,
        images: backend::content::ImagePolicy::Link,
    };
    match name {
        "home" => home::show(Home {
            n_charts: 334,
            n_versions: 5_333,
            recently_updated: summaries(),
            recently_added: summaries().into_iter().take(3).collect(),
            most_used: summaries()
                .into_iter()
                .zip(0..)
                .take(6)
                .map(|(chart, at)| UsedChart {
                    chart,
                    n_used_by: 40 - 7 * at,
                    n_releases: at % 2,
                })
                .collect(),
            categories: vec![facet("Database", 60), facet("Monitoring and logging", 22)],
            keywords: ["database", "ingress", "monitoring", "http"]
                .map(|word| facet(word, 9))
                .to_vec(),
            repositories: all_repositories(),
            n_repositories: 300,
        }),
        "home-empty" => home::show(Home {
            n_charts: 0,
            n_versions: 0,
            recently_updated: Vec::new(),
            recently_added: Vec::new(),
            most_used: Vec::new(),
            categories: Vec::new(),
            keywords: Vec::new(),
            repositories: Vec::new(),
            n_repositories: 0,
        }),
        "catalog" => catalog::show(
            CatalogQuery {
                q: "data nginx".to_owned(),
                keyword: "database".to_owned(),
                ..CatalogQuery::default()
            },
            CatalogPage {
                charts: Part {
                    items: summaries().into_iter().map(hit).collect(),
                    total: 334,
                    first_position: 26,
                    next: Some("n".to_owned()),
                    previous: Some("p".to_owned()),
                },
                facets: Facets {
                    repositories: vec![facet("stable", 282), facet("bitnami", 52)],
                    keywords: (1..20)
                        .map(|n| facet(&format!("keyword-{n}"), 40 - n))
                        .chain([facet("database", 3)])
                        .collect(),
                    categories: vec![facet("Database", 60), facet("Networking", 22)],
                    licenses: vec![facet("Apache-2.0", 120)],
                    kubernetes: vec![facet("1.33", 330), facet("1.32", 334)],
                    chart_types: vec![facet("application", 330), facet("library", 4)],
                    n_schema: 12,
                    n_signed: 3,
                    n_deprecated: 270,
                },
                hints: vec!["No chart has all words. These have most of them.".to_owned()],
            },
            Suggestions::default(),
        ),
        "catalog-none" => catalog::show(
            CatalogQuery {
                q: "postgersq".to_owned(),
                license: "MIT".to_owned(),
                ..CatalogQuery::default()
            },
            CatalogPage {
                charts: Part {
                    items: Vec::new(),
                    total: 0,
                    first_position: 1,
                    next: None,
                    previous: None,
                },
                facets: Facets {
                    n_deprecated: 2,
                    ..Facets::default()
                },
                hints: vec!["No chart has the word `postgersq`.".to_owned()],
            },
            Suggestions {
                charts: vec!["stable/postgresql".to_owned()],
            },
        ),
        "overview" => {
            let markdown = given(
                "CHARTROOM_GALLERY_README",
                "# nginx\n\n## Install\n\n```console\n$ helm install x\n```\n",
            );
            chart_tab(
                ChartTab::Overview,
                chart::Tab::Overview(
                    Some(backend::content::prose(&markdown, &context)),
                    Some(review::rendered()),
                    relations(),
                ),
            )
        }
        "overview-bare" => chart_tab(
            ChartTab::Overview,
            chart::Tab::Overview(None, None, Relations::default()),
        ),
        "values" => {
            let text = given(
                "CHARTROOM_GALLERY_VALUES",
                "# Image\nimage:\n  repository: nginx\n  tag: \"1.0\"\n",
            );
            let (html, n_lines, paths) = backend::content::values(&text);
            let values = ValuesView {
                html,
                n_lines,
                paths,
                has_schema: true,
                variants: vec!["values-prod.yaml".to_owned()],
            };
            chart_tab(ChartTab::Values, chart::Tab::Values(Some(values)))
        }
        "templates" => {
            let text = given(
                "CHARTROOM_GALLERY_TEMPLATE",
                "{{- if .Values.a }}\nkind: {{ .Values.b | quote }}\n{{- end }}\n",
            );
            let (html, n_lines) = backend::content::file("templates/deployment.yaml", &text);
            let entries = vec![
                entry("templates/_helpers.tpl", FileKind::Template),
                entry("templates/deployment.yaml", FileKind::Template),
                entry(
                    "templates/admission-webhooks/job-patch/clusterrole.yaml",
                    FileKind::Template,
                ),
                entry("templates/NOTES.txt", FileKind::Notes),
            ];
            let shown = Some(FileView {
                entry: entries[1].clone(),
                html,
                n_lines,
            });
            chart_tab(ChartTab::Templates, chart::Tab::Files(entries, shown))
        }
        "resources" => chart_tab(ChartTab::Resources, chart::Tab::Resources(review::rendered())),
        "resources-none" => chart_tab(ChartTab::Resources, chart::Tab::Resources(review::not_rendered())),
        "dependencies" => chart_tab(
            ChartTab::Dependencies,
            chart::Tab::Dependencies(review::dependencies()),
        ),
        "versions" => chart_tab(ChartTab::Versions, chart::Tab::Versions(detail().newest_versions)),
        "changelog" => chart_tab(ChartTab::Changelog, chart::Tab::Changelog(changelog(&context))),
        "changelog-none" => {
            let nothing = Changelog {
                versions: Vec::new(),
                file: None,
            };
            chart_tab(ChartTab::Changelog, chart::Tab::Changelog(nothing))
        }
        "repositories" => repositories::show_list(Part {
            items: all_repositories(),
            total: 120,
            first_position: 51,
            next: Some("c".to_owned()),
            previous: Some("a".to_owned()),
        }),
        "repository" => repositories::show_one(
            RepositoryDetail {
                summary: all_repositories().remove(0),
                skipped: vec![SkippedEntry {
                    name: "odd".to_owned(),
                    version: "latest".to_owned(),
                    reason: "the version is not semantic".to_owned(),
                }],
                history: vec![
                    SyncRun {
                        started: Timestamp(now().0 - 300),
                        duration_ms: 2_345,
                        unchanged: false,
                        n_added: 12,
                        n_changed: 1,
                        n_yanked: 0,
                        n_archives: 12,
                        error: None,
                    },
                    SyncRun {
                        started: Timestamp(now().0 - 3_900),
                        duration_ms: 30_000,
                        unchanged: false,
                        n_added: 0,
                        n_changed: 0,
                        n_yanked: 0,
                        n_archives: 0,
                        error: Some("the server did not answer within 30 s".to_owned()),
                    },
                ],
                hosted: None,
            },
            &FormOutcome::default(),
            "",
        ),
        "not-found" => failed::failed(
            AppError {
                suggestions: Suggestions {
                    charts: vec!["stable/nginx-ingress".to_owned(), "bitnami/nginx".to_owned()],
                },
                ..AppError::new(ErrorKind::NotFound, "chart `nginx-ingres` does not exist")
            },
            "/charts",
        ),
        "unavailable" => failed::failed(
            AppError::new(ErrorKind::Unavailable, "the store does not answer"),
            "/charts",
        ),
        name if access::gallery::PAGES.contains(&name) => access::gallery::page(name),
        name if compare::gallery::PAGES.contains(&name) => compare::gallery::page(name),
        name if change::gallery::PAGES.contains(&name) => change::gallery::page(name),
        name if hosted::gallery::PAGES.contains(&name) => hosted::gallery::page(name),
        name => releases::gallery::page(name),
    }
}

const PAGES: &[&str] = &[
    "home",
    "home-empty",
    "catalog",
    "catalog-none",
    "overview",
    "overview-bare",
    "values",
    "templates",
    "resources",
    "resources-none",
    "dependencies",
    "versions",
    "changelog",
    "changelog-none",
    "repositories",
    "repository",
    "not-found",
    "unavailable",
];

fn body(name: &'static str) -> String {
    let owner = Owner::new();
    owner.with(|| {
        provide_context(RequestUrl::new("http://localhost/charts?q=data+nginx"));
        let site = Site {
            version: "0.1.0".to_owned(),
            base_path: String::new(),
            origin: "https://charts.example.com".to_owned(),
            title: "Chartroom".to_owned(),
        };
        provide_context(site);
        provide_context(Links::new(""));
        provide_meta_context();
        let page = page(name).into_body();
        assert!(
            !page.title.is_empty() && !page.description.is_empty() && page.canonical.starts_with('/'),
            "{name}"
        );
        view! {
            <Router>
                <TopBar />
                <main class="page" id="_main" tabindex="-1">
                    <div class="page__body" inner_html=page.html></div>
                </main>
                <Footer />
                <Shortcuts />
            </Router>
        }
        .to_html()
    })
}

#[test]
fn what_holds_of_every_page() {
    let gallery = std::env::var_os("CHARTROOM_GALLERY").map(std::path::PathBuf::from);
    for name in PAGES
        .iter()
        .chain(access::gallery::PAGES)
        .chain(change::gallery::PAGES)
        .chain(compare::gallery::PAGES)
        .chain(hosted::gallery::PAGES)
        .chain(releases::gallery::PAGES)
    {
        let body = body(name);
        assert_eq!(body.matches("<h1").count(), 1, "{name} has one first heading");
        assert!(
            !body.contains(" style="),
            "{name}: the content policy allows no inline style"
        );
        assert!(!body.contains("javascript:"), "{name}");
        for landmark in ["<header class=\"top-bar\"", "<main ", "<footer ", "<nav "] {
            assert!(body.contains(landmark), "{name} has {landmark}");
        }
        // Every icon that is used is drawn.
        for part in body.split("<use href=\"#").skip(1) {
            let id = part.split('"').next().unwrap_or_default();
            assert!(SPRITE.contains(&format!("id=\"{id}\"")), "{name}: no icon `{id}`");
        }
        let Some(folder) = &gallery else { continue };
        let document = format!(
            "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
             <title>{name}</title><link rel=stylesheet href=/style/main.css><body>{body}<div hidden>{SPRITE}</div>"
        );
        std::fs::create_dir_all(folder).expect("the gallery's folder can be made");
        std::fs::write(folder.join(format!("{name}.html")), document).expect("the gallery can be written");
    }
}
