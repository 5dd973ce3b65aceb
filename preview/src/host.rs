//! What a render sees of the world: a standing clock, a seeded generator, and the few things only the page can know.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::time::Duration;

use engine::{FnError, Host, MissingPart};

/// What the module asks of whoever loaded it.
pub trait Surroundings {
    /// Time since some fixed moment, for time limits.
    fn elapsed(&self) -> Option<Duration> {
        None
    }

    /// The TZif data of a zone, if there is such a zone and its data are at hand.
    fn time_zone(&self, name: &str) -> Option<Vec<u8>> {
        let _ = name;
        None
    }

    /// An RSA private key of `bits` bits as PEM (PKCS#1 or PKCS#8), made by something faster than this module.
    fn rsa_key(&self, bits: usize) -> Option<String> {
        let _ = bits;
        None
    }

    /// The answer of the second module, once it is loaded, to what this one was built without.
    fn extras(&self, part: MissingPart, request: &[u8]) -> Option<Vec<u8>> {
        let _ = (part, request);
        None
    }
}

/// The surroundings and what is kept between renders and charts.
pub struct Session {
    surroundings: Box<dyn Surroundings>,
    keys: RefCell<HashMap<KeyName, String>>,
}

/// A key's function, the name given to it, and the how-manieth of these it is in its render: two keys of one render
/// are never the same, and the next render has the same two.
type KeyName = (String, String, usize);

impl Session {
    /// Starts without keys.
    #[must_use]
    pub fn new(surroundings: impl Surroundings + 'static) -> Self {
        Self {
            surroundings: Box::new(surroundings),
            keys: RefCell::default(),
        }
    }
}

/// The host of one render.
pub(crate) struct PreviewHost<'s> {
    session: &'s Session,
    unix_nanos: i128,
    state: Cell<u64>,
    /// How many keys each function has asked for under each name.
    asked: RefCell<HashMap<(String, String), usize>>,
    /// Whether something was asked of a second module that is not there.
    lacks_extras: Cell<bool>,
}

/// What the engine draws to generate a key.
const KEY_SEED_BYTES: usize = 32;

impl<'s> PreviewHost<'s> {
    pub(crate) fn new(session: &'s Session, unix_millis: i64, seed: u64) -> Self {
        Self {
            session,
            unix_nanos: i128::from(unix_millis) * 1_000_000,
            state: Cell::new(seed),
            asked: RefCell::default(),
            lacks_extras: Cell::new(false),
        }
    }

    /// Whether the render is void because the second module is not loaded.
    pub(crate) fn lacks_extras(&self) -> bool {
        self.lacks_extras.get()
    }

    /// Moves the generator on as if the key had been drawn from it, so that what is drawn after a kept key is what was
    /// drawn after the fresh one.
    fn skip_key_seed(&self) {
        let mut seed = [0; KEY_SEED_BYTES];
        let _ = self.fill_random(&mut seed);
    }
}

impl Host for PreviewHost<'_> {
    fn unix_nanos(&self) -> i128 {
        self.unix_nanos
    }

    fn elapsed(&self) -> Option<Duration> {
        self.session.surroundings.elapsed()
    }

    fn time_zone(&self, name: &str) -> Option<Vec<u8>> {
        self.session.surroundings.time_zone(name)
    }

    /// SplitMix64: what is shown in a preview is never used for anything.
    fn fill_random(&self, buffer: &mut [u8]) -> Result<(), FnError> {
        for chunk in buffer.chunks_mut(8) {
            self.state
                .set(self.state.get().wrapping_add(0x9E37_79B9_7F4A_7C15));
            let mut mixed = self.state.get();
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            mixed ^= mixed >> 31;
            for (target, source) in chunk.iter_mut().zip(mixed.to_le_bytes()) {
                *target = source;
            }
        }
        Ok(())
    }

    fn cached_key(&self, function: &str, name: &str) -> Option<String> {
        let mut asked = self.asked.borrow_mut();
        let asked = asked.entry((function.to_owned(), name.to_owned())).or_default();
        *asked += 1;
        let key = (function.to_owned(), name.to_owned(), *asked);
        let kept = self.session.keys.borrow().get(&key).cloned()?;
        self.skip_key_seed();
        Some(kept)
    }

    fn keep_key(&self, function: &str, name: &str, pem: &str) {
        let name = (function.to_owned(), name.to_owned());
        let asked = self.asked.borrow().get(&name).copied().unwrap_or(1);
        let key = (name.0, name.1, asked);
        self.session.keys.borrow_mut().insert(key, pem.to_owned());
    }

    fn generate_rsa(&self, bits: usize) -> Option<String> {
        let key = self.session.surroundings.rsa_key(bits)?;
        self.skip_key_seed();
        Some(key)
    }

    fn delegate(&self, part: MissingPart, request: &[u8]) -> Option<Vec<u8>> {
        let answer = self.session.surroundings.extras(part, request);
        if answer.is_none() {
            self.lacks_extras.set(true);
        }
        answer
    }
}
