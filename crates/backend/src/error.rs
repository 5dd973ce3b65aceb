//! What can go wrong, as the callers tell it apart.

use std::sync::Arc;

/// A failed operation.
///
/// The set is closed: the one table that turns errors into HTTP answers matches every variant by name.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The thing asked for does not exist, or the viewer may not know that it does.
    #[error("{what} \"{name}\" does not exist")]
    NotFound {
        /// What kind of thing: `chart`, `version`, `repository`, `file`, `icon`.
        what: &'static str,
        /// As it was asked for.
        name: String,
    },
    /// The thing exists, but cannot be had at present.
    #[error("{what} is not available: {reason}")]
    Unavailable {
        /// What was wanted, with its name.
        what: String,
        /// Why, in words a visitor may read.
        reason: String,
        /// When trying again makes sense, where that is known.
        retry_after_secs: Option<u64>,
    },
    /// Nobody is signed in where somebody must be, or what was shown as proof is not accepted.
    #[error("{reason}")]
    Unauthenticated {
        /// What is missing or wrong, in words a visitor may read.
        reason: String,
    },
    /// The viewer may not do this.
    #[error("{action} is not allowed: {reason}")]
    Forbidden {
        /// What was tried, as a noun phrase.
        action: String,
        /// Which setting or role decides.
        reason: String,
    },
    /// Tried too often.
    #[error("{reason}; try again in {}", in_words(*.retry_after_secs))]
    TooManyAttempts {
        /// What was tried too often, in words a visitor may read.
        reason: String,
        /// When trying again makes sense.
        retry_after_secs: u64,
    },
    /// An argument is not acceptable.
    #[error("{field}: {message}")]
    Invalid {
        /// The argument's name.
        field: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// The state of things forbids it.
    #[error("{what}: {reason}")]
    Conflict {
        /// The thing in question, with its name.
        what: String,
        /// What stands in the way.
        reason: String,
    },
    /// The cluster does not let the viewer do this.
    #[error("{message}")]
    MissingRights {
        /// Which right, on what and where.
        message: String,
        /// The roles that would give it, as YAML; empty where they cannot be known.
        role_yaml: String,
    },
    /// Somebody else does something with the release, or did.
    #[error("{reason}")]
    ReleaseBusy {
        /// In Helm's words.
        reason: String,
        /// The operation of ours that holds it.
        operation: Option<String>,
    },
    /// What a plan was made from has changed.
    #[error("the plan is outdated: {}", .changes.join("; "))]
    PlanOutdated {
        /// What changed, as sentences.
        changes: Vec<String>,
    },
    /// Nobody's fault but ours; the chain of causes is for the log alone.
    #[error("internal error")]
    Internal(#[source] Arc<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// Wraps a cause that the caller can do nothing about.
    pub(crate) fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(Arc::from(cause.into()))
    }

    pub(crate) fn not_found(what: &'static str, name: impl Into<String>) -> Self {
        Self::NotFound {
            what,
            name: name.into(),
        }
    }

    /// The whole chain of causes in one line, for logs.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}

fn in_words(seconds: u64) -> String {
    match seconds {
        0..=1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}
