//! Maps for keys that templates choose: names, texts.

/// A hash map with foldhash, which takes a fraction of SipHash's work for long keys.
// Its seed differs from process to process, which makes collisions hard to write, not impossible: what is kept here are
// the names and texts of one chart, whose number the archive reader bounds.
pub(crate) type HashMap<K, V> = std::collections::HashMap<K, V, foldhash::fast::RandomState>;
