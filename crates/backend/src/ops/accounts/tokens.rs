//! API tokens: what programs show instead of signing in.

use model::Timestamp;
use model::access::{Scope, TokenSummary};

use super::Accounts;
use crate::ops::authorise::Action;
use crate::secret::SecretString;
use crate::store::{NewTokenRecord, TokenRow};
use crate::{Error, Result, Viewer, drawn};

/// What every token begins with, so that scanners of source code know one.
pub(super) const PREFIX: &str = "crt_";
/// Characters of a token that are shown later, prefix included: 36 of 256 bits.
const HINT_CHARS: usize = 10;
/// A user has at most so many.
const MAX_TOKENS: i64 = 100;
const MAX_LABEL_CHARS: usize = 60;

/// A token that somebody wants.
#[derive(Clone, Debug)]
pub struct TokenRequest {
    /// What its user calls it.
    pub label: String,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// How long it holds.
    pub valid_days: u32,
}

/// A new token with its text, which is shown once and kept nowhere.
#[derive(Debug)]
pub struct NewToken {
    /// The text.
    pub secret: SecretString,
    /// What is known of it later.
    pub summary: TokenSummary,
}

impl Accounts<'_> {
    /// The most days that a token may hold.
    pub fn token_max_days(&self) -> u32 {
        self.backend.inner().settings.access.token_max_days
    }

    /// The viewer's tokens, the newest first.
    #[tracing::instrument(name = "op.token.list", skip_all)]
    pub async fn tokens(&self, viewer: &Viewer) -> Result<Vec<TokenSummary>> {
        self.backend.authorise(viewer, Action::ManageOwnAccount)?;
        let inner = self.backend.inner();
        let now = inner.clock.now();
        let rows = inner.store.list_tokens(self.own(viewer)?.id).await?;
        Ok(rows.into_iter().map(|row| summary(row, now)).collect())
    }

    /// Makes a token for the viewer.
    #[tracing::instrument(name = "op.token.create", skip_all)]
    pub async fn create_token(&self, viewer: &Viewer, request: &TokenRequest) -> Result<NewToken> {
        let label = request.label.trim();
        let work = async {
            self.check(request)?;
            let own = self.own(viewer)?;
            let inner = self.backend.inner();
            let now = inner.clock.now();
            let secret = SecretString::new(format!("{PREFIX}{}", drawn::secret()?.expose()));
            let hint: String = secret.expose().chars().take(HINT_CHARS).collect();
            let mut scopes = request.scopes.clone();
            scopes.sort_unstable();
            scopes.dedup();
            let expires = Timestamp(now.0 + i64::from(request.valid_days) * 86_400);
            let mut tx = inner.store.begin().await?;
            if tx.count_tokens(own.id).await? >= MAX_TOKENS {
                return Err(Error::Conflict {
                    what: "tokens".to_owned(),
                    reason: format!("there are {MAX_TOKENS} already; revoke those that are not used"),
                });
            }
            let id = tx
                .insert_token(&NewTokenRecord {
                    user_id: own.id,
                    label,
                    secret_hash: &drawn::hash(&secret),
                    hint: &hint,
                    scopes: &scopes,
                    created: now,
                    expires,
                })
                .await?;
            let words: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
            let detail = format!("{}; until {}", words.join(" "), expires.to_rfc3339());
            tx.append_audit(&self.backend.record(viewer, "token.create", label, &detail))
                .await?;
            tx.commit().await?;
            let row = TokenRow {
                id,
                label: label.to_owned(),
                hint,
                scopes,
                created: now,
                expires,
                last_used: None,
            };
            Ok(NewToken {
                secret,
                summary: summary(row, now),
            })
        };
        self.backend
            .audited(viewer, Action::ManageOwnAccount, "token.create", label, work)
            .await
    }

    /// Revokes one of the viewer's tokens.
    #[tracing::instrument(name = "op.token.revoke", skip_all)]
    pub async fn revoke_token(&self, viewer: &Viewer, id: i64) -> Result<()> {
        let object = format!("token {id}");
        let work = async {
            let mut tx = self.backend.inner().store.begin().await?;
            let label = tx.delete_token(id, self.own(viewer)?.id).await?;
            let label = label.ok_or_else(|| Error::not_found("token", id.to_string()))?;
            tx.append_audit(&self.backend.record(viewer, "token.revoke", &label, ""))
                .await?;
            Ok(tx.commit().await?)
        };
        self.backend
            .audited(viewer, Action::ManageOwnAccount, "token.revoke", &object, work)
            .await
    }

    fn check(&self, request: &TokenRequest) -> Result<()> {
        let invalid = |field: &'static str, message: String| Err(Error::Invalid { field, message });
        let label = request.label.trim();
        let n_chars = label.chars().count();
        if n_chars == 0 || n_chars > MAX_LABEL_CHARS || label.chars().any(char::is_control) {
            return invalid(
                "label",
                format!("says in 1 to {MAX_LABEL_CHARS} characters what the token is for"),
            );
        }
        if request.scopes.is_empty() {
            return invalid("scopes", "names at least one".to_owned());
        }
        let max = self.token_max_days();
        if request.valid_days == 0 || request.valid_days > max {
            return invalid(
                "valid_days",
                format!("is between 1 and {max} (`access.token_max_days`)"),
            );
        }
        Ok(())
    }
}

fn summary(row: TokenRow, now: Timestamp) -> TokenSummary {
    TokenSummary {
        id: row.id,
        label: row.label,
        hint: row.hint,
        scopes: row.scopes,
        created: row.created,
        is_expired: row.expires <= now,
        expires: row.expires,
        last_used: row.last_used,
    }
}
