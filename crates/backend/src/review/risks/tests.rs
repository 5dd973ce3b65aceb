//! Each rule with what it finds and what it leaves alone.

use model::review::Risk;
use model::review::Weight::{self, High, Low, Medium};

use super::super::object::tests::objects;
use super::super::place::Fields;

fn risks(manifest: &str) -> Vec<Risk> {
    super::risks(&objects(manifest), "default", &Fields::new(&[], &[]))
}

/// A pod whose specification ends with the given lines, with one container that is as good as can be.
fn pod(rest: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec: {{template: {{spec: {{\n  {rest}\n}}}}}}\n"
    )
}

const GOOD: &str = "containers: [{image: 'a:1', securityContext: {runAsNonRoot: true}}]";

fn container(rest: &str) -> String {
    pod(&format!("containers: [{{image: 'a:1', {rest}}}]"))
}

fn role(kind: &str, rule: &str) -> String {
    format!(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata: {{name: r}}\nrules: [{{{rule}}}]\n"
    )
}

fn webhook(rest: &str) -> String {
    format!(
        "apiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\nmetadata: {{name: w}}\n\
         webhooks: [{{rules: [{{apiGroups: [''], resources: [pods], operations: [CREATE]}}]{rest}}}]\n"
    )
}

/// A name, a manifest, what is found of it without what roles bring along, and a part of the first sentence.
type Row = (
    &'static str,
    String,
    &'static [(&'static str, Weight)],
    &'static str,
);

#[test]
fn every_rule_finds_what_it_is_for() {
    let rows: Vec<Row> = vec![
        ("nothing", pod(GOOD), &[], ""),
        (
            "privileged",
            container("securityContext: {privileged: true, runAsNonRoot: true}"),
            &[("privileged", High)],
            "anything on their node",
        ),
        (
            "namespaces of the host",
            pod(&format!("hostNetwork: true, hostPID: true, hostIPC: true, {GOOD}")),
            &[("host-processes", High), ("host-network", Medium), ("host-memory", Medium)],
            "every process",
        ),
        (
            "directories",
            pod(&format!(
                "volumes: [{{hostPath: {{path: /var/run/docker.sock}}}}, {{hostPath: {{path: /var/log/}}}}, {{emptyDir: {{}}}}], {GOOD}"
            )),
            &[("host-path-wide", High), ("host-path", Medium)],
            "/var/run/docker.sock",
        ),
        (
            "capabilities",
            container("securityContext: {runAsUser: 1, capabilities: {add: [CAP_SYS_ADMIN, NET_ADMIN], drop: [ALL]}}"),
            &[("capabilities-wide", High), ("capabilities", Medium)],
            "SYS_ADMIN",
        ),
        (
            "root said by the pod",
            pod("securityContext: {runAsUser: 0}, containers: [{image: 'a:1'}]"),
            &[("runs-as-root", Medium)],
            "root",
        ),
        (
            "root unsaid by the container",
            pod("securityContext: {runAsUser: 0}, containers: [{image: 'a:1', securityContext: {runAsUser: 1000}}]"),
            &[],
            "",
        ),
        ("nobody says", container("name: x"), &[("user-unsaid", Low)], "up to the image"),
        (
            "ports, escalation, confinement",
            container(
                "ports: [{hostPort: 9100}, {containerPort: 1}], securityContext: {runAsUser: 1, \
                 allowPrivilegeEscalation: true, seccompProfile: {type: Unconfined}}",
            ),
            &[("host-port", Medium), ("escalation", Medium), ("unconfined", Medium)],
            "9100",
        ),
        (
            "pods of cron jobs, containers that begin them",
            "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: c}\nspec: {jobTemplate: {spec: {template: {spec: \
             {containers: [{image: 'a:1', securityContext: {runAsUser: 1}}], initContainers: [{image: b, \
             securityContext: {privileged: true, runAsUser: 1}}]}}}}}\n"
                .to_owned(),
            &[("privileged", High), ("moving-images", Low)],
            "",
        ),
        (
            "images",
            pod("containers: [{image: a, securityContext: {runAsUser: 1}}, {image: 'r:5000/b:latest', securityContext: \
                 {runAsUser: 1}}, {image: 'c@sha256:0', securityContext: {runAsUser: 1}}]"),
            &[("moving-images", Low)],
            "a and r:5000/b:latest",
        ),
        (
            "everything, everywhere",
            role("ClusterRole", "apiGroups: ['*'], resources: ['*'], verbs: ['*']"),
            &[("rbac-anything", High), ("cluster-objects", Medium)],
            "anything with everything in the whole cluster",
        ),
        (
            "everything, here",
            role("Role", "apiGroups: ['*'], resources: ['*'], verbs: ['*']"),
            &[("rbac-anything", Medium)],
            "in its namespace",
        ),
        (
            "reading all",
            role("ClusterRole", "apiGroups: ['*'], resources: ['*'], verbs: [get]"),
            // Opening a connection into a pod is a GET.
            &[("rbac-read-all", High), ("rbac-exec", High), ("cluster-objects", Medium)],
            "every Secret too",
        ),
        (
            "secrets",
            role("ClusterRole", "apiGroups: [''], resources: [configmaps, secrets], verbs: [list]"),
            &[("rbac-secrets", High), ("cluster-objects", Medium)],
            "every Secret",
        ),
        (
            "secrets by name",
            role("ClusterRole", "apiGroups: [''], resources: [secrets], resourceNames: [a], verbs: [get]"),
            &[("cluster-objects", Medium)],
            "whole cluster (1 ClusterRole)",
        ),
        (
            "wildcards",
            role("Role", "apiGroups: [example.com], resources: [gates], verbs: ['*']"),
            &[("rbac-wildcard", Low)],
            "written with `*`",
        ),
        (
            "rights over rights",
            role("ClusterRole", "apiGroups: [rbac.authorization.k8s.io], resources: [clusterrolebindings], verbs: [create]"),
            &[("rbac-grant", High), ("cluster-objects", Medium)],
            "give rights",
        ),
        (
            "others' names, others' pods",
            format!(
                "{}---\n{}",
                role("ClusterRole", "apiGroups: [''], resources: [users], verbs: [impersonate]"),
                role("Role", "apiGroups: [''], resources: [pods/exec], verbs: [create]")
            ),
            &[("rbac-impersonate", High), ("rbac-exec", Medium), ("cluster-objects", Medium)],
            "act as other users",
        ),
        (
            "workloads and webhooks",
            format!(
                "{}---\n{}",
                role("Role", "apiGroups: [apps], resources: [deployments], verbs: [patch]"),
                role(
                    "Role",
                    "apiGroups: [admissionregistration.k8s.io], resources: [mutatingwebhookconfigurations], verbs: [update]"
                )
            ),
            &[("rbac-admission", Medium), ("rbac-workloads", Low)],
            "admits",
        ),
        (
            "given to administrators and to everybody",
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: b}\nroleRef: {kind: \
             ClusterRole, name: cluster-admin}\nsubjects: [{kind: Group, name: 'system:unauthenticated'}]\n"
                .to_owned(),
            &[("rbac-cluster-admin", High), ("rbac-everybody", High), ("cluster-objects", Medium)],
            "cluster-admin",
        ),
        (
            "other namespaces",
            "kind: ConfigMap\nmetadata: {name: a, namespace: kube-system}\n---\nkind: ConfigMap\nmetadata: {name: b, \
             namespace: default}\n"
                .to_owned(),
            &[("other-namespaces", Medium)],
            "kube-system",
        ),
        (
            "definitions",
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a}\n".to_owned(),
            &[("definitions", Low)],
            "1 custom resource definition,",
        ),
        ("a webhook in every pod's way", webhook(""), &[("webhook-pods", High)], "no pod starts"),
        (
            "a webhook that may be missing",
            webhook(", failurePolicy: Ignore"),
            &[("webhook", Medium)],
            "refuse",
        ),
        (
            "a webhook for some",
            webhook(", namespaceSelector: {matchLabels: {a: b}}"),
            &[("webhook", Medium)],
            "",
        ),
        (
            "a part of the API",
            "apiVersion: apiregistration.k8s.io/v1\nkind: APIService\nmetadata: {name: a}\nspec: {service: {name: s}}\n"
                .to_owned(),
            &[("api-service", Medium)],
            "part of the cluster's API",
        ),
        (
            "services",
            "kind: Service\nmetadata: {name: a}\nspec: {type: LoadBalancer}\n---\nkind: Service\nmetadata: {name: b}\n\
             spec: {type: NodePort, externalIPs: [192.0.2.1]}\n---\nkind: Service\nmetadata: {name: c}\nspec: {type: ClusterIP}\n"
                .to_owned(),
            &[("load-balancer", Medium), ("node-port", Medium), ("external-address", Medium)],
            "1 load balancer",
        ),
        (
            "hosts",
            "kind: Ingress\nmetadata: {name: a}\nspec: {rules: [{host: a.example.com}, {}]}\n".to_owned(),
            &[("published", Low)],
            "a.example.com and any host",
        ),
        (
            "volumes",
            "kind: PersistentVolumeClaim\nmetadata: {name: a}\nspec: {storageClassName: fast, resources: {requests: \
             {storage: 512Mi}}}\n---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: b}\nspec: {replicas: 3, \
             volumeClaimTemplates: [{spec: {resources: {requests: {storage: 8Gi}}}}]}\n"
                .to_owned(),
            &[("volumes", Low)],
            "4 volumes, 24.5 GiB altogether, of the default storage class and the storage class fast",
        ),
        ("no sense", "kind: ClusterRole\nmetadata: 7\nrules: {a: b}\n".to_owned(), &[], ""),
    ];
    for (name, manifest, want, words) in rows {
        let found = risks(&manifest);
        let told: Vec<_> = found
            .iter()
            .map(|risk| (risk.rule.as_str(), risk.weight))
            .collect();
        assert_eq!(told, want, "{name}");
        let first = found.first().map_or("", |risk| risk.text.as_str());
        assert!(first.contains(words), "{name}: {first}");
        assert!(
            found
                .iter()
                .all(|risk| risk.text.ends_with('.') && !risk.objects.is_empty())
        );
    }
}

#[test]
fn many_objects_and_long_words_make_short_sentences() {
    let claim = |number: usize| {
        format!(
            "kind: Ingress\nmetadata: {{name: i{number}}}\nspec: {{rules: [{{host: {}{number}}}]}}\n",
            "x".repeat(200)
        )
    };
    let all: Vec<String> = (0..50).map(claim).collect();
    let found = risks(&all.join("---\n"));
    let [published] = found.as_slice() else {
        panic!("one sentence: {found:?}");
    };
    assert_eq!((published.objects.len(), published.n_more), (20, 30));
    assert!(published.text.len() < 600, "{}", published.text);
}
