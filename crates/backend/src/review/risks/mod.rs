//! What a chart asks for, in plain words: rules over its rendered objects.
//!
//! Each rule looks at all objects and makes one sentence or none; [`access`] is about roles, [`host`] about pods and
//! their nodes, [`cluster`] about what belongs to everybody, [`outside`] about networks, volumes and images. A rule knows
//! Kubernetes and no chart: nothing is said of what a chart is called or where it comes from.

mod access;
mod cluster;
mod host;
mod outside;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;

use model::review::{Risk, RiskTopic, Weight};

use super::object::Reviewed;

/// Objects that are named with one sentence.
const MAX_NAMED: usize = 20;
/// Words of one kind (paths, ports, hosts) that a sentence holds.
const MAX_WORDS: usize = 6;
/// What is shown of one word.
const MAX_WORD_CHARS: usize = 60;

/// Everything there is to say, the weightiest first. `namespace` is the release's.
pub(crate) fn risks(objects: &[Reviewed], namespace: &str) -> Vec<Risk> {
    let mut found = Findings::default();
    access::look(objects, &mut found);
    host::look(objects, &mut found);
    cluster::look(objects, namespace, &mut found);
    outside::look(objects, &mut found);
    found.into_risks()
}

/// What rules have found so far.
#[derive(Default)]
struct Findings(Vec<Risk>);

/// Which rule, about what, how weighty.
type Rule = (&'static str, RiskTopic, Weight);

impl Findings {
    /// A sentence about objects; nothing where there are none.
    fn say(&mut self, (rule, topic, weight): Rule, objects: &[String], text: impl Into<String>) {
        if objects.is_empty() {
            return;
        }
        let mut named: Vec<String> = Vec::new();
        for object in objects {
            if !named.contains(object) {
                named.push(object.clone());
            }
        }
        let n_more = named.len().saturating_sub(MAX_NAMED);
        named.truncate(MAX_NAMED);
        self.0.push(Risk {
            rule: rule.to_owned(),
            topic,
            weight,
            text: text.into(),
            objects: named,
            n_more,
        });
    }

    fn into_risks(self) -> Vec<Risk> {
        let mut risks = self.0;
        risks.sort_by_key(|risk| (Reverse(risk.weight), risk.topic));
        risks
    }
}

/// Objects that a rule applies to, and the words that its sentence holds.
#[derive(Default)]
struct Hits {
    objects: Vec<String>,
    words: Vec<String>,
    n_left_out: usize,
}

impl Hits {
    fn object(&mut self, object: &Reviewed) {
        let title = object.title();
        if self.objects.last() != Some(&title) {
            self.objects.push(title);
        }
    }

    fn word(&mut self, object: &Reviewed, word: impl AsRef<str>) {
        self.object(object);
        let word = super::cut(word.as_ref(), MAX_WORD_CHARS);
        if self.words.contains(&word) {
            return;
        }
        if self.words.len() < MAX_WORDS {
            self.words.push(word);
        } else {
            self.n_left_out += 1;
        }
    }

    /// `a, b and c`, or `a, b and 3 more`.
    fn words(&self) -> String {
        let mut words = self.words.clone();
        if self.n_left_out > 0 {
            words.push(format!("{} more", self.n_left_out));
        }
        super::listed(&words)
    }
}
