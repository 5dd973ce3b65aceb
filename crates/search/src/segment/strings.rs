//! Texts kept once: many charts have the same keys, images and keywords.

use std::collections::HashMap;

use foldhash::fast::RandomState;

/// A part of a list or of a text.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) length: u32,
}

impl Span {
    pub(crate) fn of(start: usize, end: usize) -> Self {
        Self {
            start: start as u32,
            length: (end - start) as u32,
        }
    }

    pub(crate) fn range(self) -> std::ops::Range<usize> {
        let start = self.start as usize;
        start..start + self.length as usize
    }
}

/// Different texts by number.
#[derive(Default)]
pub(crate) struct Pool {
    text: String,
    ends: Vec<u32>,
}

impl Pool {
    pub(crate) fn get(&self, number: u32) -> &str {
        let at = number as usize;
        let start = at
            .checked_sub(1)
            .and_then(|before| self.ends.get(before))
            .copied()
            .unwrap_or_default();
        let end = self.ends.get(at).copied().unwrap_or(start);
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn n_bytes(&self) -> usize {
        self.text.capacity() + 4 * self.ends.capacity()
    }
}

/// A pool being filled.
#[derive(Default)]
pub(crate) struct PoolBuilder {
    pool: Pool,
    numbers: HashMap<Box<str>, u32, RandomState>,
}

impl PoolBuilder {
    pub(crate) fn add(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.pool.ends.len() as u32;
        self.pool.text.push_str(text);
        self.pool.ends.push(self.pool.text.len() as u32);
        self.numbers.insert(text.into(), number);
        number
    }

    pub(crate) fn finish(mut self) -> Pool {
        self.pool.text.shrink_to_fit();
        self.pool.ends.shrink_to_fit();
        self.pool
    }
}
