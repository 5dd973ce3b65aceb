//! Random strings, numbers and orders, from an [`Entropy`].
//!
//! Go draws from the operating system here; only the distribution is reproduced, since nobody can expect the bytes.

/// A source of random bytes.
pub trait Entropy {
    /// Fills `buffer`.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), NoEntropy>;
}

/// There is no source of randomness, or it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no source of randomness")]
pub struct NoEntropy;

/// A number in `0..bound`, each equally likely; 0 for the empty range.
pub fn below(entropy: &mut dyn Entropy, bound: u64) -> Result<u64, NoEntropy> {
    if bound < 2 {
        return Ok(0);
    }
    // Numbers past the last whole multiple of `bound` would favour small results.
    let excess = (u64::MAX % bound + 1) % bound;
    loop {
        let mut bytes = [0; 8];
        entropy.fill(&mut bytes)?;
        let number = u64::from_le_bytes(bytes);
        if number <= u64::MAX - excess {
            return Ok(number % bound);
        }
    }
}

/// `length` characters of `alphabet` (at most 256 of them), each equally likely.
pub fn random_string(
    entropy: &mut dyn Entropy,
    alphabet: &[u8],
    length: usize,
) -> Result<Vec<u8>, NoEntropy> {
    if alphabet.is_empty() {
        return Ok(Vec::new());
    }
    // One byte a character; bytes past the last whole multiple of the alphabet's size are thrown away.
    let usable = 256 - 256 % alphabet.len();
    let mut text = Vec::with_capacity(length);
    let mut pool = [0_u8; 64];
    while text.len() < length {
        entropy.fill(&mut pool)?;
        let characters = pool
            .iter()
            .map(|byte| usize::from(*byte))
            .filter(|byte| *byte < usable);
        let characters = characters.filter_map(|byte| alphabet.get(byte % alphabet.len()).copied());
        text.extend(characters.take(length - text.len()));
    }
    Ok(text)
}

/// A random (version 4) UUID.
pub fn uuid_v4(entropy: &mut dyn Entropy) -> Result<String, NoEntropy> {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes)?;
    let number = u128::from_be_bytes(bytes);
    let version = number & !(0xf << 76) | 4 << 76;
    let variant = version & !(0b11 << 62) | 0b10 << 62;
    let digits = format!("{variant:032x}");
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    Ok([part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-"))
}

/// Brings `items` into a random order.
pub fn shuffle<T>(entropy: &mut dyn Entropy, items: &mut [T]) -> Result<(), NoEntropy> {
    for last in (1..items.len()).rev() {
        let other = usize::try_from(below(entropy, last as u64 + 1)?).unwrap_or(last);
        items.swap(last, other);
    }
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    /// A counter hashed: enough to generate keys in tests, the same each time.
    pub(in crate::crypto) struct Seeded(pub(in crate::crypto) u64);

    impl Entropy for Seeded {
        fn fill(&mut self, buffer: &mut [u8]) -> Result<(), NoEntropy> {
            for block in buffer.chunks_mut(32) {
                let hash = Sha256::digest(self.0.to_le_bytes());
                block.copy_from_slice(&hash[..block.len()]);
                self.0 += 1;
            }
            Ok(())
        }
    }

    #[test]
    fn numbers_stay_below_and_reach_every_value() {
        let mut entropy = Seeded(1);
        let mut seen = [0; 7];
        for _ in 0..700 {
            seen[below(&mut entropy, 7).unwrap() as usize] += 1;
        }
        assert!(seen.iter().all(|count| *count > 50), "{seen:?}");
        assert_eq!(below(&mut entropy, 0), Ok(0));
        assert!(below(&mut entropy, u64::MAX).unwrap() < u64::MAX);
    }

    #[test]
    fn strings_have_the_length_and_the_alphabet_asked_for() {
        let text = random_string(&mut Seeded(1), b"abc", 1000).unwrap();
        assert_eq!(text.len(), 1000);
        assert!(
            b"abc"
                .iter()
                .all(|letter| text.iter().filter(|found| *found == letter).count() > 250)
        );
        assert_eq!(random_string(&mut Seeded(1), b"abc", 0).unwrap(), b"");
    }

    #[test]
    fn uuids_carry_version_and_variant() {
        let uuid = uuid_v4(&mut Seeded(1)).unwrap();
        assert_eq!(uuid.len(), 36);
        assert_eq!(&uuid[14..15], "4");
        assert!(matches!(&uuid[19..20], "8" | "9" | "a" | "b"));
        assert_eq!(uuid, uuid_v4(&mut Seeded(1)).unwrap());
    }

    #[test]
    fn shuffling_keeps_the_elements() {
        let mut items: Vec<u32> = (0..100).collect();
        shuffle(&mut Seeded(1), &mut items).unwrap();
        assert_ne!(items, (0..100).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
    }
}
