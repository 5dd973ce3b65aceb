//! What a cluster says while it is watched: one JSON document a line, for as long as the connection lasts.

use bytes::Buf as _;
use http_body_util::BodyExt as _;
use kube::client::Body;
use serde::Deserialize;

use crate::Error;
use crate::records::{Metadata, VersionedHead, versioned_head};

/// The metadata of one object at most, in bytes: what etcd stores, and its JSON some more.
const MAX_EVENT_BYTES: usize = 4 << 20;

/// Something that happened with records.
#[derive(Debug)]
pub(super) enum Event {
    /// There is one that is new or different.
    Is(VersionedHead),
    /// There is no such one any more.
    IsGone(VersionedHead),
    /// Nothing for us; the version is where a watch may go on later.
    Passed(String),
}

#[derive(Deserialize)]
struct Line {
    #[serde(rename = "type")]
    kind: String,
    object: Object,
}

/// Metadata of a record, or in an error what a refusal has.
#[derive(Deserialize)]
struct Object {
    #[serde(default)]
    metadata: Metadata,
    #[serde(default)]
    code: u16,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    message: String,
}

/// The lines of one connection.
pub(super) struct Events {
    body: Body,
    lines: Lines,
}

impl Events {
    pub(super) fn new(body: Body) -> Self {
        Self {
            body,
            lines: Lines::default(),
        }
    }

    /// The next event; nothing where the cluster has ended the answer as it should. May be dropped while it waits.
    pub(super) async fn next(&mut self) -> Result<Option<Event>, Error> {
        loop {
            if let Some(line) = self.lines.next()? {
                return parse(&line).map(Some);
            }
            match self.body.frame().await {
                None if self.lines.is_empty() => return Ok(None),
                None | Some(Err(_)) => return Err(Error::BrokenOff),
                Some(Ok(frame)) => {
                    if let Ok(mut data) = frame.into_data() {
                        self.lines.push(&mut data);
                    }
                }
            }
        }
    }
}

/// Bytes that become lines.
#[derive(Default)]
struct Lines {
    buffer: Vec<u8>,
    /// So many bytes have been searched for the end of a line.
    searched: usize,
}

impl Lines {
    fn push(&mut self, data: &mut bytes::Bytes) {
        self.buffer.extend_from_slice(data.chunk());
    }

    fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    fn next(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let rest = self.buffer.get(self.searched..).unwrap_or_default();
        let Some(at) = rest.iter().position(|byte| *byte == b'\n') else {
            self.searched = self.buffer.len();
            if self.buffer.len() > MAX_EVENT_BYTES {
                return Err(Error::Answer {
                    limit_bytes: MAX_EVENT_BYTES,
                });
            }
            return Ok(None);
        };
        let after = self.buffer.split_off(self.searched + at + 1);
        self.searched = 0;
        Ok(Some(std::mem::replace(&mut self.buffer, after)))
    }
}

fn parse(line: &[u8]) -> Result<Event, Error> {
    let Line { kind, object } = serde_json::from_slice(line).map_err(|source| Error::Unreadable {
        what: "a watch".to_owned(),
        source,
    })?;
    let version = object.metadata.version.clone();
    let event = match kind.as_str() {
        "ADDED" | "MODIFIED" => versioned_head(object.metadata).map(Event::Is),
        "DELETED" => versioned_head(object.metadata).map(Event::IsGone),
        "ERROR" => {
            return Err(Error::Refused {
                code: object.code,
                reason: object.reason,
                message: object.message,
                causes: Vec::new(),
            });
        }
        _ => None,
    };
    Ok(event.unwrap_or(Event::Passed(version)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: &str, object: &str) -> Result<Event, Error> {
        parse(format!(r#"{{"type":"{kind}","object":{object}}}"#).as_bytes())
    }

    #[test]
    fn lines_are_what_is_between_line_feeds_however_they_come() {
        let mut lines = Lines::default();
        let mut all = Vec::new();
        for piece in ["a", "b\nc", "\n\nd\ne\n", "f"] {
            lines.push(&mut bytes::Bytes::from(piece));
            while let Some(line) = lines.next().unwrap() {
                all.push(String::from_utf8(line).unwrap());
            }
        }
        assert_eq!(all, ["ab\n", "c\n", "\n", "d\n", "e\n"]);
        assert!(!lines.is_empty());
        lines.push(&mut bytes::Bytes::from(vec![b'x'; MAX_EVENT_BYTES]));
        assert!(matches!(lines.next(), Err(Error::Answer { .. })));
    }

    #[test]
    fn events_say_what_happened() {
        let object = r#"{"metadata":{"name":"sh.helm.release.v1.web.v2","namespace":"shop","resourceVersion":"7","labels":{"status":"deployed"}}}"#;
        for kind in ["ADDED", "MODIFIED"] {
            let Event::Is(versioned) = event(kind, object).unwrap() else {
                panic!("{kind}")
            };
            assert_eq!((versioned.version.as_str(), versioned.head.revision), ("7", 2));
        }
        assert!(matches!(event("DELETED", object).unwrap(), Event::IsGone(_)));
        let bookmark = event("BOOKMARK", r#"{"metadata":{"resourceVersion":"9"}}"#).unwrap();
        assert!(matches!(bookmark, Event::Passed(version) if version == "9"));
        // A Secret that is no record moves the place on, too.
        let odd = event("ADDED", r#"{"metadata":{"name":"odd","resourceVersion":"10"}}"#).unwrap();
        assert!(matches!(odd, Event::Passed(version) if version == "10"));
        let error = event("ERROR", r#"{"code":410,"message":"too old"}"#).unwrap_err();
        assert!(matches!(error, Error::Refused { code: 410, .. }));
        assert!(matches!(parse(b"{"), Err(Error::Unreadable { .. })));
    }
}
