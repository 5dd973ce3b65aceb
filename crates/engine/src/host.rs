//! The outside world, as templates may see it: everything impure goes through [`Host`].
//!
//! The defaults deny: no cluster, no names, no randomness of its own, a clock that stands at the epoch.

use std::time::Duration;

use crate::error::FnError;
use crate::value::Map;

/// What a render may ask its surroundings.
pub trait Host {
    /// Nanoseconds since the Unix epoch, for `now` and certificates.
    fn unix_nanos(&self) -> i128 {
        0
    }

    /// Time since some fixed moment, for [`crate::Limits::max_time`]; `None` if the host does not tell.
    fn elapsed(&self) -> Option<Duration> {
        None
    }

    /// Minutes east of UTC of the host's local zone and its abbreviation; Go's `time.Local`.
    fn local_zone(&self) -> (i32, &str) {
        (0, "UTC")
    }

    /// The TZif data of the zone database for a name such as `Europe/Berlin`; without it, the zone is taken for UTC.
    fn time_zone(&self, name: &str) -> Option<Vec<u8>> {
        let _ = name;
        None
    }

    /// Fills `buffer` from the host's generator, for `rand*`, `uuidv4`, keys and salts.
    fn fill_random(&self, buffer: &mut [u8]) -> Result<(), FnError> {
        let _ = buffer;
        Err(FnError::new("no source of randomness"))
    }

    /// `lookup`: a resource of the cluster, or the empty map.
    fn lookup(&self, api_version: &str, kind: &str, namespace: &str, name: &str) -> Result<Map, FnError> {
        let _ = (api_version, kind, namespace, name);
        Ok(Map::new())
    }

    /// `getHostByName`: an address of `name`, or the empty string.
    fn get_host_by_name(&self, name: &str) -> String {
        let _ = name;
        String::new()
    }

    /// A private key the host keeps for `(function, name)`, in PKCS#1 or PKCS#8 PEM, so that previews are stable
    /// and fast; `None` to generate one from [`Host::fill_random`].
    fn cached_key(&self, function: &str, name: &str) -> Option<String> {
        let _ = (function, name);
        None
    }

    /// Offers a freshly generated key for [`Host::cached_key`].
    fn keep_key(&self, function: &str, name: &str, pem: &str) {
        let _ = (function, name, pem);
    }

    /// Generates an RSA private key of `bits` bits as PKCS#1 PEM with a faster implementation than the engine's;
    /// `None` if the host has none.
    fn generate_rsa(&self, bits: usize) -> Option<String> {
        let _ = bits;
        None
    }

    /// Has somebody else do what this build was made without: [`crate::crypto::Work`] where the feature `crypto` is
    /// missing, checks of values where helm's `schema` is. Request and answer are bytes that whoever has the code
    /// understands; `None`, which fails the render, if nobody is there. A complete build never asks.
    fn delegate(&self, part: MissingPart, request: &[u8]) -> Option<Vec<u8>> {
        let _ = (part, request);
        None
    }
}

/// What a build can be made without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingPart {
    /// The engine's feature `crypto`.
    Cryptography,
    /// Helm's feature `schema`.
    SchemaValidation,
}

impl MissingPart {
    const ALL: [Self; 2] = [Self::Cryptography, Self::SchemaValidation];

    /// A number that stands for it between modules.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The part a number stands for.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.number() == number)
    }
}

/// The host that denies everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHost;

impl Host for NoHost {}
