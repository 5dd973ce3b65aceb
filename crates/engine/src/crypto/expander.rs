//! The generator that keys are made from: a seed, stretched.

use std::convert::Infallible;

use rsa::rand_core::{TryCryptoRng, TryRng};
use sha2::{Digest, Sha256};

use super::random::{Entropy, NoEntropy};

/// A seed from an [`Entropy`], stretched by SHA-256 in counter mode into the endless generator that key generation
/// wants. Only taking the seed can fail, so the key generators of other crates never meet an error they would
/// panic on.
pub(super) struct Expander {
    seed: [u8; 32],
    counter: u64,
}

impl Expander {
    pub(super) fn new(entropy: &mut dyn Entropy) -> Result<Self, NoEntropy> {
        let mut seed = [0; 32];
        entropy.fill(&mut seed)?;
        Ok(Self { seed, counter: 0 })
    }

    pub(super) fn fill(&mut self, buffer: &mut [u8]) {
        for block in buffer.chunks_mut(32) {
            let hash = Sha256::new()
                .chain_update(self.seed)
                .chain_update(self.counter.to_le_bytes())
                .finalize();
            block.iter_mut().zip(hash).for_each(|(slot, byte)| *slot = byte);
            self.counter += 1;
        }
    }
}

impl TryRng for Expander {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, buffer: &mut [u8]) -> Result<(), Infallible> {
        self.fill(buffer);
        Ok(())
    }
}

impl TryCryptoRng for Expander {}
