//! What can go wrong between a program and a server.

/// A failed request. No variant holds the token.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server's address is none.
    #[error("`{address}` is no address of a server: {reason}")]
    Address {
        /// As it was given.
        address: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The token has characters that no token has.
    #[error("the token is no token: it is one word that begins with `crt_`")]
    Token,
    /// The token for a cluster is none.
    #[error("the token for the cluster is no token: it is one word")]
    ClusterToken,
    /// The file of certificates cannot be read.
    #[error("certificates of {path} cannot be read")]
    Certificates {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The HTTP client cannot be made.
    #[error("the HTTP client cannot be prepared")]
    Client(#[source] reqwest::Error),
    /// No answer came, or it broke off.
    #[error("the server {server} does not answer")]
    Unreachable {
        /// Its address.
        server: String,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// The server answered with a problem document.
    #[error("{detail}")]
    Problem {
        /// The status of the answer.
        status: u16,
        /// A clause in lower case without a period.
        detail: String,
        /// YAML of the roles that would help.
        role_yaml: Option<String>,
        /// The operation that is in the way.
        operation: Option<String>,
    },
    /// What answered is no Chartroom, or one of another generation.
    #[error("{server} does not answer as Chartroom's API does: {reason}")]
    Answer {
        /// Its address.
        server: String,
        /// What was unexpected.
        reason: String,
    },
    /// The answer is longer than answers are.
    #[error("the answer of {server} is longer than {limit_bytes} bytes")]
    TooLarge {
        /// Its address.
        server: String,
        /// The most that is read.
        limit_bytes: usize,
    },
    /// An operation could not be followed to its end. It goes on all the same.
    #[error(
        "the connection to {server} was lost while operation {operation} was under way; it goes on there: {server}/operations/{operation}"
    )]
    Lost {
        /// The server's address.
        server: String,
        /// The operation's id.
        operation: String,
        /// The last thing that went wrong.
        #[source]
        source: Box<Self>,
    },
}

impl Error {
    /// The status of a problem document.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Problem { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Whether the same request may be answered when it is sent again: nothing came back, or something in between said
    /// that the server is away.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Problem { status, .. } => matches!(status, 502..=504),
            _ => false,
        }
    }
}
