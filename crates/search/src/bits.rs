//! A set of documents of one segment.

/// Document numbers; asking costs a shift.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    /// No document of so many.
    pub(crate) fn none(n: usize) -> Self {
        Self(vec![0; n.div_ceil(64)])
    }

    pub(crate) fn insert(&mut self, doc: u32) {
        if let Some(word) = self.0.get_mut(doc as usize / 64) {
            *word |= 1 << (doc % 64);
        }
    }

    #[inline]
    pub(crate) fn contains(&self, doc: u32) -> bool {
        self.0
            .get(doc as usize / 64)
            .is_some_and(|word| word >> (doc % 64) & 1 != 0)
    }

    pub(crate) fn intersect(&mut self, other: &Self) {
        for (at, word) in self.0.iter_mut().enumerate() {
            *word &= other.0.get(at).copied().unwrap_or_default();
        }
    }

    pub(crate) fn unite(&mut self, other: &Self) {
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word |= more;
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        (0..).step_by(64).zip(&self.0).flat_map(|(start, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let at = (rest != 0).then(|| rest.trailing_zeros())?;
                rest &= rest - 1;
                Some(start + at)
            })
        })
    }

    pub(crate) fn retain(&mut self, mut keep: impl FnMut(u32) -> bool) {
        for (start, word) in (0..).step_by(64).zip(self.0.iter_mut()) {
            let mut rest = *word;
            while rest != 0 {
                let at = rest.trailing_zeros();
                rest &= rest - 1;
                if !keep(start + at) {
                    *word &= !(1 << at);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Bits;

    #[test]
    fn what_was_put_in_is_in() {
        let mut bits = Bits::none(130);
        for doc in [0, 63, 64, 129, 500] {
            bits.insert(doc);
        }
        assert_eq!(bits.iter().collect::<Vec<_>>(), [0, 63, 64, 129]);
        assert_eq!(bits.count(), 4);
        bits.retain(|doc| doc != 64);
        assert!(!bits.contains(64) && bits.contains(63));
        let mut other = Bits::none(130);
        other.insert(129);
        bits.intersect(&other);
        assert_eq!(bits.iter().collect::<Vec<_>>(), [129]);
        bits.unite(&Bits::none(130));
        assert_eq!(bits.count(), 1);
    }
}
