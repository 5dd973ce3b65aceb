//! What the cluster reported about objects: events of both API groups, newest first.

use serde_json::Value;

use crate::readiness::fields::text_or;

struct Event<'e> {
    kind: &'e str,
    name: &'e str,
    uid: &'e str,
    /// Which part of the object: `spec.containers{web}`.
    part: &'e str,
    reason: &'e str,
    message: &'e str,
    time: &'e str,
}

/// Events, newest first.
pub(super) struct Events<'e>(Vec<Event<'e>>);

impl<'e> Events<'e> {
    pub(super) fn new(events: &'e [Value]) -> Self {
        let mut events: Vec<_> = events.iter().map(read).collect();
        // RFC 3339 in UTC sorts as text. Stable: of equal times the later in the list is the newer.
        events.reverse();
        events.sort_by(|left, right| right.time.cmp(left.time));
        Self(events)
    }

    /// The newest message about `object` with one of `reasons`, the first reason first.
    pub(super) fn of_object(&self, object: &Value, reasons: &[&str]) -> Option<&'e str> {
        reasons
            .iter()
            .find_map(|reason| self.about(object, reason).next())
            .map(|event| event.message)
    }

    /// As [`Self::of_object`], with those about the replica sets of a deployment and the jobs of a cron job, whose names
    /// begin with its own.
    pub(super) fn of_workload(&self, object: &Value, reasons: &[&str]) -> Option<&'e str> {
        let made = match text_or(object, &["kind"], "") {
            "Deployment" => "ReplicaSet",
            "CronJob" => "Job",
            _ => return self.of_object(object, reasons),
        };
        let name = text_or(object, &["metadata", "name"], "");
        let is_made_by = |event: &&Event<'_>| {
            let rest = event
                .name
                .strip_prefix(name)
                .and_then(|rest| rest.strip_prefix('-'));
            event.kind == made
                && reasons.contains(&event.reason)
                && rest.is_some_and(|suffix| !suffix.contains('-'))
        };
        self.of_object(object, reasons)
            .or_else(|| self.0.iter().find(is_made_by).map(|event| event.message))
    }

    /// The newest event of a probe that failed, and the container it asked.
    pub(super) fn failed_probe(&self, pod: &Value) -> Option<(&'e str, &'e str)> {
        let event = self.about(pod, "Unhealthy").next()?;
        let container = event.part.split_once('{').map_or("", |(_, rest)| rest);
        Some((event.message, container.trim_end_matches('}')))
    }

    fn about<'s>(&'s self, object: &'s Value, reason: &'s str) -> impl Iterator<Item = &'s Event<'e>> {
        let kind = text_or(object, &["kind"], "Pod");
        let name = text_or(object, &["metadata", "name"], "");
        let uid = text_or(object, &["metadata", "uid"], "");
        self.0.iter().filter(move |event| {
            event.reason == reason
                && event.kind == kind
                && event.name == name
                && (uid.is_empty() || event.uid.is_empty() || uid == event.uid)
        })
    }
}

fn read(event: &Value) -> Event<'_> {
    let either = |paths: &[&[&str]]| {
        paths
            .iter()
            .map(|path| text_or(event, path, ""))
            .find(|text| !text.is_empty())
            .unwrap_or_default()
    };
    let object = |field| either(&[&["involvedObject", field], &["regarding", field]]);
    Event {
        kind: object("kind"),
        name: object("name"),
        uid: object("uid"),
        part: object("fieldPath"),
        reason: text_or(event, &["reason"], ""),
        message: either(&[&["message"], &["note"]]),
        time: either(&[
            &["series", "lastObservedTime"],
            &["lastTimestamp"],
            &["deprecatedLastTimestamp"],
            &["eventTime"],
            &["metadata", "creationTimestamp"],
        ]),
    }
}
