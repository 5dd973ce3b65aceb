//! The built-in words: which mean the same (`synonyms`), what software is for (`running`, `building`), and what charts
//! call their categories. They are looked up by [`super`].
//!
//! Names of software are facts; which purposes they serve is common knowledge of the field. Names of products are
//! squeezed: letters and digits only.

mod building;
mod running;
mod synonyms;

pub(super) use synonyms::SYNONYMS;

/// What software is for.
pub(super) struct Purpose {
    pub(super) category: &'static str,
    pub(super) phrases: &'static [&'static str],
    /// Best known first.
    pub(super) products: &'static [&'static str],
}

const AI: &str = "AI and machine learning";
const DATABASE: &str = "Database";
const DELIVERY: &str = "Integration and delivery";
const MONITORING: &str = "Monitoring and logging";
const NETWORKING: &str = "Networking";
const SECURITY: &str = "Security";
const STORAGE: &str = "Storage";
const STREAMING: &str = "Streaming and messaging";
const COLLABORATION: &str = "Content and collaboration";

/// All purposes. Software that serves several is of the category of the first.
pub(super) fn purposes() -> impl Iterator<Item = &'static Purpose> {
    running::PURPOSES.iter().chain(building::PURPOSES)
}

/// What charts call their categories, squeezed, and what we call them.
pub(super) const CATEGORY_NAMES: &[(&str, &str)] = &[
    ("aimachinelearning", AI),
    ("machinelearning", AI),
    ("database", DATABASE),
    ("databases", DATABASE),
    ("analytics", DATABASE),
    ("integrationanddelivery", DELIVERY),
    ("integrationdelivery", DELIVERY),
    ("developertools", DELIVERY),
    ("cicd", DELIVERY),
    ("workflow", DELIVERY),
    ("monitoringandlogging", MONITORING),
    ("monitoringlogging", MONITORING),
    ("monitoring", MONITORING),
    ("logmanagement", MONITORING),
    ("logging", MONITORING),
    ("observability", MONITORING),
    ("networking", NETWORKING),
    ("network", NETWORKING),
    ("security", SECURITY),
    ("storage", STORAGE),
    ("backup", STORAGE),
    ("streamingandmessaging", STREAMING),
    ("streamingmessaging", STREAMING),
    ("messaging", STREAMING),
    ("cms", COLLABORATION),
    ("crm", COLLABORATION),
    ("ecommerce", COLLABORATION),
    ("wiki", COLLABORATION),
    ("forum", COLLABORATION),
    ("projectmanagement", COLLABORATION),
];
