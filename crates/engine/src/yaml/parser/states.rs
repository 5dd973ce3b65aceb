//! One method for each state of the parser.

use std::borrow::Cow;

use super::{Parser, State, spanned, unexpected};
use crate::yaml::error::{Error, Mark};
use crate::yaml::event::{Event, Properties, ScalarStyle, Spanned};
use crate::yaml::scanner::{Data, Kind};

const DEFAULT_TAG_DIRECTIVES: [(&str, &str); 2] = [("!", "!"), ("!!", "tag:yaml.org,2002:")];

impl<'a> Parser<'a> {
    pub(super) fn step(&mut self) -> Result<Spanned<'a>, Error> {
        match self.state {
            State::StreamStart => self.stream_start(),
            State::ImplicitDocumentStart => self.document_start(true),
            State::DocumentStart => self.document_start(false),
            State::DocumentContent => self.document_content(),
            State::DocumentEnd => self.document_end(),
            State::BlockNode => self.node(true, false),
            State::BlockSequenceFirstEntry => self.block_sequence_entry(true),
            State::BlockSequenceEntry => self.block_sequence_entry(false),
            State::IndentlessSequenceEntry => self.indentless_sequence_entry(),
            State::BlockMappingFirstKey => self.block_mapping_key(true),
            State::BlockMappingKey => self.block_mapping_key(false),
            State::BlockMappingValue => self.block_mapping_value(),
            State::FlowSequenceFirstEntry => self.flow_sequence_entry(true),
            State::FlowSequenceEntry => self.flow_sequence_entry(false),
            State::FlowSequenceEntryMappingKey => self.flow_sequence_entry_mapping_key(),
            State::FlowSequenceEntryMappingValue => self.flow_sequence_entry_mapping_value(),
            State::FlowSequenceEntryMappingEnd => self.flow_sequence_entry_mapping_end(),
            State::FlowMappingFirstKey => self.flow_mapping_key(true),
            State::FlowMappingKey => self.flow_mapping_key(false),
            State::FlowMappingValue => self.flow_mapping_value(false),
            State::FlowMappingEmptyValue => self.flow_mapping_value(true),
            State::End => Ok(spanned(Event::StreamEnd, Mark::default(), Mark::default())),
        }
    }

    fn stream_start(&mut self) -> Result<Spanned<'a>, Error> {
        let (_, start, end) = self.look()?;
        self.take();
        self.state = State::ImplicitDocumentStart;
        Ok(spanned(Event::StreamStart, start, end))
    }

    fn document_start(&mut self, implicit: bool) -> Result<Spanned<'a>, Error> {
        if !implicit {
            while self.peek()? == Kind::DocumentEnd {
                self.take();
            }
        }
        let (kind, start, end) = self.look()?;
        if kind == Kind::StreamEnd {
            self.state = State::End;
            self.take();
            return Ok(spanned(Event::StreamEnd, start, end));
        }
        let has_marker = matches!(
            kind,
            Kind::VersionDirective | Kind::TagDirective | Kind::DocumentStart
        );
        self.process_directives()?;
        self.states.push(State::DocumentEnd);
        if implicit && !has_marker {
            self.state = State::BlockNode;
            return Ok(spanned(Event::DocumentStart { explicit: false }, start, end));
        }
        let (kind, at, end) = self.look()?;
        if kind != Kind::DocumentStart {
            return Err(unexpected("did not find expected <document start>", at));
        }
        self.take();
        self.state = State::DocumentContent;
        Ok(spanned(Event::DocumentStart { explicit: true }, start, end))
    }

    fn document_content(&mut self) -> Result<Spanned<'a>, Error> {
        let (kind, start, _) = self.look()?;
        match kind {
            Kind::VersionDirective
            | Kind::TagDirective
            | Kind::DocumentStart
            | Kind::DocumentEnd
            | Kind::StreamEnd => {
                self.pop_state();
                Ok(empty_scalar(start))
            }
            _ => self.node(true, false),
        }
    }

    fn document_end(&mut self) -> Result<Spanned<'a>, Error> {
        let (kind, start, token_end) = self.look()?;
        let explicit = kind == Kind::DocumentEnd;
        let end = if explicit { token_end } else { start };
        if explicit {
            self.take();
        }
        self.tag_directives.clear();
        self.state = State::DocumentStart;
        Ok(spanned(Event::DocumentEnd { explicit }, start, end))
    }

    fn process_directives(&mut self) -> Result<(), Error> {
        let mut has_version = false;
        loop {
            let (kind, start, _) = self.look()?;
            match kind {
                Kind::VersionDirective => {
                    if has_version {
                        return Err(unexpected("found duplicate %YAML directive", start));
                    }
                    if !matches!(self.take().map(|t| t.data), Some(Data::Version(1, 1))) {
                        return Err(unexpected("found incompatible YAML document", start));
                    }
                    has_version = true;
                }
                Kind::TagDirective => {
                    if let Some(Data::Pair(pair)) = self.take().map(|t| t.data) {
                        if self.tag_directives.iter().any(|(handle, _)| *handle == pair.0) {
                            return Err(unexpected("found duplicate %TAG directive", start));
                        }
                        self.tag_directives.push(*pair);
                    }
                }
                _ => return Ok(()),
            }
        }
    }

    fn resolve_tag(&self, handle: &str, suffix: &str, at: Mark) -> Result<Box<str>, Error> {
        if handle.is_empty() {
            return Ok(suffix.into());
        }
        let own = self
            .tag_directives
            .iter()
            .map(|(handle, prefix)| (handle.as_str(), prefix.as_str()));
        let tag = own
            .chain(DEFAULT_TAG_DIRECTIVES)
            .find(|(known, _)| *known == handle)
            .map(|(_, prefix)| format!("{prefix}{suffix}").into_boxed_str());
        tag.filter(|tag| !tag.is_empty())
            .ok_or_else(|| unexpected("found undefined tag handle", at))
    }

    /// A node: alias, or properties and content.
    fn node(&mut self, block: bool, indentless_sequence: bool) -> Result<Spanned<'a>, Error> {
        let (mut kind, start, mut end) = self.look()?;
        if kind == Kind::Alias {
            self.pop_state();
            let name = match self.take().map(|t| t.data) {
                Some(Data::Name(name)) => name,
                _ => "",
            };
            return Ok(spanned(Event::Alias { name }, start, end));
        }
        end = if matches!(kind, Kind::Anchor | Kind::Tag) {
            end
        } else {
            start
        };
        // Anchor and tag in either order, one of each.
        let mut anchor = None;
        let mut tag = None;
        while (kind == Kind::Anchor && anchor.is_none()) || (kind == Kind::Tag && tag.is_none()) {
            let Some(token) = self.take() else { break };
            end = token.end;
            match token.data {
                Data::Name(name) => anchor = Some(name),
                Data::Pair(pair) => tag = Some((pair, token.start)),
                _ => {}
            }
            kind = self.peek()?;
        }
        let tag = match tag {
            Some((pair, at)) => Some(self.resolve_tag(&pair.0, &pair.1, at)?),
            None => None,
        };
        let properties = Properties { anchor, tag };
        let has_tag = properties.tag.is_some();
        let has_properties = has_tag || properties.anchor.is_some();
        let (kind, token_start, token_end) = self.look()?;
        let (event, next) = match kind {
            Kind::BlockEntry if indentless_sequence => (
                Event::SequenceStart {
                    flow: false,
                    properties,
                },
                State::IndentlessSequenceEntry,
            ),
            Kind::Scalar => {
                let (value, style) = match self.take().map(|t| t.data) {
                    Some(Data::Scalar(value, style)) => (value, style),
                    _ => (Cow::Borrowed(""), ScalarStyle::Plain),
                };
                let implicit = match properties.tag.as_deref() {
                    None => style == ScalarStyle::Plain,
                    Some(tag) => tag == "!",
                };
                self.pop_state();
                return Ok(spanned(
                    Event::Scalar {
                        value,
                        style,
                        implicit,
                        properties,
                    },
                    start,
                    token_end,
                ));
            }
            Kind::FlowSequenceStart => (
                Event::SequenceStart {
                    flow: true,
                    properties,
                },
                State::FlowSequenceFirstEntry,
            ),
            Kind::FlowMappingStart => (
                Event::MappingStart {
                    flow: true,
                    properties,
                },
                State::FlowMappingFirstKey,
            ),
            Kind::BlockSequenceStart if block => (
                Event::SequenceStart {
                    flow: false,
                    properties,
                },
                State::BlockSequenceFirstEntry,
            ),
            Kind::BlockMappingStart if block => (
                Event::MappingStart {
                    flow: false,
                    properties,
                },
                State::BlockMappingFirstKey,
            ),
            _ if has_properties => {
                self.pop_state();
                let event = Event::Scalar {
                    value: Cow::Borrowed(""),
                    style: ScalarStyle::Plain,
                    implicit: !has_tag,
                    properties,
                };
                return Ok(spanned(event, start, end));
            }
            _ => return Err(unexpected("did not find expected node content", token_start)),
        };
        self.state = next;
        Ok(spanned(event, start, token_end))
    }

    fn block_sequence_entry(&mut self, first: bool) -> Result<Spanned<'a>, Error> {
        if first {
            self.take();
        }
        let (kind, start, end) = self.look()?;
        match kind {
            Kind::BlockEntry => {
                self.take();
                if matches!(self.peek()?, Kind::BlockEntry | Kind::BlockEnd) {
                    self.state = State::BlockSequenceEntry;
                    return Ok(empty_scalar(end));
                }
                self.states.push(State::BlockSequenceEntry);
                self.node(true, false)
            }
            Kind::BlockEnd => {
                self.pop_state();
                self.take();
                Ok(spanned(Event::SequenceEnd, start, end))
            }
            _ => Err(unexpected("did not find expected '-' indicator", start)),
        }
    }

    fn indentless_sequence_entry(&mut self) -> Result<Spanned<'a>, Error> {
        let (kind, start, end) = self.look()?;
        if kind != Kind::BlockEntry {
            self.pop_state();
            return Ok(spanned(Event::SequenceEnd, start, start));
        }
        self.take();
        if matches!(
            self.peek()?,
            Kind::BlockEntry | Kind::Key | Kind::Value | Kind::BlockEnd
        ) {
            self.state = State::IndentlessSequenceEntry;
            return Ok(empty_scalar(end));
        }
        self.states.push(State::IndentlessSequenceEntry);
        self.node(true, false)
    }

    fn block_mapping_key(&mut self, first: bool) -> Result<Spanned<'a>, Error> {
        if first {
            self.take();
        }
        let (kind, start, end) = self.look()?;
        match kind {
            Kind::Key => {
                self.take();
                if matches!(self.peek()?, Kind::Key | Kind::Value | Kind::BlockEnd) {
                    self.state = State::BlockMappingValue;
                    return Ok(empty_scalar(end));
                }
                self.states.push(State::BlockMappingValue);
                self.node(true, true)
            }
            Kind::BlockEnd => {
                self.pop_state();
                self.take();
                Ok(spanned(Event::MappingEnd, start, end))
            }
            _ => Err(unexpected("did not find expected key", start)),
        }
    }

    fn block_mapping_value(&mut self) -> Result<Spanned<'a>, Error> {
        let (kind, start, end) = self.look()?;
        if kind != Kind::Value {
            self.state = State::BlockMappingKey;
            return Ok(empty_scalar(start));
        }
        self.take();
        if matches!(self.peek()?, Kind::Key | Kind::Value | Kind::BlockEnd) {
            self.state = State::BlockMappingKey;
            return Ok(empty_scalar(end));
        }
        self.states.push(State::BlockMappingKey);
        self.node(true, true)
    }

    fn flow_sequence_entry(&mut self, first: bool) -> Result<Spanned<'a>, Error> {
        if first {
            self.take();
        }
        let (mut kind, mut start, mut end) = self.look()?;
        if kind != Kind::FlowSequenceEnd {
            if !first {
                if kind != Kind::FlowEntry {
                    return Err(unexpected("did not find expected ',' or ']'", start));
                }
                self.take();
                (kind, start, end) = self.look()?;
            }
            if kind == Kind::Key {
                self.take();
                self.state = State::FlowSequenceEntryMappingKey;
                let event = Event::MappingStart {
                    flow: true,
                    properties: Properties::default(),
                };
                return Ok(spanned(event, start, end));
            }
            if kind != Kind::FlowSequenceEnd {
                self.states.push(State::FlowSequenceEntry);
                return self.node(false, false);
            }
        }
        self.pop_state();
        self.take();
        Ok(spanned(Event::SequenceEnd, start, end))
    }

    fn flow_sequence_entry_mapping_key(&mut self) -> Result<Spanned<'a>, Error> {
        let (kind, _, end) = self.look()?;
        if !matches!(kind, Kind::Value | Kind::FlowEntry | Kind::FlowSequenceEnd) {
            self.states.push(State::FlowSequenceEntryMappingValue);
            return self.node(false, false);
        }
        // libyaml takes the token here, so `[? : x]` reads as `[{null: null}]` or fails: kept as it is.
        self.take();
        self.state = State::FlowSequenceEntryMappingValue;
        Ok(empty_scalar(end))
    }

    fn flow_sequence_entry_mapping_value(&mut self) -> Result<Spanned<'a>, Error> {
        let (kind, mut start, _) = self.look()?;
        if kind == Kind::Value {
            self.take();
            let (kind, after, _) = self.look()?;
            start = after;
            if !matches!(kind, Kind::FlowEntry | Kind::FlowSequenceEnd) {
                self.states.push(State::FlowSequenceEntryMappingEnd);
                return self.node(false, false);
            }
        }
        self.state = State::FlowSequenceEntryMappingEnd;
        Ok(empty_scalar(start))
    }

    fn flow_sequence_entry_mapping_end(&mut self) -> Result<Spanned<'a>, Error> {
        let (_, start, _) = self.look()?;
        self.state = State::FlowSequenceEntry;
        Ok(spanned(Event::MappingEnd, start, start))
    }

    fn flow_mapping_key(&mut self, first: bool) -> Result<Spanned<'a>, Error> {
        if first {
            self.take();
        }
        let (mut kind, mut start, mut end) = self.look()?;
        if kind != Kind::FlowMappingEnd {
            if !first {
                if kind != Kind::FlowEntry {
                    return Err(unexpected("did not find expected ',' or '}'", start));
                }
                self.take();
                (kind, start, end) = self.look()?;
            }
            if kind == Kind::Key {
                self.take();
                let (kind, start, _) = self.look()?;
                if matches!(kind, Kind::Value | Kind::FlowEntry | Kind::FlowMappingEnd) {
                    self.state = State::FlowMappingValue;
                    return Ok(empty_scalar(start));
                }
                self.states.push(State::FlowMappingValue);
                return self.node(false, false);
            }
            if kind != Kind::FlowMappingEnd {
                self.states.push(State::FlowMappingEmptyValue);
                return self.node(false, false);
            }
        }
        self.pop_state();
        self.take();
        Ok(spanned(Event::MappingEnd, start, end))
    }

    fn flow_mapping_value(&mut self, empty: bool) -> Result<Spanned<'a>, Error> {
        let (kind, mut start, _) = self.look()?;
        self.state = State::FlowMappingKey;
        if !empty && kind == Kind::Value {
            self.take();
            let (kind, after, _) = self.look()?;
            start = after;
            if !matches!(kind, Kind::FlowEntry | Kind::FlowMappingEnd) {
                self.states.push(State::FlowMappingKey);
                return self.node(false, false);
            }
        }
        Ok(empty_scalar(start))
    }
}

fn empty_scalar<'a>(at: Mark) -> Spanned<'a> {
    let event = Event::Scalar {
        value: Cow::Borrowed(""),
        style: ScalarStyle::Plain,
        implicit: true,
        properties: Properties::default(),
    };
    spanned(event, at, at)
}
