//! Server-sent events, from bytes as they come.
//!
//! As much of the format of the HTML standard as the API uses: `id` and `data`; comments, which keep connections open, are
//! passed over.

/// The longest event that is read, in bytes: an event holds at most what a container printed of one hook.
const MAX_EVENT_BYTES: usize = 4 << 20;

/// An event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) data: String,
}

/// Puts events together.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    line: Vec<u8>,
    event: Event,
    has_data: bool,
    /// The last byte was a carriage return, so that a line feed belongs to it.
    after_return: bool,
}

/// An event is too long to be one of ours.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

impl Reader {
    /// The events that end within `bytes`.
    pub(crate) fn read(&mut self, bytes: &[u8]) -> Result<Vec<Event>, TooLong> {
        let mut events = Vec::new();
        for byte in bytes {
            let was_return = std::mem::replace(&mut self.after_return, *byte == b'\r');
            match byte {
                b'\n' if was_return => {}
                b'\n' | b'\r' => events.extend(self.end_line()),
                other => self.line.push(*other),
            }
            if self.line.len() + self.event.data.len() > MAX_EVENT_BYTES {
                return Err(TooLong);
            }
        }
        Ok(events)
    }

    fn end_line(&mut self) -> Option<Event> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            return std::mem::take(&mut self.has_data).then_some(event);
        }
        let line = String::from_utf8_lossy(&line);
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "id" => value.clone_into(&mut self.event.id),
            "data" => {
                if std::mem::replace(&mut self.has_data, true) {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
            }
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = ": hello\n\nid: 1\ndata: {\"a\":1}\n\nid:2\r\ndata: x\r\ndata:  y\r\n\r\nevent: e\n\ndata\n\nid: 3\ndata: cut";

    fn event(id: &str, data: &str) -> Event {
        Event {
            id: id.to_owned(),
            data: data.to_owned(),
        }
    }

    #[test]
    fn events_are_the_same_however_the_bytes_are_cut() {
        let want = [event("1", "{\"a\":1}"), event("2", "x\n y"), event("", "")];
        for length in 1..=STREAM.len() {
            let mut reader = Reader::default();
            let mut found = Vec::new();
            for part in STREAM.as_bytes().chunks(length) {
                found.extend(reader.read(part).expect("it is short"));
            }
            assert_eq!(found, want, "in parts of {length} bytes");
        }
    }

    #[test]
    fn what_never_ends_is_given_up() {
        let mut reader = Reader::default();
        let part = [b'x'; 1 << 16];
        let result = (0..1_000).find_map(|_| reader.read(&part).err());
        assert_eq!(result, Some(TooLong));
    }
}
