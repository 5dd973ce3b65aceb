//! A catalog that was made for measuring: as many charts, versions and words as the largest public one has.
//!
//! The same charts every time: numbers come from one seed. Shapes follow what public indexes look like: few repositories
//! hold most charts, few charts most versions, few words most of a text; many charts share the name of their software.

use std::collections::HashMap;
use std::fmt::Write as _;

use anyhow::{Context, Result};
use helm::archive::{Modified, pack};
use sha2::{Digest as _, Sha256};

use super::static_server::Files;

/// What is made.
pub(crate) const N_CHARTS: usize = 15_000;
pub(crate) const N_VERSIONS: usize = 300_000;
pub(crate) const N_REPOSITORIES: usize = 300;
/// A word of every README: whoever finds it in all charts knows that all texts are in the index.
pub(crate) const LAST_WORD: &str = "endmark";
/// Charts whose second newest version has an archive, too, so that two can be compared.
pub(crate) const N_COMPARABLE: usize = 300;

const N_WORDS: usize = 30_000;

/// Software that people look for.
const SOFTWARE: &[&str] = &[
    "redis",
    "postgresql",
    "kafka",
    "nginx",
    "prometheus",
    "grafana",
    "vault",
    "traefik",
    "haproxy",
    "envoy",
    "elasticsearch",
    "opensearch",
    "mongodb",
    "mysql",
    "mariadb",
    "rabbitmq",
    "nats",
    "minio",
    "ceph",
    "rook",
    "cert-manager",
    "external-dns",
    "external-secrets",
    "keycloak",
    "dex",
    "oauth2-proxy",
    "jenkins",
    "gitlab",
    "argo-cd",
    "argo-workflows",
    "flux",
    "harbor",
    "sonarqube",
    "nexus",
    "jaeger",
    "tempo",
    "loki",
    "mimir",
    "thanos",
    "fluent-bit",
    "fluentd",
    "vector",
    "telegraf",
    "influxdb",
    "clickhouse",
    "cassandra",
    "scylla",
    "cockroachdb",
    "tidb",
    "yugabyte",
    "zookeeper",
    "pulsar",
    "airflow",
    "spark",
    "flink",
    "trino",
    "superset",
    "jupyterhub",
    "mlflow",
    "kubeflow",
    "kserve",
    "istio",
    "linkerd",
    "cilium",
    "calico",
    "metallb",
    "kong",
    "contour",
    "velero",
    "longhorn",
    "openebs",
    "etcd",
    "consul",
    "nomad",
    "memcached",
    "wordpress",
    "drupal",
    "nextcloud",
    "ghost",
    "gitea",
    "forgejo",
    "mattermost",
    "rocketchat",
    "discourse",
    "matomo",
    "plausible",
    "sentry",
    "posthog",
    "metabase",
    "redash",
    "kibana",
    "logstash",
    "filebeat",
    "datadog",
    "newrelic",
    "dynatrace",
    "falco",
    "trivy",
    "kyverno",
    "gatekeeper",
    "crossplane",
    "keda",
    "karpenter",
    "descheduler",
    "reloader",
    "sealed-secrets",
    "homepage",
    "jellyfin",
    "sonarr",
    "radarr",
    "plex",
    "pihole",
    "adguard",
    "unifi",
    "mosquitto",
    "home-assistant",
    "node-red",
    "zigbee2mqtt",
    "esphome",
    "paperless",
    "immich",
    "vaultwarden",
    "authentik",
];
/// What it is there for.
const ROLES: &[&str] = &[
    "operator",
    "cluster",
    "exporter",
    "stack",
    "server",
    "agent",
    "controller",
    "proxy",
    "gateway",
    "backup",
    "ui",
    "dashboard",
    "manager",
    "crds",
    "webhook",
    "adapter",
    "provisioner",
    "sync",
    "scheduler",
    "worker",
    "api",
    "monitoring",
    "ha",
    "lite",
    "single",
    "bootstrap",
];
const KEYWORDS: &[&str] = &[
    "database",
    "monitoring",
    "logging",
    "metrics",
    "queue",
    "messaging",
    "storage",
    "backup",
    "security",
    "network",
    "ingress",
    "dns",
    "tls",
    "certificates",
    "sso",
    "identity",
    "ci",
    "cd",
    "gitops",
    "streaming",
    "analytics",
    "ml",
    "cache",
    "search",
    "tracing",
    "mesh",
    "iot",
    "media",
    "cms",
    "wiki",
    "chat",
    "sql",
    "nosql",
    "http",
    "proxy",
    "operator",
    "serverless",
    "autoscaling",
    "policy",
    "secrets",
];
const PURPOSES: &[&str] = &[
    "a highly available database",
    "metrics and alerts",
    "logs of all pods",
    "messages between services",
    "object storage",
    "secrets from an external store",
    "certificates",
    "single sign-on",
    "continuous delivery",
    "stream processing",
    "dashboards",
    "a cache in memory",
    "full text search",
    "distributed tracing",
    "backups of volumes",
    "network policies",
    "home automation",
    "media files",
    "a wiki",
    "batch jobs",
];
const SYLLABLES: &[&str] = &[
    "ba", "cor", "den", "fi", "gal", "hu", "jin", "kel", "lo", "mar", "nex", "or", "pi", "qua", "ri", "sol",
    "tek", "ur", "vi", "wen", "xa", "yo", "zen", "bri", "clo", "dra", "fle", "gro",
];
/// Words that most READMEs are made of.
const PROSE: &[&str] = &[
    "the",
    "chart",
    "to",
    "of",
    "a",
    "and",
    "is",
    "for",
    "in",
    "be",
    "value",
    "default",
    "kubernetes",
    "helm",
    "install",
    "with",
    "this",
    "set",
    "name",
    "pod",
    "service",
    "deployment",
    "enabled",
    "if",
    "image",
    "cluster",
    "configuration",
    "release",
    "ingress",
    "secret",
    "password",
    "version",
    "repository",
    "upgrade",
    "values",
    "persistence",
    "volume",
    "resources",
    "limits",
    "memory",
    "cpu",
    "node",
    "port",
    "host",
    "namespace",
    "parameters",
];
const KEYS: &[&str] = &[
    "enabled",
    "annotations",
    "labels",
    "type",
    "port",
    "hosts",
    "tls",
    "limits",
    "requests",
    "nodeSelector",
    "tolerations",
    "affinity",
    "existingSecret",
    "username",
    "password",
    "size",
    "storageClass",
    "create",
    "name",
    "extraEnv",
    "extraVolumes",
    "config",
    "schedule",
    "retention",
    "replicas",
    "interval",
    "timeout",
    "url",
    "token",
];
const SECTIONS: &[&str] = &[
    "image",
    "service",
    "ingress",
    "resources",
    "persistence",
    "auth",
    "metrics",
    "serviceMonitor",
    "serviceAccount",
    "podSecurityContext",
    "livenessProbe",
    "readinessProbe",
    "autoscaling",
    "networkPolicy",
    "rbac",
    "backup",
    "tls",
    "config",
    "sidecar",
    "initContainer",
];
const LICENSES: &[&str] = &[
    "Apache-2.0",
    "MIT",
    "GPL-3.0",
    "BSD-3-Clause",
    "MPL-2.0",
    "AGPL-3.0",
];

/// The same numbers every time (SplitMix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n.max(1) as u64) as usize
    }

    /// Below `n`; the number k about as often as 1/k, as words and repositories are (Zipf).
    pub(crate) fn roll_low(&mut self, n: usize) -> usize {
        let share = self.roll(1 << 24) as f64 / f64::from(1 << 24);
        ((n as f64).powf(share) as usize)
            .saturating_sub(1)
            .min(n.saturating_sub(1))
    }

    pub(crate) fn is(&mut self, percent: usize) -> bool {
        self.roll(100) < percent
    }

    pub(crate) fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list.get(self.roll(list.len())).copied().unwrap_or_default()
    }

    pub(crate) fn word(&mut self) -> String {
        (0..2 + self.roll(2)).map(|_| self.pick(SYLLABLES)).collect()
    }
}

/// A chart as those who measure need to know it.
pub(crate) struct MadeChart {
    pub(crate) repository: String,
    pub(crate) name: String,
    /// The newest versions, the newest first; those that have an archive.
    pub(crate) versions: Vec<String>,
    pub(crate) is_deprecated: bool,
}

/// What was made.
pub(crate) struct Made {
    pub(crate) charts: Vec<MadeChart>,
    /// The vocabulary, the most frequent word first.
    pub(crate) words: Vec<String>,
}

impl Made {
    /// The charts alone, without a file: what a catalog that was kept has in it.
    pub(crate) fn again() -> Result<Self> {
        make(None)
    }

    /// The charts with their archives and the indexes of their repositories, below `/{repository}/`.
    pub(crate) fn into(files: &Files) -> Result<Self> {
        make(Some(files))
    }
}

pub(crate) fn repository_name(number: usize) -> String {
    format!("repository-{number:03}")
}

fn make(files: Option<&Files>) -> Result<Made> {
    let mut dice = Dice(7);
    let mut words: Vec<String> = PROSE.iter().map(|word| (*word).to_owned()).collect();
    words.extend((0..N_WORDS).map(|_| dice.word()));
    let counts = version_counts(&mut dice);
    let mut indexes: HashMap<String, String> = HashMap::new();
    let mut taken = HashMap::new();
    let mut charts: Vec<MadeChart> = Vec::with_capacity(N_CHARTS);
    for (number, n_versions) in counts.into_iter().enumerate() {
        // Every chart has numbers of its own, so that leaving out its files changes no other.
        let mut dice = Dice(1_000 + number as u64);
        let chart = Chart::roll(&mut dice, &words, number, n_versions, &mut taken);
        if let Some(files) = files {
            let index = indexes
                .entry(chart.repository.clone())
                .or_insert_with(|| "apiVersion: v1\nentries:\n".to_owned());
            chart.put(&mut dice, &words, files, index)?;
        }
        charts.push(MadeChart {
            versions: (0..chart.n_archives()).map(|age| chart.version(age)).collect(),
            repository: chart.repository,
            name: chart.name,
            is_deprecated: chart.is_deprecated,
        });
    }
    if let Some(files) = files {
        for number in 0..N_REPOSITORIES {
            let name = repository_name(number);
            let index = indexes.remove(&name);
            let index = index.unwrap_or_else(|| "apiVersion: v1\nentries: {}\n".to_owned());
            files.put(&format!("/{name}/index.yaml"), index.into_bytes());
        }
    }
    Ok(Made { charts, words })
}

/// How many versions each chart has: half of the charts have a few, some have hundreds, all together [`N_VERSIONS`].
fn version_counts(dice: &mut Dice) -> Vec<usize> {
    let mut counts: Vec<usize> = (0..N_CHARTS).map(|_| 1 + dice.roll_low(110)).collect();
    let mut total: usize = counts.iter().sum();
    while total != N_VERSIONS {
        let at = dice.roll(N_CHARTS);
        if let Some(count) = counts.get_mut(at) {
            if total < N_VERSIONS {
                *count += 1;
                total += 1;
            } else if *count > 1 {
                *count -= 1;
                total -= 1;
            }
        }
    }
    counts
}

struct Chart {
    repository: String,
    name: String,
    software: String,
    description: String,
    keywords: Vec<&'static str>,
    maintainer: String,
    license: Option<&'static str>,
    kube_version: Option<String>,
    n_versions: usize,
    number: usize,
    is_deprecated: bool,
    is_library: bool,
    is_signed: bool,
}

impl Chart {
    fn roll(
        dice: &mut Dice,
        words: &[String],
        number: usize,
        n_versions: usize,
        taken: &mut HashMap<(String, String), usize>,
    ) -> Self {
        let repository = repository_name(dice.roll_low(N_REPOSITORIES));
        let product = |dice: &mut Dice| {
            words
                .get(PROSE.len() + dice.roll(N_WORDS))
                .cloned()
                .unwrap_or_default()
        };
        let software = match dice.roll(10) {
            0..4 => dice.pick(SOFTWARE).to_owned(),
            _ => product(dice),
        };
        let name = match dice.roll(20) {
            0..7 => software.clone(),
            7..13 => format!("{software}-{}", dice.pick(ROLES)),
            13..16 => format!("{}-{software}", product(dice)),
            16..18 => format!("{software}-{}-{}", dice.pick(ROLES), dice.pick(ROLES)),
            _ => format!("{}-{software}-{}", product(dice), dice.pick(ROLES)),
        };
        // Within a repository a name is there once.
        let n_same = taken.entry((repository.clone(), name.clone())).or_insert(0);
        *n_same += 1;
        let name = match *n_same {
            1 => name,
            n => format!("{name}-{n}"),
        };
        let n_keywords = dice.roll(6);
        let mut keywords: Vec<&str> = (0..n_keywords).map(|_| dice.pick(KEYWORDS)).collect();
        keywords.sort_unstable();
        keywords.dedup();
        Self {
            description: format!(
                "{} for Kubernetes: {}, {}",
                software,
                dice.pick(PURPOSES),
                sentence(dice, words, 6)
            ),
            keywords,
            maintainer: product(dice),
            license: dice.is(40).then(|| dice.pick(LICENSES)),
            kube_version: dice.is(30).then(|| format!(">=1.{}.0-0", 19 + dice.roll(12))),
            is_deprecated: dice.is(8),
            is_library: dice.is(2),
            is_signed: dice.is(6),
            repository,
            name,
            software,
            n_versions,
            number,
        }
    }

    fn n_archives(&self) -> usize {
        let wanted = if self.number < N_COMPARABLE { 2 } else { 1 };
        wanted.min(self.n_versions)
    }

    /// The version that is so many versions old.
    fn version(&self, age: usize) -> String {
        let n = self.n_versions - 1 - age;
        format!("{}.{}.{}", 1 + n / 60, n / 6 % 10, n % 6)
    }

    fn put(&self, dice: &mut Dice, words: &[String], files: &Files, index: &mut String) -> Result<()> {
        let (name, repository) = (&self.name, &self.repository);
        let _ = writeln!(index, "  {name}:");
        let mut entry = String::new();
        for age in 0..self.n_versions {
            let version = self.version(age);
            entry.clear();
            self.metadata(&version, &mut entry);
            let archive = match age < self.n_archives() {
                true => Some(self.archive(dice, words, &version, &entry)?),
                false => None,
            };
            let mut first = true;
            for line in entry.lines() {
                index.push_str(if first { "  - " } else { "    " });
                first = false;
                index.push_str(line);
                index.push('\n');
            }
            let day = self.number * 31 + age * 5;
            let _ = writeln!(
                index,
                "    created: \"{}-{:02}-{:02}T10:{:02}:00Z\"\n    urls:\n    - {name}-{version}.tgz",
                2026_usize.saturating_sub(day / 336 % 5),
                1 + day / 28 % 12 * usize::from(day > 300) % 11,
                1 + day % 28,
                day % 60
            );
            if let Some(archive) = archive {
                let digest = hex(&Sha256::digest(&archive));
                let _ = writeln!(index, "    digest: {digest}");
                files.put(&format!("/{repository}/{name}-{version}.tgz"), archive);
            }
        }
        Ok(())
    }

    /// Chart.yaml, which is what an entry of the index says, too.
    fn metadata(&self, version: &str, out: &mut String) {
        let name = &self.name;
        let _ = write!(
            out,
            "apiVersion: v2\nname: {name}\nversion: {version}\nappVersion: \"{}\"\ndescription: \"{}\"\n\
             type: {}\nhome: https://{}.example.com\nsources:\n- https://github.com/{}/{name}\n\
             maintainers:\n- name: {}\n  email: {}@example.com\n",
            version.replace('.', ""),
            self.description,
            if self.is_library { "library" } else { "application" },
            self.software,
            self.maintainer,
            self.maintainer,
            self.maintainer
        );
        if !self.keywords.is_empty() {
            let _ = writeln!(out, "keywords: [{}]", self.keywords.join(", "));
        }
        if let Some(range) = &self.kube_version {
            let _ = writeln!(out, "kubeVersion: \"{range}\"");
        }
        if self.is_deprecated {
            out.push_str("deprecated: true\n");
        }
        if self.license.is_some() || self.is_signed {
            out.push_str("annotations:\n");
        }
        if let Some(license) = self.license {
            let _ = writeln!(out, "  artifacthub.io/license: {license}");
        }
        if self.is_signed {
            out.push_str(
                "  artifacthub.io/signKey: |\n    fingerprint: C874011F0AB405110D02105534365D9472D7468F\n",
            );
        }
    }

    fn archive(&self, dice: &mut Dice, words: &[String], version: &str, metadata: &str) -> Result<Vec<u8>> {
        let mut readme = format!("# {}\n\n{}\n\n", self.name, self.description);
        for heading in ["Introduction", "Installing", "Parameters", "Upgrading"] {
            let _ = write!(readme, "## {heading}\n\n");
            for _ in 0..1 + dice.roll(4) {
                let n_words = 25 + dice.roll(100);
                let _ = write!(readme, "{}.\n\n", sentence(dice, words, n_words));
            }
            let _ = write!(
                readme,
                "```console\nhelm install my-{} {}/{}\n```\n\n",
                self.name, self.repository, self.name
            );
        }
        let _ = writeln!(readme, "{LAST_WORD}");
        let mut values = format!(
            "# Copies of {}.\nreplicaCount: {}\n",
            self.software,
            1 + dice.roll(3)
        );
        let (n_sections, offset) = (4 + dice.roll(14), dice.roll(SECTIONS.len()));
        for section in 0..n_sections {
            let section = SECTIONS
                .get((offset + section) % SECTIONS.len())
                .copied()
                .unwrap_or_default();
            let n_words = 5 + dice.roll(10);
            let _ = writeln!(values, "# {}.\n{section}:", sentence(dice, words, n_words));
            let (n_keys, offset) = (2 + dice.roll(9), dice.roll(KEYS.len()));
            for key in 0..n_keys {
                let key = KEYS.get((offset + key) % KEYS.len()).copied().unwrap_or_default();
                if dice.is(50) {
                    let _ = writeln!(values, "  # {}.", sentence(dice, words, 8));
                }
                let _ = match dice.roll(3) {
                    0 => writeln!(values, "  {key}: {}", dice.roll(9_000)),
                    1 => writeln!(values, "  {key}: \"\""),
                    _ => writeln!(values, "  {key}: {}", dice.word()),
                };
            }
        }
        let _ = writeln!(
            values,
            "container:\n  image: docker.io/{}/{}:{version}\n",
            self.maintainer, self.software
        );
        let deployment = format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{{{ .Release.Name }}}}\nspec:\n  \
             replicas: {{{{ .Values.replicaCount }}}}\n  selector:\n    matchLabels: {{app: {name}}}\n  template:\n    \
             metadata:\n      labels: {{app: {name}}}\n    spec:\n      containers:\n      - name: main\n        \
             image: {{{{ .Values.container.image }}}}\n",
            name = self.name
        );
        let service = format!(
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{{{ .Release.Name }}}}\nspec:\n  \
             selector: {{app: {}}}\n  ports:\n  - port: 80\n",
            self.name
        );
        let mut files: Vec<(&str, &[u8])> = vec![
            ("Chart.yaml", metadata.as_bytes()),
            ("README.md", readme.as_bytes()),
            ("values.yaml", values.as_bytes()),
            ("templates/deployment.yaml", deployment.as_bytes()),
            ("templates/service.yaml", service.as_bytes()),
        ];
        let crd = format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  names:\n    kind: {}Rule\n",
            self.software
        );
        if dice.is(8) {
            files.push(("crds/rule.yaml", crd.as_bytes()));
        }
        if dice.is(7) {
            files.push(("values.schema.json", b"{\"type\":\"object\"}"));
        }
        pack(&self.name, files, Modified::default()).context("packing a chart")
    }
}

fn sentence(dice: &mut Dice, words: &[String], n: usize) -> String {
    let mut out = String::new();
    for _ in 0..n {
        if !out.is_empty() {
            out.push(' ');
        }
        match dice.roll(30) {
            0 => out.push_str(dice.pick(SOFTWARE)),
            1 => out.push_str(dice.pick(KEYWORDS)),
            _ => out.push_str(words.get(dice.roll_low(words.len())).map_or("", String::as_str)),
        }
    }
    out
}

pub(crate) fn software(dice: &mut Dice) -> &'static str {
    dice.pick(SOFTWARE)
}

pub(crate) fn keyword(dice: &mut Dice) -> &'static str {
    dice.pick(KEYWORDS)
}

pub(crate) fn role(dice: &mut Dice) -> &'static str {
    dice.pick(ROLES)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
