//! What the roles of a chart allow, resource by resource, and what of it came or went.

use std::collections::{BTreeMap, BTreeSet};

use model::review::{Permission, PermissionChange};

use super::object::{Reviewed, list, texts};

/// Rows that are told of one chart (attack: a rule with thousands of resources in each of thousands of groups).
const MAX_ROWS: usize = 1_000;
/// Words of one list of a rule that are read.
const MAX_WORDS: usize = 200;

/// What a permission is about: whether everywhere, the group, the resource, the names.
type Key = (bool, String, String, Vec<String>);

/// Names of bindings' roles by how they are bound.
pub(super) struct Bindings<'o> {
    /// Cluster roles that hold in some namespace only.
    narrowed: BTreeSet<&'o str>,
    /// Cluster roles that hold everywhere.
    everywhere: BTreeSet<&'o str>,
}

impl<'o> Bindings<'o> {
    pub(super) fn of(objects: &'o [Reviewed]) -> Self {
        let bound = |kind: &str| {
            let bindings = objects.iter().filter(|object| object.kind == kind);
            bindings
                .filter(|binding| binding.text(&["roleRef", "kind"]) == "ClusterRole")
                .map(|binding| binding.text(&["roleRef", "name"]))
                .collect()
        };
        Self {
            narrowed: bound("RoleBinding"),
            everywhere: bound("ClusterRoleBinding"),
        }
    }

    /// Whether what a role allows holds in the whole cluster. A cluster role that nothing of the chart binds may be
    /// bound by somebody else, and is taken for what it could be.
    pub(super) fn is_cluster_wide(&self, role: &Reviewed) -> bool {
        let is_narrowed =
            self.narrowed.contains(role.name.as_str()) && !self.everywhere.contains(role.name.as_str());
        role.kind == "ClusterRole" && !is_narrowed
    }
}

/// Everything that the roles among objects allow, in order.
pub(crate) fn permissions(objects: &[Reviewed]) -> Vec<Permission> {
    let rows = table(objects).into_iter();
    rows.map(|((is_cluster_wide, group, resource, names), verbs)| Permission {
        is_cluster_wide,
        group,
        resource,
        names,
        verbs: ordered(verbs),
    })
    .collect()
}

/// What one allows and the other does not.
pub(crate) fn changes(before: &[Reviewed], after: &[Reviewed]) -> Vec<PermissionChange> {
    let (mut before, after) = (table(before), table(after));
    let mut changes = Vec::new();
    let mut note = |key: Key, old: BTreeSet<String>, new: BTreeSet<String>| {
        if old != new {
            let (is_cluster_wide, group, resource, names) = key;
            changes.push(PermissionChange {
                is_cluster_wide,
                group,
                resource,
                names,
                added: ordered(new.difference(&old).cloned().collect()),
                removed: ordered(old.difference(&new).cloned().collect()),
            });
        }
    };
    for (key, new) in after {
        let old = before.remove(&key).unwrap_or_default();
        note(key, old, new);
    }
    for (key, old) in before {
        note(key, old, BTreeSet::new());
    }
    // What is new is what must be agreed to; what reaches furthest comes first.
    changes.sort_by_key(|change| (change.added.is_empty(), !change.is_cluster_wide));
    changes
}

fn table(objects: &[Reviewed]) -> BTreeMap<Key, BTreeSet<String>> {
    let bindings = Bindings::of(objects);
    let mut table: BTreeMap<Key, BTreeSet<String>> = BTreeMap::new();
    let roles = objects
        .iter()
        .filter(|object| matches!(object.kind.as_str(), "Role" | "ClusterRole"));
    for role in roles {
        let is_cluster_wide = bindings.is_cluster_wide(role);
        for rule in role.list(&["rules"]) {
            let words = |key: &str| {
                let mut words = rule.get(key).map(texts).unwrap_or_default();
                words.truncate(MAX_WORDS);
                words
            };
            let (verbs, names) = (words("verbs"), words("resourceNames"));
            let groups = words("apiGroups");
            let paths = words("nonResourceURLs")
                .into_iter()
                .map(|path| (String::new(), path));
            let resources = groups.iter().flat_map(|group| {
                let resources = list(rule.get("resources").unwrap_or(&serde_json::Value::Null));
                let resources = resources
                    .iter()
                    .take(MAX_WORDS)
                    .filter_map(|resource| resource.as_str());
                resources.map(|resource| (group.clone(), resource.to_owned()))
            });
            for (group, resource) in resources.chain(paths) {
                let key = (is_cluster_wide, group, resource, names.clone());
                if table.len() >= MAX_ROWS && !table.contains_key(&key) {
                    return table;
                }
                table.entry(key).or_default().extend(verbs.iter().cloned());
            }
        }
    }
    table
}

/// Verbs in the order in which people think of them.
fn ordered(verbs: BTreeSet<String>) -> Vec<String> {
    const ORDER: [&str; 9] = [
        "*",
        "get",
        "list",
        "watch",
        "create",
        "update",
        "patch",
        "delete",
        "deletecollection",
    ];
    if verbs.contains("*") {
        return vec!["*".to_owned()];
    }
    let mut verbs: Vec<String> = verbs.into_iter().collect();
    verbs.sort_by_key(|verb| {
        ORDER
            .iter()
            .position(|known| known == verb)
            .unwrap_or(ORDER.len())
    });
    verbs
}

#[cfg(test)]
mod tests {
    use super::super::object::tests::objects;
    use super::{changes, permissions};

    const ROLES: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules:
- {apiGroups: [''], resources: [pods, secrets], verbs: [watch, list, get]}
- {nonResourceURLs: [/metrics], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: narrow}
rules:
- {apiGroups: [apps], resources: [deployments], resourceNames: [web], verbs: [patch]}
---
kind: RoleBinding
metadata: {name: narrow}
roleRef: {kind: ClusterRole, name: narrow}
";

    fn told(text: &str) -> Vec<String> {
        let all = permissions(&objects(text)).into_iter();
        all.map(|one| {
            let place = if one.is_cluster_wide { "everywhere" } else { "here" };
            format!(
                "{place} {}/{} {:?} {}",
                one.group,
                one.resource,
                one.names,
                one.verbs.join(",")
            )
        })
        .collect()
    }

    #[test]
    fn rules_are_told_resource_by_resource_where_they_hold() {
        assert_eq!(
            told(ROLES),
            [
                "here apps/deployments [\"web\"] patch",
                "everywhere //metrics [] get",
                "everywhere /pods [] get,list,watch",
                "everywhere /secrets [] get,list,watch",
            ]
        );
        let bound = "---\nkind: ClusterRoleBinding\nmetadata: {name: n}\nroleRef: {kind: ClusterRole, name: narrow}\n";
        let everywhere = told(&format!("{ROLES}{bound}"));
        assert!(
            everywhere.iter().all(|row| row.starts_with("everywhere")),
            "{everywhere:?}"
        );
        assert!(told("kind: Role\nrules: 7\n").is_empty());
    }

    #[test]
    fn what_came_and_went_is_told_by_verb() {
        let after = ROLES
            .replace("[watch, list, get]", "[get, delete]")
            .replace("deployments", "statefulsets");
        let all = changes(&objects(ROLES), &objects(&after));
        let told: Vec<_> = all
            .iter()
            .map(|change| {
                (
                    change.resource.as_str(),
                    change.added.join(","),
                    change.removed.join(","),
                )
            })
            .collect();
        let row = |resource, added: &str, removed: &str| (resource, added.to_owned(), removed.to_owned());
        assert_eq!(
            told,
            [
                row("pods", "delete", "list,watch"),
                row("secrets", "delete", "list,watch"),
                row("statefulsets", "patch", ""),
                row("deployments", "", "patch"),
            ]
        );
        assert!(changes(&objects(ROLES), &objects(ROLES)).is_empty());
    }

    #[test]
    fn a_rule_of_any_size_is_told_in_a_bounded_table() {
        let words: Vec<String> = (0..400).map(|number| format!("r{number}")).collect();
        let words = words.join(", ");
        let text = format!(
            "kind: ClusterRole\nmetadata: {{name: big}}\nrules:\n- apiGroups: [{words}]\n  resources: [{words}]\n  verbs: ['*', get]\n"
        );
        let all = permissions(&objects(&text));
        assert_eq!(all.len(), super::MAX_ROWS);
        assert_eq!(all[0].verbs, ["*"]);
    }
}
