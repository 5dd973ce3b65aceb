//! The order in which kinds are applied and removed.

use std::cmp::Ordering;

/// Kinds in the order of installation; a kind that is not listed comes last, by name.
const INSTALL: [&str; 38] = [
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
];

/// Not simply the reverse: services go before the workloads they lead to.
const UNINSTALL: [&str; 38] = [
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
    "APIService",
    "Ingress",
    "IngressClass",
    "Service",
    "CronJob",
    "Job",
    "StatefulSet",
    "HorizontalPodAutoscaler",
    "Deployment",
    "ReplicaSet",
    "ReplicationController",
    "Pod",
    "DaemonSet",
    "RoleBindingList",
    "RoleBinding",
    "RoleList",
    "Role",
    "ClusterRoleBindingList",
    "ClusterRoleBinding",
    "ClusterRoleList",
    "ClusterRole",
    "CustomResourceDefinition",
    "PersistentVolumeClaim",
    "PersistentVolume",
    "StorageClass",
    "ConfigMap",
    "SecretList",
    "Secret",
    "ServiceAccount",
    "PodDisruptionBudget",
    "PodSecurityPolicy",
    "LimitRange",
    "ResourceQuota",
    "NetworkPolicy",
    "Namespace",
    "PriorityClass",
];

/// Where a kind stands: listed kinds by place, then the others by name.
///
/// Sort with a stable sort: objects of one kind keep the order they were rendered in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindOrder<'a> {
    place: Option<usize>,
    kind: &'a str,
}

impl Ord for KindOrder<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.place, other.place) {
            (Some(mine), Some(theirs)) => mine.cmp(&theirs),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => self.kind.cmp(other.kind),
        }
    }
}

impl PartialOrd for KindOrder<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The sort key of `kind` when a release is installed or upgraded.
pub fn install_order(kind: &str) -> KindOrder<'_> {
    KindOrder {
        place: INSTALL.iter().position(|listed| *listed == kind),
        kind,
    }
}

/// The sort key of `kind` when a release is removed.
pub fn uninstall_order(kind: &str) -> KindOrder<'_> {
    KindOrder {
        place: UNINSTALL.iter().position(|listed| *listed == kind),
        kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_kinds_come_last_by_name() {
        let mut kinds = [
            "Foo",
            "Service",
            "",
            "Bar",
            "Namespace",
            "ValidatingWebhookConfiguration",
        ];
        kinds.sort_by_key(|kind| install_order(kind));
        assert_eq!(
            kinds,
            [
                "Namespace",
                "Service",
                "ValidatingWebhookConfiguration",
                "",
                "Bar",
                "Foo"
            ]
        );
        kinds.sort_by_key(|kind| uninstall_order(kind));
        assert_eq!(
            kinds,
            [
                "ValidatingWebhookConfiguration",
                "Service",
                "Namespace",
                "",
                "Bar",
                "Foo"
            ]
        );
    }

    #[test]
    fn both_orders_list_the_same_kinds() {
        let (mut install, mut uninstall) = (INSTALL, UNINSTALL);
        install.sort_unstable();
        uninstall.sort_unstable();
        assert_eq!(install, uninstall);
    }
}
