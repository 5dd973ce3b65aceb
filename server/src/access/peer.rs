//! Where a request came from, past the proxies that the operator trusts.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use backend::AddressRange;
use http::{HeaderMap, HeaderName};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Who is at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Peer {
    pub(crate) address: Option<IpAddr>,
    /// A trusted proxy says that it was asked by HTTPS.
    pub(crate) is_https: bool,
}

/// The proxies whose word on that is taken.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proxies(Vec<AddressRange>);

impl Proxies {
    /// Answers the first text that is no range as the error.
    pub(crate) fn parse(ranges: &[String]) -> Result<Self, String> {
        ranges
            .iter()
            .map(|text| AddressRange::parse(text).ok_or_else(|| text.clone()))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    pub(crate) fn peer(&self, request: &Request) -> Peer {
        let connected = request
            .extensions()
            .get::<ConnectInfo<SocketAddr>>()
            .map(|info| info.0.ip().to_canonical());
        self.look(connected, request.headers())
    }

    fn look(&self, connected: Option<IpAddr>, headers: &HeaderMap) -> Peer {
        if !connected.is_some_and(|address| self.trusts(address)) {
            return Peer {
                address: connected,
                is_https: false,
            };
        }
        let forwarded: Vec<&str> = headers
            .get_all(FORWARDED_FOR)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .collect();
        // From the end, where our own proxies write: what is before the first stranger, the stranger may have made up.
        let mut address = connected;
        for text in forwarded.into_iter().rev() {
            let Ok(hop) = text.parse::<IpAddr>() else {
                break;
            };
            address = Some(hop.to_canonical());
            if !self.trusts(hop.to_canonical()) {
                break;
            }
        }
        let is_https = headers
            .get(FORWARDED_PROTO)
            .is_some_and(|proto| proto.as_bytes().eq_ignore_ascii_case(b"https"));
        Peer { address, is_https }
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|range| range.contains(address))
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::{FORWARDED_FOR, FORWARDED_PROTO, Proxies};

    #[test]
    fn only_trusted_proxies_are_believed() {
        let proxies = Proxies::parse(&["127.0.0.0/8".to_owned(), "10.0.0.0/8".to_owned()]).expect("ranges");
        let rows = [
            ("192.0.2.1", "", "192.0.2.1", false),
            // A stranger who claims to be somebody else.
            ("192.0.2.1", "198.51.100.1", "192.0.2.1", false),
            ("127.0.0.1", "", "127.0.0.1", true),
            ("127.0.0.1", "198.51.100.1", "198.51.100.1", true),
            // What the client made up stands before what the proxy added.
            ("127.0.0.1", "203.0.113.9, 198.51.100.1", "198.51.100.1", true),
            (
                "127.0.0.1",
                "203.0.113.9, 198.51.100.1, 10.0.0.3",
                "198.51.100.1",
                true,
            ),
            ("127.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.2", true),
            ("127.0.0.1", "nonsense", "127.0.0.1", true),
            ("127.0.0.1", "nonsense, 10.0.0.3", "10.0.0.3", true),
            ("::ffff:127.0.0.1", "198.51.100.1", "198.51.100.1", true),
        ];
        for (connected, forwarded, want, is_https) in rows {
            let mut headers = HeaderMap::new();
            if !forwarded.is_empty() {
                headers.insert(FORWARDED_FOR, HeaderValue::from_static(forwarded));
            }
            headers.insert(FORWARDED_PROTO, HeaderValue::from_static("https"));
            let connected: std::net::IpAddr = connected.parse().expect("an address");
            let peer = proxies.look(Some(connected.to_canonical()), &headers);
            assert_eq!(
                peer.address.map(|address| address.to_string()).as_deref(),
                Some(want),
                "{connected} {forwarded}"
            );
            assert_eq!(peer.is_https, is_https, "{connected} {forwarded}");
        }
        assert_eq!(
            Proxies::parse(&["10.0.0.0/33".to_owned()]).err().as_deref(),
            Some("10.0.0.0/33")
        );
    }
}
