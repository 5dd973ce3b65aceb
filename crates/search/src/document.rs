//! What is known of a chart, as the caller hands it over. Limits are applied when it is indexed.

/// A chart with its newest version. Everything but the key is text that strangers wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The caller's key; a document with the same key replaces the earlier one.
    pub id: i64,
    /// The repository's name.
    pub repository: String,
    /// The chart's name.
    pub name: String,
    /// Other names it is known by.
    pub alternative_names: Vec<String>,
    /// One or two sentences.
    pub description: String,
    /// Words to find it by.
    pub keywords: Vec<String>,
    /// What kind of software it is, where the chart says so; else it is inferred from the name.
    pub category: String,
    /// Its licence, as an SPDX expression where the chart keeps to that.
    pub license: String,
    /// Names of who looks after it.
    pub maintainers: Vec<String>,
    /// Addresses of its home and its sources.
    pub sources: Vec<String>,
    /// The README's text.
    pub readme: String,
    /// The default values.
    pub values: Vec<ValueKey>,
    /// References of container images.
    pub images: Vec<String>,
    /// Kinds of its custom resource definitions.
    pub crd_kinds: Vec<String>,
    /// Names of the charts it depends on.
    pub dependencies: Vec<String>,
    /// Versions by which it is found as well: its own, and those of the software in it.
    pub versions: Vec<String>,
    /// How many versions there are.
    pub n_versions: u32,
    /// When the newest version was published, in seconds since 1970.
    pub updated: Option<i64>,
    /// The minor versions of Kubernetes 1 that it is for, as bits: bit 30 is 1.30. All bits where it says nothing.
    pub kubernetes: u64,
    /// A chart that cannot be installed by itself.
    pub is_library: bool,
    /// Its makers ask to use another.
    pub is_deprecated: bool,
    /// All its versions are gone from its repository.
    pub is_yanked: bool,
    /// Its newest version is signed.
    pub is_signed: bool,
    /// Its newest version has a schema of its values.
    pub has_schema: bool,
    /// Where it stands among charts of the same software.
    pub standing: Standing,
}

/// A key of the default values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValueKey {
    /// How deep it is: 0 at the top. A key one deeper than the one before is below it.
    pub depth: u8,
    /// The key itself, without those above it.
    pub key: String,
    /// The comment that describes it.
    pub comment: String,
}

/// Where a chart stands among charts of the same software.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is known.
    #[default]
    Ordinary,
    /// By the makers of the software.
    Official,
    /// A copy of another repository's chart.
    Fork,
}

/// Hosts whose first path segment names an owner and the second a project.
const FORGES: &[&str] = &["github.com/", "gitlab.com/", "codeberg.org/", "bitbucket.org/"];
/// Projects that hold charts and not the software that the charts are of.
const CHART_PROJECTS: &[&str] = &[
    "charts",
    "helmcharts",
    "helm",
    "chart",
    "helmchart",
    "kubernetescharts",
    "k8scharts",
    "helmrepo",
];

impl Standing {
    /// What addresses tell of a chart's standing.
    ///
    /// It is official where the project of one of its sources is named like the chart and its owner has a part in the
    /// repository's name or address. It is a fork where every source is a collection of charts of somebody who has no
    /// part in either. Anything else is ordinary.
    pub fn infer(chart: &str, repository: &str, repository_url: &str, sources: &[String]) -> Self {
        let chart = crate::text::squeeze(chart);
        let place = format!("{repository} {repository_url}").to_lowercase();
        let place: Vec<&str> = place
            .split(|c: char| !(c.is_alphanumeric() || c == '-'))
            .collect();
        let is_at_home = |owner: &str| {
            let squeezed = crate::text::squeeze(owner);
            place.iter().any(|part| crate::text::squeeze(part) == squeezed)
        };
        let mut n_foreign = 0;
        let mut n_sources = 0;
        for source in sources {
            let Some((owner, project)) = owner_and_project(source) else {
                continue;
            };
            n_sources += 1;
            let project = crate::text::squeeze(&project);
            let is_collection = CHART_PROJECTS.contains(&project.as_str()) || project.ends_with("charts");
            if !is_collection && project == chart && is_at_home(&owner) {
                return Self::Official;
            }
            n_foreign += usize::from(is_collection && !is_at_home(&owner));
        }
        if n_sources > 0 && n_foreign == n_sources {
            Self::Fork
        } else {
            Self::Ordinary
        }
    }
}

fn owner_and_project(source: &str) -> Option<(String, String)> {
    let source = source.to_lowercase();
    let (_, rest) = source.split_once("://")?;
    let rest = FORGES.iter().find_map(|forge| rest.strip_prefix(forge))?;
    let mut parts = rest.split(['/', '?', '#']);
    let owner = parts.next().filter(|owner| !owner.is_empty())?;
    let project = parts.next().filter(|project| !project.is_empty())?;
    Some((owner.to_owned(), project.trim_end_matches(".git").to_owned()))
}

#[cfg(test)]
mod tests {
    use super::Standing;

    #[test]
    fn addresses_tell_who_made_a_chart() {
        let infer = |chart: &str, repository: &str, url: &str, sources: &[&str]| {
            let sources: Vec<String> = sources.iter().map(|source| (*source).to_owned()).collect();
            Standing::infer(chart, repository, url, &sources)
        };
        assert_eq!(
            infer(
                "loki",
                "grafana",
                "https://grafana.github.io/helm-charts",
                &["https://github.com/grafana/loki"]
            ),
            Standing::Official
        );
        assert_eq!(
            infer(
                "redis",
                "mirror",
                "https://charts.example.com/copies",
                &["https://github.com/bitnami/charts/tree/main/bitnami/redis"]
            ),
            Standing::Fork
        );
        assert_eq!(
            infer(
                "redis",
                "bitnami",
                "https://charts.bitnami.com/bitnami",
                &["https://github.com/bitnami/charts/tree/main/bitnami/redis"]
            ),
            Standing::Ordinary
        );
        for strange in [
            "",
            "://",
            "https://github.com",
            "https://github.com//",
            "no address",
        ] {
            assert_eq!(infer("x", "y", "z", &[strange]), Standing::Ordinary);
        }
    }
}
