//! The outside world of a render: the machine's clock, zone, randomness and, if asked for, names.

use std::net::ToSocketAddrs as _;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use engine::datetime::{Time, Zone};
use engine::{FnError, Host};

/// What helm's templates meet on this machine, with no cluster.
#[derive(Debug)]
pub struct World {
    started: Instant,
    resolves_names: bool,
    /// Minutes east of UTC and abbreviation, now.
    zone: (i32, String),
}

/// Where the systems that Go knows keep their zones.
const ZONE_FOLDERS: [&str; 3] = [
    "/usr/share/zoneinfo",
    "/usr/share/lib/zoneinfo",
    "/usr/lib/locale/TZ",
];

impl World {
    /// `zone_name` is what `TZ` says; without it the system's zone counts.
    pub fn new(resolves_names: bool, zone_name: Option<String>) -> Self {
        let zone = local_zone(zone_name.as_deref()).unwrap_or((0, "UTC".to_owned()));
        Self {
            started: Instant::now(),
            resolves_names,
            zone,
        }
    }
}

impl Host for World {
    fn unix_nanos(&self) -> i128 {
        unix_nanos()
    }

    fn elapsed(&self) -> Option<std::time::Duration> {
        Some(self.started.elapsed())
    }

    fn local_zone(&self) -> (i32, &str) {
        (self.zone.0, &self.zone.1)
    }

    fn time_zone(&self, name: &str) -> Option<Vec<u8>> {
        read_zone(name)
    }

    fn fill_random(&self, buffer: &mut [u8]) -> Result<(), FnError> {
        getrandom::fill(buffer).map_err(|error| FnError::new(error.to_string()))
    }

    fn get_host_by_name(&self, name: &str) -> String {
        if !self.resolves_names {
            return String::new();
        }
        let found = (name, 0)
            .to_socket_addrs()
            .ok()
            .and_then(|mut found| found.next());
        found.map_or_else(String::new, |address| address.ip().to_string())
    }

    fn generate_rsa(&self, bits: usize) -> Option<String> {
        engine::crypto::native::generate_rsa(bits)
    }
}

fn unix_nanos() -> i128 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i128::try_from(elapsed.as_nanos()).unwrap_or(i128::MAX)
}

/// A zone of the machine's database; no name leads out of it.
fn read_zone(name: &str) -> Option<Vec<u8>> {
    let is_plain = |part: &str| !part.is_empty() && !part.starts_with('.');
    if !name.split('/').all(is_plain) || name.contains('\\') {
        return None;
    }
    ZONE_FOLDERS
        .iter()
        .find_map(|folder| std::fs::read(Path::new(folder).join(name)).ok())
}

/// What clocks show here: `TZ` says which zone that is, else the system's setting.
fn local_zone(variable: Option<&str>) -> Option<(i32, String)> {
    let data = match variable {
        None => std::fs::read("/etc/localtime").ok()?,
        Some(name) => {
            let name = name.strip_prefix(':').unwrap_or(name);
            match name {
                "" | "UTC" => return None,
                path if path.starts_with('/') => std::fs::read(PathBuf::from(path)).ok()?,
                name => read_zone(name)?,
            }
        }
    };
    let now = Time::from_unix_nanos(unix_nanos(), Zone::from_tzif("Local", &data)?);
    let text = String::from_utf8(now.format(b"-0700 MST")).ok()?;
    let (offset, abbreviation) = text.split_once(' ')?;
    let number: i32 = offset.parse().ok()?;
    Some((number / 100 * 60 + number % 100, abbreviation.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_read_from_the_database_and_nowhere_else() {
        assert_eq!(read_zone("../../../etc/passwd"), None);
        assert_eq!(read_zone("/etc/passwd"), None);
        assert_eq!(local_zone(Some("")), None);
        assert_eq!(local_zone(Some("Nowhere/Land")), None);
    }

    #[test]
    fn randomness_differs_and_the_clock_runs() {
        let world = World::new(false, None);
        let (mut one, mut two) = ([0; 16], [0; 16]);
        world.fill_random(&mut one).unwrap();
        world.fill_random(&mut two).unwrap();
        assert_ne!(one, two);
        assert!(world.unix_nanos() > 1_600_000_000_000_000_000);
        assert_eq!(world.get_host_by_name("localhost"), "");
    }
}
