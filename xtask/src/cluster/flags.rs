//! The flags of the parts: what makes a control plane of programs that were written for clusters.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Result, bail};

use super::identity::Identity;

/// On loopback.
pub(super) struct Ports {
    pub(super) etcd: u16,
    etcd_peers: u16,
    pub(super) api_server: u16,
    /// Of the one kubelet that all nodes have.
    nodes: u16,
}

impl Ports {
    /// Ports that nobody listens on now.
    pub(super) fn free() -> Result<Self> {
        let [etcd, etcd_peers, api_server, nodes] = free_ports()?;
        Ok(Self {
            etcd,
            etcd_peers,
            api_server,
            nodes,
        })
    }
}

pub(super) fn etcd(ports: &Ports) -> Vec<String> {
    let clients = format!("http://127.0.0.1:{}", ports.etcd);
    let peers = format!("http://127.0.0.1:{}", ports.etcd_peers);
    flags(&[
        ("data-dir", "etcd"),
        ("listen-client-urls", &clients),
        ("advertise-client-urls", &clients),
        ("listen-peer-urls", &peers),
        ("initial-advertise-peer-urls", &peers),
        ("initial-cluster", &format!("default={peers}")),
        // The data lives as long as the tests; a machine that crashes takes it along.
        ("unsafe-no-fsync", "true"),
    ])
}

pub(super) fn api_server(ports: &Ports, identity: &Identity) -> Vec<String> {
    flags(&[
        ("etcd-servers", &format!("http://127.0.0.1:{}", ports.etcd)),
        ("bind-address", "127.0.0.1"),
        ("secure-port", &ports.api_server.to_string()),
        // There may be no network but loopback, and then no address that the service `kubernetes` could lead to.
        ("advertise-address", "127.0.0.1"),
        ("endpoint-reconciler-type", "none"),
        ("tls-cert-file", &identity.file("server.crt")),
        ("tls-private-key-file", &identity.file("server.key")),
        ("service-account-issuer", "https://kubernetes.default.svc"),
        ("service-account-key-file", &identity.file("accounts.key")),
        ("service-account-signing-key-file", &identity.file("accounts.key")),
        ("service-cluster-ip-range", "10.0.0.0/16"),
        ("authorization-mode", "RBAC"),
        ("token-auth-file", &identity.file("users.csv")),
        ("allow-privileged", "true"),
        ("profiling", "false"),
    ])
}

pub(super) fn controller_manager(identity: &Identity) -> Vec<String> {
    flags(&[
        ("kubeconfig", "parts.kubeconfig"),
        ("service-account-private-key-file", &identity.file("accounts.key")),
        ("root-ca-file", &identity.file("ca.crt")),
        ("use-service-account-credentials", "false"),
        ("leader-elect", "false"),
        ("secure-port", "0"),
        ("controllers", "*,-node-ipam-controller"),
        // On a busy machine kwok renews its nodes late. A kubelet would make pods ready again afterwards; kwok does not.
        ("node-monitor-grace-period", "24h"),
    ])
}

pub(super) fn scheduler() -> Vec<String> {
    flags(&[
        ("kubeconfig", "parts.kubeconfig"),
        ("leader-elect", "false"),
        ("secure-port", "0"),
    ])
}

pub(super) fn kwok(ports: &Ports, identity: &Identity) -> Vec<String> {
    flags(&[
        ("kubeconfig", "parts.kubeconfig"),
        ("config", "pods.yaml"),
        ("manage-all-nodes", "true"),
        ("cidr", "10.1.0.1/16"),
        // The nodes' one kubelet: the API server fetches the logs of pods from it.
        ("node-ip", "127.0.0.1"),
        ("node-port", &ports.nodes.to_string()),
        ("server-address", &format!("127.0.0.1:{}", ports.nodes)),
        ("tls-cert-file", &identity.file("server.crt")),
        ("tls-private-key-file", &identity.file("server.key")),
    ])
}

fn flags(flags: &[(&str, &str)]) -> Vec<String> {
    flags
        .iter()
        .map(|(name, value)| format!("--{name}={value}"))
        .collect()
}

/// Not from where the system takes the ports of outgoing connections (32768 and up): while a server is away its clients
/// keep connecting, and one of them could be given the very port that the server is to come back to.
fn free_ports<const N: usize>() -> Result<[u16; N]> {
    const FIRST: u32 = 20_000;
    const COUNT: u32 = 10_000;
    let mut held = Vec::new();
    let start = std::process::id().wrapping_mul(37);
    for offset in 0..COUNT {
        let port = u16::try_from(FIRST + start.wrapping_add(offset) % COUNT)?;
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            held.push((listener, port));
        }
        if held.len() == N {
            break;
        }
    }
    let ports: Vec<u16> = held.iter().map(|(_, port)| *port).collect();
    let Ok(ports) = ports.try_into() else {
        bail!("no port between 20000 and 30000 is free on 127.0.0.1")
    };
    Ok(ports)
}
