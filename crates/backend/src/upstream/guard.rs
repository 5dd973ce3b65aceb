//! Which addresses may be connected to.
//!
//! An index names arbitrary URLs, and a redirect can, too: without this, a stranger's file would make us fetch from
//! the cloud's metadata service or from whatever else only we can reach.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::AddressRange;

/// Why an address is not connected to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) host: String,
    pub(crate) address: IpAddr,
    pub(crate) kind: AddressKind,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, address, kind } = self;
        match kind {
            AddressKind::Private => write!(
                f,
                "{host} has the private address {address}, which is closed unless the repository's \
                 `allow_private_network` or `upstream.allow_private_networks` opens it"
            ),
            AddressKind::Closed | AddressKind::Public => write!(
                f,
                "{host} has the address {address}, which is closed unless `upstream.allowed_cidrs` opens it"
            ),
        }
    }
}

impl std::error::Error for Refusal {}

/// What an address is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AddressKind {
    Public,
    /// Of this machine or a private network.
    Private,
    /// Link-local, metadata services, multicast, reserved.
    Closed,
}

/// The operator's word on addresses.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guard {
    allow_private: bool,
    allowed: Vec<AddressRange>,
}

impl Guard {
    /// Answers the first range that is not one as the error.
    pub(crate) fn new(allow_private: bool, allowed_cidrs: &[String]) -> Result<Self, String> {
        let allowed = allowed_cidrs
            .iter()
            .map(|text| AddressRange::parse(text).ok_or_else(|| text.clone()))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            allow_private,
            allowed,
        })
    }

    /// Says no with the reason, or nothing. `private_ok` is the operator's word on this very host.
    pub(crate) fn check(&self, host: &str, address: IpAddr, private_ok: bool) -> Result<(), Refusal> {
        let address = unmapped(address);
        let kind = kind_of(address);
        let open = match kind {
            AddressKind::Public => true,
            AddressKind::Private => private_ok || self.allow_private,
            AddressKind::Closed => false,
        };
        if open || self.allowed.iter().any(|range| range.contains(address)) {
            return Ok(());
        }
        Err(Refusal {
            host: host.to_owned(),
            address,
            kind,
        })
    }
}

/// The IPv4 address that an IPv6 address stands for where it stands for one: `::ffff:10.0.0.1`, NAT64, 6to4.
fn unmapped(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    if let Some(v4) = v6.to_ipv4_mapped() {
        return IpAddr::V4(v4);
    }
    let s = v6.segments();
    let v4 = |high: u16, low: u16| IpAddr::V4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    match s {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => v4(high, low),
        // The deprecated `::a.b.c.d`; `::` and `::1` are themselves.
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => v4(high, low),
        _ => address,
    }
}

fn kind_of(address: IpAddr) -> AddressKind {
    match address {
        IpAddr::V4(v4) => kind_of_v4(v4),
        IpAddr::V6(v6) => kind_of_v6(v6),
    }
}

fn kind_of_v4(address: Ipv4Addr) -> AddressKind {
    match address.octets() {
        // Alibaba's metadata service, in the middle of a range that is otherwise private.
        [100, 100, 100, 200] => AddressKind::Closed,
        [10 | 127, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => AddressKind::Private,
        // This host; link-local with the metadata services; protocol assignments; documentation; benchmarks;
        // multicast and reserved.
        [0, ..]
        | [169, 254, ..]
        | [192, 0, 0 | 2, _]
        | [198, 18..=19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _]
        | [224..=255, ..] => AddressKind::Closed,
        _ => AddressKind::Public,
    }
}

fn kind_of_v6(address: Ipv6Addr) -> AddressKind {
    if address == Ipv6Addr::LOCALHOST {
        return AddressKind::Private;
    }
    match address.segments() {
        // Amazon's metadata service, in the middle of a range that is otherwise private.
        [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254] => AddressKind::Closed,
        [0xfc00..=0xfdff, ..] => AddressKind::Private,
        // Only 2000::/3 is given out; documentation lies within.
        [0x2001, 0xdb8, ..] => AddressKind::Closed,
        [0x2000..=0x3fff, ..] => AddressKind::Public,
        _ => AddressKind::Closed,
    }
}

#[cfg(test)]
mod tests {
    use super::{AddressKind, Guard, kind_of, unmapped};

    #[test]
    fn addresses_are_told_apart() {
        use AddressKind::{Closed, Private, Public};
        let rows = [
            ("93.184.216.34", Public),
            ("2606:4700::1", Public),
            ("10.1.2.3", Private),
            ("127.0.0.1", Private),
            ("172.31.255.255", Private),
            ("172.32.0.1", Public),
            ("192.168.0.1", Private),
            ("100.64.0.1", Private),
            ("100.100.100.200", Closed),
            ("::1", Private),
            ("fd12::1", Private),
            ("fd00:ec2::254", Closed),
            ("169.254.169.254", Closed),
            ("0.0.0.0", Closed),
            ("255.255.255.255", Closed),
            ("224.0.0.1", Closed),
            ("fe80::1", Closed),
            ("::", Closed),
            ("::ffff:10.0.0.1", Private),
            ("::ffff:169.254.169.254", Closed),
            ("64:ff9b::a9fe:a9fe", Closed),
            ("2002:7f00:1::", Private),
        ];
        for (text, want) in rows {
            let address = text.parse().expect("an address");
            assert_eq!(kind_of(unmapped(address)), want, "{text}");
        }
    }

    #[test]
    fn the_operator_decides() {
        let check =
            |guard: &Guard, text: &str, ok| guard.check("h", text.parse().expect("an address"), ok).is_ok();
        let closed = Guard::default();
        assert!(!check(&closed, "10.0.0.1", false));
        assert!(check(&closed, "10.0.0.1", true));
        assert!(!check(&closed, "169.254.169.254", true));
        let open = Guard::new(true, &[]).expect("valid");
        assert!(check(&open, "10.0.0.1", false));
        assert!(!check(&open, "169.254.169.254", false));
        let ranges = [
            "169.254.0.0/16".to_owned(),
            "fe80::/10".to_owned(),
            "10.0.0.7".to_owned(),
        ];
        let some = Guard::new(false, &ranges).expect("valid");
        assert!(check(&some, "169.254.1.1", false));
        assert!(check(&some, "fe80::1", false));
        assert!(check(&some, "10.0.0.7", false));
        assert!(!check(&some, "10.0.0.8", false));
        for bad in ["10.0.0.0/33", "x", "10.0.0/8", "fe80::/129"] {
            assert_eq!(
                Guard::new(false, &[bad.to_owned()]).expect_err("not a range"),
                bad
            );
        }
        assert!(check(
            &Guard::new(false, &["0.0.0.0/0".to_owned()]).expect("valid"),
            "127.0.0.1",
            false
        ));
    }
}
