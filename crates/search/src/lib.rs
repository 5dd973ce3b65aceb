//! Search over the catalog: an index in memory that forgives.
