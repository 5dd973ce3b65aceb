//! Ranges of addresses, as operators write them.

use std::net::IpAddr;

/// A range of addresses, written as `10.20.0.0/16`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressRange {
    network: u128,
    prefix: u32,
    is_v4: bool,
}

impl AddressRange {
    /// Reads a range; a prefix that is longer than its addresses is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.trim().split_once('/') {
            Some((address, prefix)) => (address.parse().ok()?, Some(prefix.parse::<u32>().ok()?)),
            None => (text.trim().parse().ok()?, None),
        };
        let (bits, width, is_v4) = bits_of(address);
        let prefix = prefix.unwrap_or(width);
        (prefix <= width).then(|| Self {
            network: mask(bits, width, prefix),
            prefix,
            is_v4,
        })
    }

    /// Whether an address lies in the range; those of the other family never do.
    pub fn contains(&self, address: IpAddr) -> bool {
        let (bits, width, is_v4) = bits_of(address);
        is_v4 == self.is_v4 && mask(bits, width, self.prefix) == self.network
    }
}

fn bits_of(address: IpAddr) -> (u128, u32, bool) {
    match address {
        IpAddr::V4(v4) => (u128::from(u32::from(v4)), 32, true),
        IpAddr::V6(v6) => (u128::from(v6), 128, false),
    }
}

fn mask(bits: u128, width: u32, prefix: u32) -> u128 {
    let host_bits = width - prefix;
    if host_bits >= 128 {
        0
    } else {
        bits >> host_bits << host_bits
    }
}
