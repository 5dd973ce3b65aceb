//! What roles allow, and to whom they are given.

use model::review::{RiskTopic, Weight};
use serde_json::Value;

use super::super::object::{Reviewed, at, list, texts};
use super::super::permissions::Bindings;
use super::{Findings, Hits};

const TOPIC: RiskTopic = RiskTopic::Permissions;

/// A rule of a role.
struct Grant {
    verbs: Vec<String>,
    groups: Vec<String>,
    resources: Vec<String>,
    names: Vec<String>,
    is_cluster_wide: bool,
}

impl Grant {
    fn of(rule: &Value, is_cluster_wide: bool) -> Self {
        let words = |key: &str| texts(at(rule, &[key]));
        Self {
            verbs: words("verbs"),
            groups: words("apiGroups"),
            resources: words("resources"),
            names: words("resourceNames"),
            is_cluster_wide,
        }
    }

    fn has_all(words: &[String]) -> bool {
        words.iter().any(|word| word == "*")
    }

    fn may(&self, verbs: &[&str]) -> bool {
        Self::has_all(&self.verbs) || self.verbs.iter().any(|verb| verbs.contains(&verb.as_str()))
    }

    /// Whether it is about any of these resources of a group, whatever their names.
    fn is_about(&self, group: &str, resources: &[&str]) -> bool {
        let in_group = Self::has_all(&self.groups) || self.groups.iter().any(|known| known == group);
        let of_kind = Self::has_all(&self.resources)
            || self
                .resources
                .iter()
                .any(|known| resources.contains(&known.as_str()));
        in_group && of_kind && self.names.is_empty()
    }

    fn is_everything(&self) -> bool {
        Self::has_all(&self.groups) && Self::has_all(&self.resources) && self.names.is_empty()
    }
}

const READING: &[&str] = &["get", "list", "watch"];
const WRITING: &[&str] = &["create", "update", "patch"];
const RBAC: &str = "rbac.authorization.k8s.io";
const WORKLOADS: &[&str] = &["deployments", "daemonsets", "statefulsets", "replicasets"];

/// Sentences for the whole cluster, and for the namespaces of the release.
#[derive(Default)]
struct Reach {
    everywhere: Hits,
    here: Hits,
}

impl Reach {
    fn note(&mut self, role: &Reviewed, rule: &Value, grant: &Grant) {
        let hits = if grant.is_cluster_wide {
            &mut self.everywhere
        } else {
            &mut self.here
        };
        hits.field(role, rule);
    }
}

pub(super) fn look(objects: &[Reviewed], found: &mut Findings<'_>) {
    let bindings = Bindings::of(objects);
    let (mut anything, mut reads_all, mut secrets, mut wildcards) = Default::default();
    let (mut gives, mut acts_as, mut runs_in, mut makes, mut admits) = Default::default();
    for role in objects {
        if !matches!(role.kind.as_str(), "Role" | "ClusterRole") {
            continue;
        }
        let is_cluster_wide = bindings.is_cluster_wide(role);
        for rule in role.list(&["rules"]) {
            let grant = Grant::of(rule, is_cluster_wide);
            let note = |reach: &mut Reach, is_so: bool| {
                if is_so {
                    reach.note(role, rule, &grant);
                }
            };
            let is_all = grant.is_everything() && Grant::has_all(&grant.verbs);
            note(&mut anything, is_all);
            if is_all {
                continue;
            }
            note(&mut reads_all, grant.is_everything() && grant.may(READING));
            let reads_secrets = grant.is_about("", &["secrets"]) && grant.may(READING);
            note(&mut secrets, reads_secrets && !grant.is_everything());
            note(
                &mut wildcards,
                Grant::has_all(&grant.verbs) || Grant::has_all(&grant.resources) && !grant.is_everything(),
            );
            let is_rbac = |resources: &[&str]| grant.is_about(RBAC, resources);
            note(
                &mut gives,
                is_rbac(&["roles", "clusterroles"]) && grant.may(&["bind", "escalate"])
                    || is_rbac(&["rolebindings", "clusterrolebindings"]) && grant.may(WRITING),
            );
            note(
                &mut acts_as,
                grant.is_about("", &["users", "groups", "serviceaccounts"]) && grant.may(&["impersonate"]),
            );
            note(
                &mut runs_in,
                grant.is_about("", &["pods/exec", "pods/attach", "nodes/proxy"])
                    && grant.may(&["create", "get"]),
            );
            note(
                &mut makes,
                grant.may(WRITING)
                    && (grant.is_about("", &["pods"])
                        || grant.is_about("apps", WORKLOADS)
                        || grant.is_about("batch", &["jobs", "cronjobs"])),
            );
            note(
                &mut admits,
                grant.may(WRITING)
                    && grant.is_about(
                        "admissionregistration.k8s.io",
                        &["mutatingwebhookconfigurations", "validatingwebhookconfigurations"],
                    ),
            );
        }
    }
    let mut say = |rule: &'static str, reach: &Reach, weights: (Weight, Weight), words: (&str, &str)| {
        found.say((rule, TOPIC, weights.0), &reach.everywhere.objects, words.0);
        found.say((rule, TOPIC, weights.1), &reach.here.objects, words.1);
    };
    use Weight::{High, Low, Medium};
    say(
        "rbac-anything",
        &anything,
        (High, Medium),
        (
            "May do anything with everything in the whole cluster.",
            "May do anything with everything in its namespace.",
        ),
    );
    say(
        "rbac-read-all",
        &reads_all,
        (High, Medium),
        (
            "May read everything in the whole cluster, every Secret too.",
            "May read everything in its namespace, Secrets too.",
        ),
    );
    say(
        "rbac-secrets",
        &secrets,
        (High, Low),
        (
            "May read every Secret of the cluster.",
            "May read the Secrets of its namespace.",
        ),
    );
    say(
        "rbac-wildcard",
        &wildcards,
        (Medium, Low),
        (
            "Has rights in the whole cluster that are written with `*`: all verbs, or all resources of a group.",
            "Has rights in its namespace that are written with `*`: all verbs, or all resources of a group.",
        ),
    );
    say(
        "rbac-grant",
        &gives,
        (High, Medium),
        (
            "May give rights to itself and to others in the whole cluster.",
            "May give rights to itself and to others in its namespace.",
        ),
    );
    say(
        "rbac-impersonate",
        &acts_as,
        (High, Medium),
        (
            "May act as other users.",
            "May act as service accounts of its namespace.",
        ),
    );
    say(
        "rbac-exec",
        &runs_in,
        (High, Medium),
        (
            "May run commands in any pod of the cluster.",
            "May run commands in the pods of its namespace.",
        ),
    );
    say(
        "rbac-workloads",
        &makes,
        (Medium, Low),
        (
            "May make and change pods in any namespace, with whatever they can reach there.",
            "May make and change pods in its namespace.",
        ),
    );
    say(
        "rbac-admission",
        &admits,
        (Medium, Medium),
        (
            "May change what the cluster admits: its webhooks.",
            "May change what the cluster admits: its webhooks.",
        ),
    );
    given(objects, found);
}

/// Roles that are no part of the chart, and who gets them.
fn given(objects: &[Reviewed], found: &mut Findings<'_>) {
    let (mut admin, mut admin_here, mut public) = (Hits::default(), Hits::default(), Hits::default());
    for binding in objects {
        let is_everywhere = match binding.kind.as_str() {
            "ClusterRoleBinding" => true,
            "RoleBinding" => false,
            _ => continue,
        };
        let role = binding.at(&["roleRef", "name"]);
        match (role.as_str(), is_everywhere) {
            (Some("cluster-admin"), true) => admin.field(binding, role),
            (Some("cluster-admin" | "admin"), _) => admin_here.field(binding, role),
            _ => {}
        }
        for subject in list(binding.at(&["subjects"])) {
            let name = at(subject, &["name"]);
            if let Some(
                word @ ("system:anonymous"
                | "system:unauthenticated"
                | "system:authenticated"
                | "system:masters"),
            ) = name.as_str()
            {
                public.word(binding, name, word);
            }
        }
    }
    found.say(
        ("rbac-cluster-admin", TOPIC, Weight::High),
        &admin.objects,
        "Is given the role cluster-admin: it may do anything in the whole cluster.",
    );
    found.say(
        ("rbac-admin", TOPIC, Weight::Medium),
        &admin_here.objects,
        "Is given an administrator's role in its namespace.",
    );
    found.say(
        ("rbac-everybody", TOPIC, Weight::High),
        &public.objects,
        format!(
            "Gives rights to more than its own service accounts: {}.",
            public.words()
        ),
    );
}
