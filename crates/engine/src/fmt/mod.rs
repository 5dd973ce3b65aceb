//! Go's fmt: verbs, flags and default formats for every kind.
