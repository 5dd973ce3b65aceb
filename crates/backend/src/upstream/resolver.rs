//! Names to addresses, with the guard in between: only addresses that passed are handed to the connector, so what was
//! checked is what is connected to, however often the name's owner changes it.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::guard::{Guard, Refusal};

/// The resolver of one client.
#[derive(Clone)]
pub(super) struct GuardedResolver {
    guard: Arc<Guard>,
    /// Hosts that the operator named and that may be private: the repository's own, a proxy.
    private_hosts: Arc<BTreeSet<String>>,
}

impl GuardedResolver {
    pub(super) fn new(guard: Arc<Guard>, private_hosts: BTreeSet<String>) -> Self {
        Self {
            guard,
            private_hosts: Arc::new(private_hosts),
        }
    }

    /// Checks an address that a URL names without a name.
    pub(super) fn check_literal(&self, host: &str, address: std::net::IpAddr) -> Result<(), Refusal> {
        self.guard.check(host, address, self.private_hosts.contains(host))
    }

    async fn lookup(&self, host: &str) -> Result<Vec<SocketAddr>, Box<dyn std::error::Error + Send + Sync>> {
        let private_ok = self.private_hosts.contains(host);
        let found: Vec<SocketAddr> = tokio::net::lookup_host((host, 0)).await?.collect();
        let mut refusal = None;
        let mut passed = Vec::with_capacity(found.len());
        for address in found {
            match self.guard.check(host, address.ip(), private_ok) {
                Ok(()) => passed.push(address),
                Err(error) => refusal = Some(error),
            }
        }
        match refusal {
            // A name with a public and a private address is somebody's trick, or a network we should not guess about.
            Some(refusal) => Err(Box::new(refusal)),
            None => Ok(passed),
        }
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.clone();
        Box::pin(async move {
            let addresses = resolver.lookup(name.as_str()).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// The refusal at the bottom of a client's error, where there is one.
pub(super) fn refusal_in(error: &reqwest::Error) -> Option<Refusal> {
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(current) = cause {
        if let Some(refusal) = current.downcast_ref::<Refusal>() {
            return Some(refusal.clone());
        }
        cause = current.source();
    }
    None
}
