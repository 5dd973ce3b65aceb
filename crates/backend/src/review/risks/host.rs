//! What pods can do to the node that they run on.

use model::review::{RiskTopic, Weight};
use serde_json::Value;

use super::super::object::{Reviewed, at, list};
use super::super::pods::{containers, pod_of};
use super::{Findings, Hits};

const TOPIC: RiskTopic = RiskTopic::Host;

/// Capabilities that lead to the whole node.
const WIDE_CAPABILITIES: &[&str] = &[
    "ALL",
    "SYS_ADMIN",
    "SYS_MODULE",
    "SYS_PTRACE",
    "SYS_RAWIO",
    "SYS_BOOT",
    "DAC_READ_SEARCH",
    "BPF",
];
/// Directories from which the whole node can be reached: its root, its configuration, the sockets and files of what
/// starts containers.
const WIDE_PATHS: &[&str] = &[
    "/",
    "/etc",
    "/root",
    "/home",
    "/boot",
    "/dev",
    "/proc",
    "/var",
    "/var/lib",
    "/var/lib/kubelet",
    "/var/lib/docker",
    "/var/lib/containerd",
    "/run",
    "/var/run",
    "/run/containerd",
    "/run/containerd/containerd.sock",
    "/run/docker.sock",
    "/var/run/docker.sock",
    "/var/run/crio/crio.sock",
    "/etc/kubernetes",
];

#[derive(Default)]
struct Seen {
    privileged: Hits,
    network: Hits,
    processes: Hits,
    memory: Hits,
    wide_paths: Hits,
    paths: Hits,
    wide_capabilities: Hits,
    capabilities: Hits,
    ports: Hits,
    root: Hits,
    unsaid: Hits,
    escalation: Hits,
    unconfined: Hits,
}

pub(super) fn look(objects: &[Reviewed], found: &mut Findings<'_>) {
    let mut seen = Seen::default();
    for object in objects {
        if object.kind == "PersistentVolume" {
            seen.path(object, object.at(&["spec", "hostPath", "path"]));
        }
        if let Some(pod) = pod_of(object) {
            seen.pod(object, pod);
        }
    }
    seen.tell(found);
}

impl Seen {
    fn pod(&mut self, object: &Reviewed, pod: &Value) {
        for (key, hits) in [
            ("hostNetwork", &mut self.network),
            ("hostPID", &mut self.processes),
            ("hostIPC", &mut self.memory),
        ] {
            let value = at(pod, &[key]);
            if value == &Value::Bool(true) {
                hits.field(object, value);
            }
        }
        for volume in list(at(pod, &["volumes"])) {
            self.path(object, at(volume, &["hostPath", "path"]));
        }
        for container in containers(pod) {
            self.container(object, at(pod, &["securityContext"]), container);
        }
    }

    fn path(&mut self, object: &Reviewed, value: &Value) {
        let Some(path) = value.as_str() else { return };
        let plain = match path.trim_end_matches('/') {
            "" => "/",
            plain => plain,
        };
        let hits = match WIDE_PATHS.contains(&plain) {
            true => &mut self.wide_paths,
            false => &mut self.paths,
        };
        hits.word(object, value, plain);
    }

    fn container(&mut self, object: &Reviewed, of_pod: &Value, container: &Value) {
        let own = at(container, &["securityContext"]);
        // What a container says wins over what its pod says.
        let said = |path: &[&str]| match at(own, path) {
            Value::Null => at(of_pod, path),
            own => own,
        };
        let on = |path: &[&str]| Some(said(path)).filter(|value| **value == Value::Bool(true));
        if let Some(value) = on(&["privileged"]).or_else(|| on(&["windowsOptions", "hostProcess"])) {
            self.privileged.field(object, value);
        }
        if let Some(value) = on(&["allowPrivilegeEscalation"]) {
            self.escalation.field(object, value);
        }
        for capability in list(at(own, &["capabilities", "add"])) {
            let name = capability.as_str().unwrap_or_default().to_ascii_uppercase();
            let name = name.strip_prefix("CAP_").unwrap_or(&name);
            match WIDE_CAPABILITIES.contains(&name) {
                true => self.wide_capabilities.word(object, capability, name),
                false => self.capabilities.word(object, capability, name),
            }
        }
        let as_user = said(&["runAsUser"]);
        let not_root = said(&["runAsNonRoot"]);
        match as_user.as_f64() {
            Some(0.0) => self.root.field(object, as_user),
            None if not_root == &Value::Bool(false) => self.root.field(object, not_root),
            None if not_root.is_null() => self.unsaid.field(object, container),
            _ => {}
        }
        for (value, open) in [
            (said(&["seccompProfile", "type"]), "Unconfined"),
            (said(&["appArmorProfile", "type"]), "Unconfined"),
            (at(own, &["procMount"]), "Unmasked"),
        ] {
            if value == open {
                self.unconfined.field(object, value);
            }
        }
        for port in list(at(container, &["ports"])) {
            let port = at(port, &["hostPort"]);
            if let Some(number) = port.as_f64().filter(|number| *number > 0.0) {
                self.ports.word(object, port, format!("{number:.0}"));
            }
        }
    }

    fn tell(self, found: &mut Findings<'_>) {
        use Weight::{High, Low, Medium};
        let mut say = |rule: &'static str, weight, hits: &Hits, text: String| {
            found.say((rule, TOPIC, weight), &hits.objects, text);
        };
        let words = |before: &str, hits: &Hits| format!("{before}: {}.", hits.words());
        say(
            "privileged",
            High,
            &self.privileged,
            "Runs privileged containers: they can do anything on their node.".to_owned(),
        );
        say(
            "host-path-wide",
            High,
            &self.wide_paths,
            words(
                "Mounts directories of its node from which all of it can be reached",
                &self.wide_paths,
            ),
        );
        say(
            "host-path",
            Medium,
            &self.paths,
            words("Mounts directories of its node", &self.paths),
        );
        say(
            "host-processes",
            High,
            &self.processes,
            "Sees every process of its node, and can look into them.".to_owned(),
        );
        say(
            "host-network",
            Medium,
            &self.network,
            "Uses the network of its node as its own: no network policy holds it, and what listens on the node's own \
             address is in reach."
                .to_owned(),
        );
        say(
            "host-memory",
            Medium,
            &self.memory,
            "Shares memory with the processes of its node.".to_owned(),
        );
        say(
            "capabilities-wide",
            High,
            &self.wide_capabilities,
            words(
                "Has capabilities that lead to the whole node",
                &self.wide_capabilities,
            ),
        );
        say(
            "capabilities",
            Medium,
            &self.capabilities,
            words(
                "Has capabilities that containers do not have by themselves",
                &self.capabilities,
            ),
        );
        say(
            "host-port",
            Medium,
            &self.ports,
            words("Opens ports of the nodes it runs on", &self.ports),
        );
        say("runs-as-root", Medium, &self.root, "Runs as root.".to_owned());
        say(
            "escalation",
            Medium,
            &self.escalation,
            "Lets processes gain more rights than they were started with.".to_owned(),
        );
        say(
            "unconfined",
            Medium,
            &self.unconfined,
            "Turns off what confines its system calls or its view of the node.".to_owned(),
        );
        say(
            "user-unsaid",
            Low,
            &self.unsaid,
            "Does not say which user it runs as: that is up to the image, and often root.".to_owned(),
        );
    }
}
