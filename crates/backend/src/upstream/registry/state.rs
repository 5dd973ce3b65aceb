//! What everybody who asks registries shares: tokens until they run out, and which registries want to be left alone.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderValue, StatusCode};
use tokio::time::Instant;

use crate::blobs::Digest;

/// Tokens that are kept; past it those that ran out go, and then all.
const MAX_TOKENS: usize = 10_000;
/// The longest that a registry is left alone, whatever it asks for.
const MAX_LEFT_ALONE: Duration = Duration::from_secs(6 * 3600);

/// Tokens, and who wants to be left alone.
#[derive(Default)]
pub(in super::super) struct RegistryState {
    tokens: Mutex<HashMap<TokenKey, Token>>,
    left_alone: Mutex<HashMap<String, (StatusCode, Instant)>>,
}

/// Whose token it is, and what for. Nobody is handed a token that others' credentials got.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct TokenKey {
    /// Host and port of the registry.
    pub(super) registry: String,
    /// SHA-256 of the credentials; none for nobody.
    pub(super) who: Option<Digest>,
    pub(super) scope: String,
}

struct Token {
    value: HeaderValue,
    until: Instant,
}

impl RegistryState {
    /// A token that still holds.
    pub(super) fn token(&self, key: &TokenKey) -> Option<HeaderValue> {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let token = tokens.get(key).filter(|token| token.until > Instant::now())?;
        Some(token.value.clone())
    }

    /// Keeps a token for so long.
    pub(super) fn keep_token(&self, key: TokenKey, value: HeaderValue, holds: Duration) {
        let now = Instant::now();
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if tokens.len() >= MAX_TOKENS {
            tokens.retain(|_, token| token.until > now);
        }
        if tokens.len() >= MAX_TOKENS {
            tokens.clear();
        }
        let until = now + holds;
        tokens.insert(key, Token { value, until });
    }

    /// Notes that a registry wants to be left alone for so long.
    pub(super) fn leave_alone(&self, registry: &str, status: StatusCode, wait: Duration) {
        let until = Instant::now() + wait.min(MAX_LEFT_ALONE);
        let mut left_alone = self.left_alone.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        left_alone.retain(|_, (_, until)| *until > now);
        left_alone.insert(registry.to_owned(), (status, until));
    }

    /// How much longer a registry wants to be left alone.
    pub(super) fn left(&self, registry: &str) -> Option<Duration> {
        self.asked_for(registry).map(|(_, left)| left)
    }

    fn asked_for(&self, registry: &str) -> Option<(StatusCode, Duration)> {
        let left_alone = self.left_alone.lock().unwrap_or_else(PoisonError::into_inner);
        let (status, until) = left_alone.get(registry)?;
        let left = until.checked_duration_since(Instant::now())?;
        (!left.is_zero()).then_some((*status, left))
    }

    /// Waits until a registry may be asked; where that takes longer than `patience`, what it answered and how much longer.
    pub(super) async fn wait(
        &self,
        registry: &str,
        patience: Duration,
    ) -> Result<(), (StatusCode, Duration)> {
        // Again: while we waited, somebody else may have been sent away.
        while let Some((status, left)) = self.asked_for(registry) {
            if left > patience {
                return Err((status, left));
            }
            tokio::time::sleep(left).await;
        }
        Ok(())
    }
}
