//! What the cluster reported of a release's objects, for people: each report once, the newest first.
//!
//! Events of both API groups are read, and those of the newer one through the older: both keep the same under several
//! names.

use std::collections::HashMap;

use serde_json::Value;

use super::ClusterEvent;
use super::words::{clip, label};
use crate::readiness::{int_or, text_or, unix_seconds};

/// Events that are shown.
const MAX_EVENTS: usize = 100;

/// The object that an event is about; `None` where it does not say which one exactly.
pub(super) fn uid_of_object(event: &Value) -> Option<&str> {
    Some(of_object(event, "uid")).filter(|uid| !uid.is_empty())
}

fn of_object<'e>(event: &'e Value, field: &str) -> &'e str {
    first(event, &[&["involvedObject", field], &["regarding", field]])
}

fn first<'e>(event: &'e Value, paths: &[&[&str]]) -> &'e str {
    paths
        .iter()
        .map(|path| text_or(event, path, ""))
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}

/// The events of a page. Equal reports of one object are one.
pub(super) fn shown(events: &[Value]) -> Vec<ClusterEvent> {
    let mut merged: HashMap<(String, String, String), ClusterEvent> = HashMap::new();
    for event in events.iter().map(read) {
        let key = (event.object.clone(), event.reason.clone(), event.message.clone());
        match merged.get_mut(&key) {
            None => {
                merged.insert(key, event);
            }
            Some(known) => {
                known.at = known.at.max(event.at);
                known.count = known.count.saturating_add(event.count);
            }
        }
    }
    let mut events: Vec<ClusterEvent> = merged.into_values().collect();
    // By their texts where times are equal, so that two looks show the same.
    events.sort_by(|left, right| {
        let texts =
            |event: &ClusterEvent| (event.object.clone(), event.reason.clone(), event.message.clone());
        right
            .at
            .cmp(&left.at)
            .then_with(|| texts(left).cmp(&texts(right)))
    });
    events.truncate(MAX_EVENTS);
    events
}

fn read(event: &Value) -> ClusterEvent {
    let times: [&[&str]; 5] = [
        &["series", "lastObservedTime"],
        &["lastTimestamp"],
        &["deprecatedLastTimestamp"],
        &["eventTime"],
        &["metadata", "creationTimestamp"],
    ];
    let counts: [&[&str]; 3] = [&["series", "count"], &["count"], &["deprecatedCount"]];
    ClusterEvent {
        at: times
            .iter()
            .find_map(|path| unix_seconds(text_or(event, path, ""))),
        is_warning: text_or(event, &["type"], "") == "Warning",
        reason: clip(text_or(event, &["reason"], "")),
        object: clip(
            label(
                of_object(event, "kind"),
                Some(of_object(event, "namespace")),
                of_object(event, "name"),
            )
            .trim(),
        ),
        message: clip(first(event, &[&["message"], &["note"]])),
        count: counts
            .iter()
            .map(|path| int_or(event, path, 0))
            .find(|count| *count > 0)
            .unwrap_or(1),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn events_of_both_groups_are_read() {
        let object = json!({ "kind": "Pod", "namespace": "shop", "name": "web-0", "uid": "1" });
        let core = json!({
            "involvedObject": object, "type": "Warning", "reason": "BackOff", "message": "Back-off\n restarting",
            "count": 7, "lastTimestamp": "2026-01-02T03:04:05Z", "eventTime": null,
        });
        let newer = json!({
            "regarding": object, "type": "Normal", "reason": "Scheduled", "note": "assigned",
            "eventTime": "2026-01-02T03:04:06.123456Z",
        });
        let series = json!({
            "involvedObject": object, "reason": "Pulled", "message": "pulled", "eventTime": "2026-01-02T03:04:05.000001Z",
            "series": { "count": 3, "lastObservedTime": "2026-01-02T03:04:08.5Z" },
        });
        let timeless =
            json!({ "message": "old", "metadata": { "creationTimestamp": "2026-01-02T03:04:04Z" } });
        let odd = json!({ "involvedObject": 1, "count": "many", "lastTimestamp": "yesterday" });
        assert_eq!(uid_of_object(&newer), Some("1"));
        assert_eq!(uid_of_object(&odd), None);
        let found: Vec<_> = shown(&[timeless, odd, core, newer, series])
            .into_iter()
            .map(|event| {
                let texts = format!("{} {} {}", event.reason, event.object, event.message);
                (event.at, event.is_warning, texts, event.count)
            })
            .collect();
        let expected = [
            (Some(1_767_323_048), false, "Pulled Pod shop/web-0 pulled", 3),
            (Some(1_767_323_046), false, "Scheduled Pod shop/web-0 assigned", 1),
            (
                Some(1_767_323_045),
                true,
                "BackOff Pod shop/web-0 Back-off restarting",
                7,
            ),
            (Some(1_767_323_044), false, "  old", 1),
            (None, false, "  ", 1),
        ];
        let expected =
            expected.map(|(at, is_warning, texts, count)| (at, is_warning, texts.to_owned(), count));
        assert_eq!(found, expected);
    }

    #[test]
    fn equal_reports_are_one_and_the_newest_are_kept() {
        let event = |second: usize, message: String| {
            json!({
                "involvedObject": { "kind": "Pod", "name": "web" }, "message": message, "count": 2,
                "lastTimestamp": format!("2026-01-02T03:{:02}:{:02}Z", second / 60, second % 60),
            })
        };
        let same = [event(5, "same".to_owned()), event(3, "same".to_owned())];
        let merged = shown(&same);
        assert_eq!((merged.len(), merged[0].count), (1, 4));
        assert_eq!(merged[0].at, Some(1_767_322_805));
        let many: Vec<Value> = (0..150).map(|second| event(second, second.to_string())).collect();
        let newest = shown(&many);
        assert_eq!(newest.len(), MAX_EVENTS);
        assert_eq!(
            (newest[0].message.as_str(), newest[99].message.as_str()),
            ("149", "50")
        );
    }
}
