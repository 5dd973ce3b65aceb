//! Maps for keys that templates choose: names, texts.

/// A hash map that reads eight bytes at a time where the standard library's reads one word with four rounds each.
// Its state is random, so that nobody can write names that collide; what is looked up are at most a few thousand
// names and texts of one chart.
pub(crate) type HashMap<K, V> = std::collections::HashMap<K, V, foldhash::fast::RandomState>;
