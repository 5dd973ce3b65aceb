//! Names of which a manifest has only the beginning (`generateName`), made as the API server makes them.

use crate::Error;

/// As Kubernetes has them (`k8s.io/apimachinery/pkg/util/rand`): no vowels and nothing that looks like one, so that no
/// words come out.
const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
const DRAWN: usize = 5;
/// Of the beginning no more is taken (`k8s.io/apiserver/pkg/storage/names`).
const MAX_PREFIX: usize = 58;

/// A name that begins so and that nothing else has, but for a chance of one in fourteen million.
pub(super) fn drawn(prefix: &str) -> Result<String, Error> {
    let mut name: String = prefix.chars().take(MAX_PREFIX).collect();
    while name.len() < prefix.len().min(MAX_PREFIX) + DRAWN {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes).map_err(|_| Error::NoRandomness)?;
        // Of a byte's 256 values the last 13 would make some letters likelier than others.
        let even = bytes
            .iter()
            .filter(|byte| usize::from(**byte) < LETTERS.len() * 9);
        let letters = even.filter_map(|byte| LETTERS.get(usize::from(*byte) % LETTERS.len()));
        let room = prefix.len().min(MAX_PREFIX) + DRAWN - name.len();
        name.extend(letters.take(room).map(|letter| char::from(*letter)));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::{LETTERS, drawn};

    #[test]
    fn names_begin_as_wanted_and_are_new_each_time() {
        let names: Vec<String> = (0..50).map(|_| drawn("seed-job-").unwrap()).collect();
        for name in &names {
            let rest = name.strip_prefix("seed-job-").unwrap();
            assert!(
                rest.len() == 5 && rest.bytes().all(|byte| LETTERS.contains(&byte)),
                "{name}"
            );
        }
        let mut different = names.clone();
        different.sort();
        different.dedup();
        assert!(different.len() > 45, "{names:?}");
        assert_eq!(drawn(&"a".repeat(100)).unwrap().len(), 63);
        assert_eq!(drawn("").unwrap().len(), 5);
    }
}
