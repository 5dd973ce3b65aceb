//! Whom a cluster takes a connection for: `kubectl auth whoami`.

use serde::Deserialize;
use serde_json::json;

use crate::api::{JSON, Payload, Question};
use crate::{Cluster, Error};

const REVIEWS: &str = "selfsubjectreviews";

#[derive(Deserialize)]
struct Review {
    #[serde(default)]
    status: Status,
}

#[derive(Deserialize, Default)]
struct Status {
    #[serde(default, rename = "userInfo")]
    user: User,
}

#[derive(Deserialize, Default)]
struct User {
    #[serde(default)]
    username: String,
}

impl Cluster {
    /// The name that the cluster knows this connection's identity by.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] where it takes the credentials for nobody's. A cluster before Kubernetes 1.28 need not
    /// answer the question.
    pub async fn whoami(&self) -> Result<String, Error> {
        let body = json!({ "apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview" });
        let question = Question {
            verb: "create",
            resource: REVIEWS,
            namespace: None,
            path: format!("/apis/authentication.k8s.io/v1/{REVIEWS}"),
            query: &[],
            accept: JSON,
            payload: Payload::Post(body.to_string().into()),
        };
        let review: Review = self.ask(question).await?;
        Ok(review.status.user.username)
    }
}
