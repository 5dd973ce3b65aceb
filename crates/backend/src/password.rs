//! Passwords: Argon2id, a few at a time, and as much work for a name that does not exist as for one that does.

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher as _, PasswordVerifier as _, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use tokio::sync::Semaphore;

use crate::secret::SecretString;
use crate::{Error, Result, drawn};

/// What OWASP's cheat sheet on storing passwords asks of Argon2id at least: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

/// Each takes its memory and a core for some tens of milliseconds: a flood of them waits in line.
const AT_A_TIME: usize = 2;

/// NIST SP 800-63B asks for a length and for no kinds of characters.
const MIN_CHARS: usize = 12;
const MAX_BYTES: usize = 1024;

/// Hashes and checks passwords. Cloning it is cheap.
#[derive(Clone)]
pub(crate) struct Passwords {
    turns: Arc<Semaphore>,
}

impl Passwords {
    pub(crate) fn new() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_A_TIME)),
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
        self.in_turn(move || {
            let is_known = kept.is_some();
            let kept = match kept {
                Some(kept) => kept,
                None => decoy()?,
            };
            let parsed = PasswordHash::new(&kept).map_err(|error| Error::internal(error.to_string()))?;
            let is_same = hasher()?
                .verify_password(password.expose().as_bytes(), &parsed)
                .is_ok();
            Ok(is_known && is_same)
        })
        .await
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

/// Checked where there is no user. It is drawn and no hash of anything, so nothing matches it, making it takes no time, and
/// checking it takes as long as checking a hash.
fn decoy() -> Result<String> {
    let salt = STANDARD_NO_PAD.encode(drawn::bytes::<SALT_BYTES>()?);
    let hash = STANDARD_NO_PAD.encode(drawn::bytes::<HASH_BYTES>()?);
    Ok(format!(
        "$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${hash}"
    ))
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
    use super::{Passwords, check_new, decoy, hash};
    use crate::secret::SecretString;

    #[tokio::test]
    async fn a_decoy_is_as_much_work_as_a_hash_and_nothing_matches_it() {
        let password = SecretString::new("correct horse");
        let (kept, decoy) = (hash(&password).expect("a hash"), decoy().expect("a decoy"));
        let work = |text: &str| text.rsplitn(3, '$').nth(2).map(str::to_owned);
        assert_eq!(work(&kept), work(&decoy));
        assert_eq!(kept.len(), decoy.len(), "salt and hash are as long");

        let passwords = Passwords::new();
        let verify = |kept| passwords.verify(&password, kept);
        assert!(verify(Some(kept.as_str())).await.expect("an answer"));
        assert!(!verify(Some(decoy.as_str())).await.expect("it can be checked"));
        assert!(!verify(None).await.expect("an answer"));
    }

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
