//! Words that are near to one, as an automaton that a dictionary is searched with.
//!
//! An edit is a letter too many, a letter missing, a wrong letter, or two neighbours in the wrong order (optimal string
//! alignment). The automaton is the bit-parallel one of Wu and Manber, one word of bits for each number of edits, with
//! one more for a transposition that has begun. Letters are bytes: queries are folded, and what is not ASCII is
//! compared by its bytes.

use fst::Automaton;

/// Most edits that are asked for.
pub(crate) const MAX_EDITS: usize = 2;
/// Longer patterns do not fit the bits, and are not searched for.
const MAX_PATTERN_BYTES: usize = 62;

/// Accepts what is within some edits of a pattern.
pub(crate) struct Near {
    /// For each byte, the places where the pattern has it.
    places: Box<[u64; 256]>,
    length: usize,
    n_edits: usize,
    /// What continues a match matches, too.
    prefix: bool,
}

/// For each number of edits, which beginnings of the pattern are matched by what was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct State {
    matched: [u64; MAX_EDITS + 1],
    swapping: [u64; MAX_EDITS],
}

impl Near {
    /// An automaton for `pattern`, none where it is too long.
    pub(crate) fn new(pattern: &str, n_edits: usize) -> Option<Self> {
        let bytes = pattern.as_bytes();
        if bytes.is_empty() || bytes.len() > MAX_PATTERN_BYTES || n_edits > MAX_EDITS {
            return None;
        }
        let mut places = Box::new([0; 256]);
        for (at, byte) in bytes.iter().enumerate() {
            if let Some(place) = places.get_mut(usize::from(*byte)) {
                *place |= 1 << at;
            }
        }
        Some(Self {
            places,
            length: bytes.len(),
            n_edits,
            prefix: false,
        })
    }

    /// The same for words that begin with something near to the pattern.
    pub(crate) fn prefix(mut self) -> Self {
        self.prefix = true;
        self
    }

    /// The number of edits between the pattern and `word`, where it is within the limit.
    pub(crate) fn distance(&self, word: &str) -> Option<usize> {
        let mut state = self.start();
        for byte in word.bytes() {
            state = self.accept(&state, byte);
        }
        self.edits(&state)
    }

    fn edits(&self, state: &State) -> Option<usize> {
        let end = 1 << self.length;
        (0..=self.n_edits).find(|edits| state.matched.get(*edits).is_some_and(|bits| bits & end != 0))
    }
}

impl Automaton for Near {
    type State = State;

    fn start(&self) -> State {
        let mut matched = [0; MAX_EDITS + 1];
        for (edits, bits) in matched.iter_mut().enumerate().take(self.n_edits + 1) {
            // So many letters may be missing.
            *bits = ((1u64 << (edits + 1)) - 1) & self.all();
        }
        State {
            matched,
            swapping: [0; MAX_EDITS],
        }
    }

    fn is_match(&self, state: &State) -> bool {
        self.edits(state).is_some()
    }

    fn can_match(&self, state: &State) -> bool {
        state.matched.iter().any(|bits| *bits != 0)
    }

    fn accept(&self, state: &State, byte: u8) -> State {
        let places = self.places.get(usize::from(byte)).copied().unwrap_or_default();
        let all = self.all();
        let end = 1u64 << self.length;
        let mut next = State {
            matched: [0; MAX_EDITS + 1],
            swapping: [0; MAX_EDITS],
        };
        let mut fewer_before = 0;
        let mut fewer_now = 0;
        let mut swapped = 0;
        for (edits, (now, new)) in state.matched.iter().zip(next.matched.iter_mut()).enumerate() {
            if edits > self.n_edits {
                break;
            }
            // The letter itself; else, with one edit less: a letter too many, a wrong one, a missing one, a swap.
            let mut bits =
                ((now & places) << 1) | fewer_before | (fewer_before << 1) | (fewer_now << 1) | swapped;
            if self.prefix {
                bits |= now & end;
            }
            *new = bits & all;
            fewer_before = *now;
            fewer_now = *new;
            let begun = state.swapping.get(edits).copied().unwrap_or_default();
            swapped = (begun & places) << 2;
            if let Some(swapping) = next.swapping.get_mut(edits) {
                *swapping = now & (places >> 1);
            }
        }
        next
    }
}

impl Near {
    fn all(&self) -> u64 {
        (1 << (self.length + 1)) - 1
    }
}

/// The edits that are forgiven in a word: one from 4 letters, two from 8.
pub(crate) fn patience(word: &str) -> usize {
    match word.chars().count() {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use fst::Automaton;
    use proptest::prelude::*;

    use super::Near;

    /// Optimal string alignment distance by the book.
    fn by_the_book(a: &[u8], b: &[u8]) -> usize {
        let mut rows = vec![vec![0usize; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                rows[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let cost = usize::from(a[i - 1] != b[j - 1]);
                    let mut best = (rows[i - 1][j] + 1)
                        .min(rows[i][j - 1] + 1)
                        .min(rows[i - 1][j - 1] + cost);
                    if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        best = best.min(rows[i - 2][j - 2] + 1);
                    }
                    best
                };
            }
        }
        rows[a.len()][b.len()]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]
        #[test]
        fn distances_are_those_of_the_book(a in "[abc]{1,9}", b in "[abc]{0,9}", edits in 0usize..=2) {
            let expected = by_the_book(a.as_bytes(), b.as_bytes());
            let near = Near::new(&a, edits).expect("short");
            prop_assert_eq!(near.distance(&b), (expected <= edits).then_some(expected));
        }
    }

    #[test]
    fn a_swap_is_one_edit() {
        let near = Near::new("grafana", 1).expect("short");
        assert_eq!(near.distance("garfana"), Some(1));
        assert_eq!(near.distance("grafaan"), Some(1));
        assert_eq!(near.distance("grafana"), Some(0));
        assert_eq!(near.distance("gafarna"), None);
    }

    #[test]
    fn a_beginning_is_enough_where_that_is_asked_for() {
        let near = Near::new("promethues", 1).expect("short").prefix();
        assert_eq!(near.distance("prometheusstack"), Some(1));
        let mut state = near.start();
        for byte in *b"xyz" {
            state = near.accept(&state, byte);
        }
        assert!(!near.can_match(&state));
    }
}
