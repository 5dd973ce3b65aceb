//! How often signing in may be tried: so often at once, and then once in a while, by user and by address.
//!
//! Counted in memory: a restart forgives, and of several processes each counts for itself. What slows a guesser is the
//! rate, which stays the same order of magnitude either way.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use crate::secret::SecretString;
use crate::{Error, Result, drawn};

/// Ten at once, then one a minute: 1,450 guesses a day at a user's password.
const BY_NAME: Limit = Limit {
    burst: 10,
    every_ms: 60_000,
};
/// Thirty at once, then three a minute: many people can share an address.
const BY_ADDRESS: Limit = Limit {
    burst: 30,
    every_ms: 20_000,
};
/// Past so many names or addresses the ones that are farthest from being stopped are forgotten.
const MAX_KEYS: usize = 20_000;

struct Limit {
    burst: i64,
    every_ms: i64,
}

/// Names are what people type, sometimes a password: only their hashes are kept.
type Key = [u8; 32];

#[derive(Default)]
pub(crate) struct Attempts {
    names: Buckets,
    addresses: Buckets,
}

/// For every key the moment at which all its attempts will be forgiven.
#[derive(Default)]
struct Buckets(Mutex<HashMap<Key, i64>>);

/// An attempt that was allowed.
pub(crate) struct Attempt {
    name: Key,
    address: Option<Key>,
}

impl Attempts {
    /// Counts an attempt, before anything else is done about it: of many at once none slips through.
    pub(crate) fn begin(&self, name: &str, address: Option<IpAddr>, now_ms: i64) -> Result<Attempt> {
        let attempt = Attempt {
            name: drawn::hash(&SecretString::new(name)),
            address: address.map(|address| drawn::hash(&SecretString::new(network(address).to_string()))),
        };
        let too_many = |what: &str, wait_ms: i64| Error::TooManyAttempts {
            reason: format!("too many failed attempts to sign in {what}"),
            retry_after_secs: wait_ms.unsigned_abs().div_ceil(1000),
        };
        if let Some(address) = &attempt.address {
            let taken = self.addresses.take(address, &BY_ADDRESS, now_ms);
            taken.map_err(|wait_ms| too_many("from this address", wait_ms))?;
        }
        let taken = self.names.take(&attempt.name, &BY_NAME, now_ms);
        taken.map_err(|wait_ms| too_many("as this user", wait_ms))?;
        Ok(attempt)
    }

    /// Forgives an attempt that proved to be the user's own.
    pub(crate) fn succeed(&self, attempt: &Attempt) {
        self.names.forget(&attempt.name);
        if let Some(address) = &attempt.address {
            self.addresses.give_back(address, &BY_ADDRESS);
        }
    }
}

impl Buckets {
    fn take(&self, key: &Key, limit: &Limit, now_ms: i64) -> Result<(), i64> {
        let mut forgiven_at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = forgiven_at.get(key).copied().unwrap_or(now_ms).max(now_ms);
        let wait_ms = at - now_ms - (limit.burst - 1) * limit.every_ms;
        if wait_ms > 0 {
            return Err(wait_ms);
        }
        if forgiven_at.len() >= MAX_KEYS && !forgiven_at.contains_key(key) {
            make_room(&mut forgiven_at, now_ms);
        }
        forgiven_at.insert(*key, at + limit.every_ms);
        Ok(())
    }

    fn give_back(&self, key: &Key, limit: &Limit) {
        let mut forgiven_at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = forgiven_at.get_mut(key) {
            *at -= limit.every_ms;
        }
    }

    fn forget(&self, key: &Key) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

/// Forgets what is forgiven; where that is not enough, the half that would be forgiven first.
fn make_room(forgiven_at: &mut HashMap<Key, i64>, now_ms: i64) {
    forgiven_at.retain(|_, at| *at > now_ms);
    if forgiven_at.len() < MAX_KEYS {
        return;
    }
    let mut moments: Vec<i64> = forgiven_at.values().copied().collect();
    let middle = moments.len() / 2;
    let (_, median, _) = moments.select_nth_unstable(middle);
    let median = *median;
    forgiven_at.retain(|_, at| *at > median);
}

/// A household has a whole /64 of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from(u128::from(v6) >> 64 << 64)),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::{Attempts, MAX_KEYS};
    use crate::Error;

    fn wait(attempts: &Attempts, name: &str, address: &str, now_secs: i64) -> Option<(String, u64)> {
        let address = (!address.is_empty()).then(|| address.parse().expect("an address"));
        match attempts.begin(name, address, now_secs * 1000) {
            Ok(_) => None,
            Err(Error::TooManyAttempts {
                reason,
                retry_after_secs,
            }) => Some((reason, retry_after_secs)),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn a_user_can_be_guessed_at_ten_times_and_then_once_a_minute() {
        let attempts = Attempts::default();
        for _ in 0..10 {
            assert_eq!(wait(&attempts, "alice", "", 0), None);
        }
        let (reason, secs) = wait(&attempts, "alice", "", 0).expect("the eleventh waits");
        assert_eq!(
            (reason.as_str(), secs),
            ("too many failed attempts to sign in as this user", 60)
        );
        assert_eq!(wait(&attempts, "bob", "", 0), None, "others are not concerned");
        assert_eq!(wait(&attempts, "alice", "", 60), None);
        assert!(wait(&attempts, "alice", "", 61).is_some());
        assert_eq!(wait(&attempts, "alice", "", 10_000), None);
    }

    #[test]
    fn an_address_can_try_thirty_names_and_then_three_a_minute() {
        let attempts = Attempts::default();
        for name in 0..30 {
            assert_eq!(wait(&attempts, &name.to_string(), "2001:db8::1", 0), None);
        }
        // Another address of the same network.
        let (reason, secs) = wait(&attempts, "x", "2001:db8::2", 0).expect("it waits");
        assert_eq!(
            (reason.as_str(), secs),
            ("too many failed attempts to sign in from this address", 20)
        );
        assert_eq!(wait(&attempts, "x", "2001:db8:0:1::1", 0), None);
        assert_eq!(wait(&attempts, "x", "192.0.2.1", 0), None);
        assert_eq!(wait(&attempts, "x", "2001:db8::2", 20), None);
    }

    #[test]
    fn success_forgives() {
        let attempts = Attempts::default();
        let address = Some("192.0.2.1".parse().expect("an address"));
        for _ in 0..100 {
            let attempt = attempts.begin("alice", address, 0).expect("never too many");
            attempts.succeed(&attempt);
        }
    }

    #[test]
    fn memory_is_bounded_and_whoever_is_stopped_stays_so() {
        let attempts = Attempts::default();
        for _ in 0..10 {
            assert_eq!(wait(&attempts, "alice", "", 0), None);
        }
        for name in 0..MAX_KEYS + 10 {
            assert_eq!(wait(&attempts, &name.to_string(), "", 0), None);
        }
        let n_kept = attempts.names.0.lock().expect("nothing panicked").len();
        assert!(n_kept <= MAX_KEYS, "{n_kept}");
        assert!(wait(&attempts, "alice", "", 0).is_some());
    }
}
