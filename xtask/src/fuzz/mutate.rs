//! Changing inputs blindly, but in ways that texts with a grammar care about.

/// SplitMix64.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `n`, or 0.
    pub(super) fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % (n.max(1) as u64)).unwrap_or(0)
    }

    fn pick<'t, T>(&mut self, from: &'t [T]) -> Option<&'t T> {
        from.get(self.below(from.len()))
    }
}

/// Larger ones find nothing that smaller ones do not, and take longer.
const MAX_BYTES: usize = 64 << 10;

const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "65536",
    "2147483648",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551616",
    "1e309",
    "0x1p-1074",
    "1_000",
    "0.1e-7",
    "NaN",
];

const BYTES: &[u8] = b"\0\t\n\r \"#$%&'()*+,-./019:;<=>?@AZ[\\]_`az{|}~\x7F\x80\xBF\xC2\xE2\xFF";

/// One of the seeds, changed in a few places.
pub(super) fn mutant(random: &mut Random, seeds: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
    let mut input = random.pick(seeds).cloned().unwrap_or_default();
    for _ in 0..=random.below(6) {
        change(random, &mut input, seeds, words);
    }
    input.truncate(MAX_BYTES);
    input
}

fn change(random: &mut Random, input: &mut Vec<u8>, seeds: &[Vec<u8>], words: &[&str]) {
    let at = random.below(input.len() + 1);
    match random.below(9) {
        0 => {
            if let Some(byte) = input.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
        1 | 2 => insert(input, at, &[*random.pick(BYTES).unwrap_or(&b' ')]),
        3 => {
            let piece = piece(random, input);
            insert(input, at, &piece);
        }
        4 => {
            let end = (at + 1 + random.below(20)).min(input.len());
            input.drain(at.min(end)..end);
        }
        5 | 6 => {
            let word = random.pick(words).copied().unwrap_or(" ");
            insert(input, at, word.as_bytes());
        }
        7 => {
            let number = random.pick(NUMBERS).copied().unwrap_or("0");
            let end = input
                .iter()
                .skip(at)
                .take_while(|byte| byte.is_ascii_digit())
                .count()
                + at;
            input.splice(at..end, number.bytes());
        }
        _ => {
            let other = random.pick(seeds).cloned().unwrap_or_default();
            let piece = piece(random, &other);
            insert(input, at, &piece);
        }
    }
}

fn insert(input: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    input.splice(at..at, bytes.iter().copied());
}

/// A part of an input, mostly short.
fn piece(random: &mut Random, of: &[u8]) -> Vec<u8> {
    let start = random.below(of.len());
    let longest = if random.below(8) == 0 { 2_000 } else { 40 };
    let length = 1 + random.below(longest);
    of.iter().copied().skip(start).take(length).collect()
}
