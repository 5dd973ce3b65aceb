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
use std::collections::HashSet;

use model::review::{Risk, RiskObject, RiskTopic, Weight};
use serde_json::Value;

use super::object::Reviewed;
use super::place::{Fields, path_of};

/// Objects that are named with one sentence.
const MAX_NAMED: usize = 20;
/// Words of one kind (paths, ports, hosts) that a sentence holds.
const MAX_WORDS: usize = 6;
/// What is shown of one word.
const MAX_WORD_CHARS: usize = 60;

/// Everything there is to say, the weightiest first. `namespace` is the release's, and `fields` knows what wrote the fields
/// of the objects.
pub(crate) fn risks(objects: &[Reviewed], namespace: &str, fields: &Fields<'_>) -> Vec<Risk> {
    let mut found = Findings {
        risks: Vec::new(),
        fields,
    };
    access::look(objects, &mut found);
    host::look(objects, &mut found);
    cluster::look(objects, namespace, &mut found);
    outside::look(objects, &mut found);
    found.into_risks()
}

/// What rules have found so far.
struct Findings<'f> {
    risks: Vec<Risk>,
    fields: &'f Fields<'f>,
}

/// Which rule, about what, how weighty.
type Rule = (&'static str, RiskTopic, Weight);

impl Findings<'_> {
    /// A sentence about objects; nothing where there are none.
    fn say(&mut self, (rule, topic, weight): Rule, objects: &[Hit], text: impl Into<String>) {
        if objects.is_empty() {
            return;
        }
        let mut titles = HashSet::new();
        let mut named: Vec<&Hit> = objects.iter().filter(|hit| titles.insert(&hit.title)).collect();
        let n_more = named.len().saturating_sub(MAX_NAMED);
        named.truncate(MAX_NAMED);
        let named = named.into_iter().map(|hit| {
            let (file, line) = self.fields.place(hit.part, &hit.path);
            RiskObject {
                title: hit.title.clone(),
                file,
                line,
            }
        });
        let named = named.collect();
        self.risks.push(Risk {
            rule: rule.to_owned(),
            topic,
            weight,
            text: text.into(),
            objects: named,
            n_more,
        });
    }

    fn into_risks(self) -> Vec<Risk> {
        let mut risks = self.risks;
        risks.sort_by_key(|risk| (Reverse(risk.weight), risk.topic));
        risks
    }
}

/// An object that a rule applies to.
struct Hit {
    title: String,
    /// The part of the manifest that it is in.
    part: usize,
    /// The field that asks; empty where it is the object itself.
    path: String,
}

/// Objects that a rule applies to, and the words that its sentence holds.
#[derive(Default)]
struct Hits {
    objects: Vec<Hit>,
    words: Vec<String>,
    n_left_out: usize,
}

impl Hits {
    fn object(&mut self, object: &Reviewed) {
        self.field(object, &Value::Null);
    }

    /// An object because of one of its values. Of several values of an object the first one is told.
    fn field(&mut self, object: &Reviewed, value: &Value) {
        let title = object.title();
        if self.objects.last().is_some_and(|last| last.title == title) {
            return;
        }
        self.objects.push(Hit {
            title,
            part: object.part,
            path: match value {
                // What is not said is nowhere.
                Value::Null => String::new(),
                value => path_of(object, value),
            },
        });
    }

    /// The same, and a word for the sentence.
    fn word(&mut self, object: &Reviewed, value: &Value, word: impl AsRef<str>) {
        self.field(object, value);
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
