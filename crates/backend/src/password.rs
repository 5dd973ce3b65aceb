//! Passwords: Argon2id, a few at a time, and as much work for a name that does not exist as for one that does.

use std::sync::{Arc, OnceLock};

use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher as _, PasswordVerifier as _, Version};
use tokio::sync::Semaphore;

use crate::secret::SecretString;
use crate::{Error, Result, drawn};

/// What OWASP's cheat sheet on storing passwords asks of Argon2id at least: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT_BYTES: usize = 16;

/// Each takes its memory and a core for some tens of milliseconds: a flood of them waits in line.
const AT_A_TIME: usize = 2;

/// NIST SP 800-63B asks for a length and for no kinds of characters.
const MIN_CHARS: usize = 12;
const MAX_BYTES: usize = 1024;

/// Hashes and checks passwords. Cloning it is cheap.
#[derive(Clone)]
pub(crate) struct Passwords {
    turns: Arc<Semaphore>,
    /// Checked where there is no user: it takes as long, and nothing matches it.
    decoy: Arc<OnceLock<String>>,
}

impl Passwords {
    pub(crate) fn new() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_A_TIME)),
            decoy: Arc::default(),
        }
    }

    /// The hash to keep, with its parameters and salt.
    pub(crate) async fn hash(&self, password: &SecretString) -> Result<String> {
        let password = password.clone();
        self.in_turn(move || hash(&password)).await
    }

    /// Whether the password is the one of `kept`. Without a hash it never is, which takes as long to say.
    pub(crate) async fn verify(&self, password: &SecretString, kept: Option<&str>) -> Result<bool> {
        let password = password.clone();
        let kept = kept.map(str::to_owned);
        let decoy = Arc::clone(&self.decoy);
        self.in_turn(move || {
            let is_known = kept.is_some();
            let kept = match kept {
                Some(kept) => kept,
                None => match decoy.get() {
                    Some(decoy) => decoy.clone(),
                    None => {
                        let made = hash(&SecretString::new(drawn::secret()?.expose()))?;
                        decoy.get_or_init(|| made).clone()
                    }
                },
            };
            let parsed = PasswordHash::new(&kept).map_err(|error| Error::internal(error.to_string()))?;
            let is_same = hasher()?
                .verify_password(password.expose().as_bytes(), &parsed)
                .is_ok();
            Ok(is_known && is_same)
        })
        .await
    }

    /// Makes the decoy, so that the first attempt takes no longer than the second.
    pub(crate) async fn prepare(&self) -> Result<()> {
        self.verify(&SecretString::default(), None).await.map(drop)
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let _turn = self.turns.acquire().await.map_err(Error::internal)?;
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
    }
}

fn hasher() -> Result<Argon2<'static>> {
    let params =
        Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| Error::internal(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &SecretString) -> Result<String> {
    let salt = drawn::bytes::<SALT_BYTES>()?;
    let hash = hasher()?
        .hash_password_with_salt(password.expose().as_bytes(), &salt)
        .map_err(|error| Error::internal(error.to_string()))?;
    Ok(hash.to_string())
}

/// Refuses a password that is easily guessed, without repeating it.
pub(crate) fn check_new(password: &SecretString, user_name: &str) -> Result<()> {
    let text = password.expose();
    let invalid = |message: &str| {
        Err(Error::Invalid {
            field: "password",
            message: message.to_owned(),
        })
    };
    if text.chars().count() < MIN_CHARS {
        return invalid("has at least 12 characters");
    }
    if text.len() > MAX_BYTES {
        return invalid("has at most 1024 bytes");
    }
    let first = text.chars().next();
    if text.to_lowercase().contains(user_name) && text.chars().count() < user_name.len() + MIN_CHARS / 2
        || text.chars().all(|c| Some(c) == first)
    {
        return invalid("is easily guessed: it repeats one character, or is little more than the name");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check_new;
    use crate::secret::SecretString;

    #[test]
    fn what_is_easily_guessed_is_refused_without_being_repeated() {
        let rows = [
            ("correct horse", true),
            ("twelve chars", true),
            ("eleven char", false),
            ("aaaaaaaaaaaaaaaa", false),
            ("alice-alice1", true),
            ("administrator", true),
            ("ALEXANDRIA-12", false),
            ("long and with alexandria in it", true),
        ];
        for (password, is_good) in rows {
            let answer = check_new(&SecretString::new(password), "alexandria");
            assert_eq!(answer.is_ok(), is_good, "{password}");
            if let Err(error) = answer {
                assert!(!error.to_string().contains(password), "{error}");
            }
        }
        let long = "long ".repeat(300);
        assert!(check_new(&SecretString::new(long), "alexandria").is_err());
    }
}
