//! YAML as Helm reads and prints it: sigs.k8s.io/yaml over go-yaml v2, and go-yaml v3 for `toYamlPretty`.
//!
//! Two layers can be used from outside:
//!
//! * **Events**, for reading large or unknown documents without building a tree. They are libyaml's, YAML 1.1:
//!
//!   ```
//!   use engine::yaml::{Event, Parser, Source};
//!
//!   let source = Source::new(b"a: [x, y]");
//!   let mut scalars = Vec::new();
//!   for spanned in Parser::new(&source) {
//!       // `spanned.start` and `.end` are marks: byte offset, line and column from 0.
//!       if let Event::Scalar { value, .. } = spanned?.event {
//!           scalars.push(value);
//!       }
//!   }
//!   assert_eq!(scalars, ["a", "x", "y"]);
//!   # Ok::<(), engine::yaml::Error>(())
//!   ```
//!
//!   A stream is `StreamStart`, documents, `StreamEnd`; a document is `DocumentStart`, one node, `DocumentEnd`; a node
//!   is `Scalar`, `Alias`, or a `SequenceStart` … `SequenceEnd` / `MappingStart` … `MappingEnd` with nodes between
//!   (in a mapping keys and values in turn). Scalars are text: what a plain one means is for [`resolve`] to say.
//!   Values are borrowed from the source wherever they stand there unchanged. After an error there are no more events.
//!   Depth is bounded ([`DEFAULT_MAX_DEPTH`], or `Parser::with_max_depth`); aliases are not expanded.
//!
//! * **Values**: [`decode`], [`decode_map`] and [`decode_list`] read them as `fromYaml` and values files do, [`encode`]
//!   and [`encode_pretty`] print them as `toYaml` and `toYamlPretty`.

mod compose;
mod decode;
mod emit;
mod error;
mod event;
mod parser;
mod resolve;
mod scanner;
mod source;

pub use decode::{DecodeError, decode, decode_exact, decode_list, decode_map, decode_strict};
pub use emit::{YamlEncodeError, encode, encode_pretty};
pub use error::{Error, Mark, Stage};
pub use event::{Event, Properties, ScalarStyle, Spanned};
pub use parser::{DEFAULT_MAX_DEPTH, Parser};
pub use resolve::{Dialect, Resolved, is_base60, is_old_bool, is_timestamp, resolve, resolve_tagged};
pub use source::Source;
