//! What could not be looked at, as sentences, with the rights that would help.

use super::words::clip;
use crate::rights::MissingRight;
use crate::{Error, role_yaml};

/// Problems of one look: more of them say nothing new.
const MAX_PROBLEMS: usize = 50;

/// Why something of a cluster cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// A sentence without a dot.
    pub message: String,
    /// What [`role_yaml`] makes the roles of that would help; empty where no right is missing.
    pub missing_rights: Vec<MissingRight>,
}

/// Problems as they are found: each once.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    pub(crate) fn say(&mut self, message: String) {
        self.add(Problem {
            message: clip(&message),
            missing_rights: Vec::new(),
        });
    }

    /// What came of asking for objects of a resource; `consequence` goes on with the sentence.
    pub(crate) fn of_error(&mut self, error: &Error, group: &str, consequence: &str) {
        let mut missing_rights = Vec::new();
        if let Error::Forbidden {
            verb,
            resource,
            namespace,
        } = error
        {
            missing_rights.push(MissingRight {
                verb,
                group: group.to_owned(),
                resource: resource.clone(),
                namespace: namespace.clone(),
            });
        }
        self.add(Problem {
            message: format!("{}{consequence}", clip(&error.chain())),
            missing_rights,
        });
    }

    pub(crate) fn add(&mut self, problem: Problem) {
        if self.0.len() < MAX_PROBLEMS && !self.0.contains(&problem) {
            self.0.push(problem);
        }
    }

    pub(crate) fn into_list(self) -> Vec<Problem> {
        self.0
    }
}

impl Problem {
    /// YAML of the roles that would help `subject`; `None` where no right is missing.
    pub fn role_yaml(&self, subject: &crate::Subject) -> Option<String> {
        (!self.missing_rights.is_empty()).then(|| role_yaml(&self.missing_rights, subject))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_right_is_told_once_with_the_role_that_gives_it() {
        let forbidden = Error::Forbidden {
            verb: "list",
            resource: "replicasets".to_owned(),
            namespace: Some("shop".to_owned()),
        };
        let mut problems = Problems::default();
        problems.of_error(&forbidden, "apps", ", so they are not shown");
        problems.of_error(&forbidden, "apps", ", so they are not shown");
        problems.of_error(&Error::BrokenOff, "", "");
        let problems = problems.into_list();
        let messages: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "no right to list replicasets in the namespace shop, so they are not shown",
                "the answer of the cluster broke off",
            ]
        );
        let subject = crate::Subject::User {
            name: "carol".to_owned(),
        };
        let yaml = problems[0].role_yaml(&subject).unwrap();
        assert!(
            yaml.contains(r#"apiGroups: ["apps"]"#) && yaml.contains("carol"),
            "{yaml}"
        );
        assert_eq!(problems[1].role_yaml(&subject), None);
    }
}
