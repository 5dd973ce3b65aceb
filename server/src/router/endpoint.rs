//! What an address of the API is: its route and its description in one value, so that neither is without the other.
//!
//! The list of them is in [`api`](super::api); [`openapi`](crate::openapi) writes the description down.

use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};
use http::Method;
use model::access::Scope;
use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::state::AppState;

/// Makes the schema of a type.
pub(crate) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// Who may ask. Which places and roles count beside it, `backend`'s table says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anybody.
    Anybody,
    /// Anybody, unless the catalog is for users alone.
    Catalog,
    /// A user who is signed in, or a token with this scope.
    Scope(Scope),
    /// A user who is signed in; no token.
    Session,
}

/// What comes back where all is well.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer {
    /// `{"data": …}`
    Data { status: u16, schema: SchemaOf },
    /// Nothing.
    Empty { status: u16 },
    /// Server-sent events. The schema is that of their data, which is JSON.
    Events(SchemaOf),
    /// Server-sent events that say one word.
    Signals,
    /// A document of its own shape, as JSON.
    Document,
}

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::Data { status, .. } | Self::Empty { status } => *status,
            Self::Events(_) | Self::Signals | Self::Document => 200,
        }
    }
}

/// A header of the request that means something to one address.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestHeader {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
}

/// One method of one address.
pub(crate) struct Endpoint {
    pub(crate) method: Method,
    /// As axum and OpenAPI write it, with `{parameters}`.
    pub(crate) path: &'static str,
    /// A name for programs that are made from the description.
    pub(crate) id: &'static str,
    /// What it does, in a phrase without a period.
    pub(crate) summary: &'static str,
    pub(crate) group: &'static str,
    pub(crate) access: Access,
    pub(crate) query: Option<SchemaOf>,
    pub(crate) headers: &'static [RequestHeader],
    pub(crate) body: Option<SchemaOf>,
    /// The media type of a body that is no JSON.
    pub(crate) bytes: Option<&'static str>,
    pub(crate) answer: Answer,
    /// Statuses of problems beyond those that every address may answer with.
    pub(crate) problems: &'static [u16],
    pub(crate) route: MethodRouter<AppState>,
}

impl Endpoint {
    /// An address that takes nothing and answers nothing; what follows adds to that.
    pub(crate) fn new<H, T>(
        method: &Method,
        path: &'static str,
        (id, summary): (&'static str, &'static str),
        access: Access,
        handler: H,
    ) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        // The methods are written in the list of addresses, and there is a filter for each of HTTP's.
        let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::TRACE);
        Self {
            method: method.clone(),
            path,
            id,
            summary,
            group: "",
            access,
            query: None,
            headers: &[],
            body: None,
            bytes: None,
            answer: Answer::Empty { status: 204 },
            problems: &[],
            route: on(filter, handler),
        }
    }

    pub(crate) fn query<T: JsonSchema>(self) -> Self {
        Self {
            query: Some(schema_of::<T>),
            ..self
        }
    }

    pub(crate) fn headers(self, headers: &'static [RequestHeader]) -> Self {
        Self { headers, ..self }
    }

    pub(crate) fn body<T: JsonSchema>(self) -> Self {
        Self {
            body: Some(schema_of::<T>),
            ..self
        }
    }

    /// Takes bytes as they are.
    pub(crate) fn bytes(self, media_type: &'static str) -> Self {
        Self {
            bytes: Some(media_type),
            ..self
        }
    }

    /// Answers `{"data": …}` with status 200.
    pub(crate) fn data<T: JsonSchema>(self) -> Self {
        self.data_with::<T>(200)
    }

    pub(crate) fn data_with<T: JsonSchema>(self, status: u16) -> Self {
        let schema = schema_of::<T>;
        Self {
            answer: Answer::Data { status, schema },
            ..self
        }
    }

    pub(crate) fn events<T: JsonSchema>(self) -> Self {
        Self {
            answer: Answer::Events(schema_of::<T>),
            ..self
        }
    }

    pub(crate) fn signals(self) -> Self {
        Self {
            answer: Answer::Signals,
            ..self
        }
    }

    pub(crate) fn document(self) -> Self {
        Self {
            answer: Answer::Document,
            ..self
        }
    }

    pub(crate) fn problems(self, problems: &'static [u16]) -> Self {
        Self { problems, ..self }
    }

    /// Whether everybody who may ask is answered alike: such an answer is not sent again to whoever has it.
    pub(crate) fn is_shared(&self) -> bool {
        match self.answer {
            Answer::Data { .. } => self.access == Access::Catalog,
            Answer::Document => matches!(self.access, Access::Catalog | Access::Anybody),
            _ => false,
        }
    }

    /// The names in the path.
    pub(crate) fn path_parameters(&self) -> Vec<&'static str> {
        let parts = self.path.split('{').skip(1);
        parts.filter_map(|part| part.split('}').next()).collect()
    }
}
