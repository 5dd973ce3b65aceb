//! Tokens that users give, so that a cluster is asked with what they may do there and with nothing of Chartroom's.

use std::fmt;
use std::hash::{Hash, Hasher};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::Timestamp;
use serde::Deserialize;

use crate::secret::SecretString;
use crate::{Error, Result, drawn};

/// Tokens of identity providers hold groups and are long; what is longer fits into no header.
const MAX_BYTES: usize = 16 << 10;

/// A bearer token of a cluster.
///
/// Two are equal if their texts are. It is printed as a secret is, and never serialised.
#[derive(Clone)]
pub struct ClusterToken {
    text: SecretString,
    /// Of the text: what is compared, so that the time it takes tells nothing of it.
    digest: [u8; 32],
}

impl ClusterToken {
    /// Takes the text of a token, with or without space around it.
    ///
    /// # Errors
    /// [`Error::Invalid`] where it cannot be one: empty, longer than 16 KiB, or of characters that RFC 6750 does not allow.
    /// The text is not repeated.
    pub fn parse(text: &str) -> Result<Self> {
        let invalid = |message: &str| Error::Invalid {
            field: "token",
            message: message.to_owned(),
        };
        let text = text.trim();
        if text.is_empty() {
            return Err(invalid("is empty"));
        }
        if text.len() > MAX_BYTES {
            return Err(invalid("is longer than 16 KiB"));
        }
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
        if !text.bytes().all(is_allowed) {
            return Err(invalid(
                "is no bearer token: it has characters that none has; give the text of the token alone",
            ));
        }
        Ok(Self::of(text))
    }

    /// In the place of one that cannot be read any more: no cluster takes it.
    pub(crate) fn unreadable() -> Self {
        Self::of("unreadable")
    }

    fn of(text: &str) -> Self {
        let text = SecretString::new(text);
        let digest = drawn::hash(&text);
        Self { text, digest }
    }

    pub(crate) fn secret(&self) -> &SecretString {
        &self.text
    }

    /// When it says itself that it ends, which a JSON Web Token does. Nothing is checked: this is for its owner to read.
    pub(crate) fn expires(&self) -> Option<Timestamp> {
        #[derive(Deserialize)]
        struct Claims {
            exp: i64,
        }
        let mut parts = self.text.expose().split('.');
        let (_, claims, _, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()) else {
            return None;
        };
        let claims = URL_SAFE_NO_PAD.decode(claims).ok()?;
        let claims: Claims = serde_json::from_slice(&claims).ok()?;
        Some(Timestamp(claims.exp))
    }
}

impl PartialEq for ClusterToken {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Eq for ClusterToken {}

impl Hash for ClusterToken {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.digest.hash(state);
    }
}

impl fmt::Debug for ClusterToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use model::Timestamp;

    use super::ClusterToken;

    #[test]
    fn what_cannot_be_a_token_is_refused_without_being_repeated() {
        let long = "x".repeat(16 * 1024 + 1);
        for wrong in [
            "",
            "  ",
            "two words",
            "a\nb",
            "Bearer abc",
            "ü",
            "a,b",
            long.as_str(),
        ] {
            let error = ClusterToken::parse(wrong).expect_err("it is none").to_string();
            assert!(wrong.trim().is_empty() || !error.contains(wrong), "{error}");
        }
        let token = ClusterToken::parse("  abc.def-1_2~+/== \n").expect("it is one");
        assert_eq!(token.secret().expose(), "abc.def-1_2~+/==");
        assert_eq!(format!("{token:?}"), "***");
        assert_ne!(token, ClusterToken::parse("abc.def-1_2~+/=").expect("another"));
    }

    #[test]
    fn a_web_token_says_when_it_ends() {
        let token = |claims: &str| {
            let text = format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims));
            ClusterToken::parse(&text).expect("it is one").expires()
        };
        assert_eq!(
            token(r#"{"exp":1900000000,"sub":"x"}"#),
            Some(Timestamp(1_900_000_000))
        );
        assert_eq!(token(r#"{"sub":"x"}"#), None);
        assert_eq!(token("no claims"), None);
        assert_eq!(ClusterToken::parse("opaque").expect("it is one").expires(), None);
    }
}
