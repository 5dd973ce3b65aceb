//! What the page about the API shows. The server fills it from the API's own description.

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiReference {
    pub groups: Vec<ApiGroup>,
    pub types: Vec<ApiType>,
}

/// Addresses that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiGroup {
    pub name: String,
    pub description: String,
    pub endpoints: Vec<ApiEndpoint>,
}

/// One method of one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiEndpoint {
    /// Its name in the description, and its anchor on the page.
    pub id: String,
    pub method: String,
    pub path: String,
    pub summary: String,
    /// Who may ask, in words.
    pub access: String,
    pub parameters: Vec<ApiField>,
    pub body: Option<ApiShape>,
    pub status: String,
    /// What comes back, where something does.
    pub answer: Option<ApiShape>,
    /// Statuses of problems.
    pub problems: Vec<String>,
}

/// A field of a type, or a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiField {
    pub name: String,
    /// Of a parameter: `path`, `query` or `header`.
    pub place: String,
    pub shape: ApiShape,
    pub is_required: bool,
    pub description: String,
}

/// A shape in words: parts of a text, those that name a type with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiShape(pub Vec<ApiWord>);

/// A part of a shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiWord {
    Text(String),
    Type(String),
}

/// A type of what is sent and answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiType {
    pub name: String,
    pub description: String,
    /// One of these; a type without alternatives has one without a name.
    pub variants: Vec<ApiVariant>,
}

/// The fields of a type, or of one alternative of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiVariant {
    pub name: String,
    pub description: String,
    pub fields: Vec<ApiField>,
    /// What it is where it has no fields.
    pub shape: ApiShape,
}
