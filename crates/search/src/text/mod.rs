//! Text into tokens, the same way for documents and for queries.
//!
//! A token is folded: lower case, without accents, compatibility forms replaced (NFKD). Words in camel case are told
//! apart and kept joined as well, so that `existingSecret` is found by `existing`, `secret` and `existingsecret`.
//! Scripts without spaces are cut into overlapping pairs. Stems are in `stem`.

mod stem;

pub(crate) use stem::Stems;

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longer words are not words: keys, digests, encoded pictures.
pub(crate) const MAX_TOKEN_BYTES: usize = 48;

/// What a token is within its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A whole word.
    Word,
    /// One part of a word in camel case; the parts come before their [`TokenKind::Joined`].
    Part,
    /// A word in camel case as a whole.
    Joined,
    /// A version such as `1.2.3`, without its `v`.
    Version,
}

/// A folded word and where it stands.
#[derive(Debug)]
pub(crate) struct Token<'a> {
    pub(crate) text: &'a str,
    /// Bytes of the original text.
    pub(crate) range: Range<usize>,
    pub(crate) kind: TokenKind,
}

/// Cuts texts into tokens; holds the buffer that their folded forms are written to.
#[derive(Default)]
pub(crate) struct Tokenizer {
    folded: String,
}

impl Tokenizer {
    /// Hands every token of `text` to `emit`, in order, until it answers `false`.
    pub(crate) fn run(&mut self, text: &str, mut emit: impl FnMut(Token<'_>) -> bool) {
        let mut rest = Scanner { text, at: 0 };
        while let Some(run) = rest.next_run() {
            let range = run.start..run.end;
            let Some(word) = text.get(range.clone()) else {
                return;
            };
            let goes_on = match run.script {
                Script::Pairs => self.pairs(word, run.start, &mut emit),
                Script::Version => {
                    let number = word.trim_start_matches(['v', 'V']);
                    self.one(
                        number,
                        run.end - number.len()..run.end,
                        TokenKind::Version,
                        &mut emit,
                    )
                }
                Script::Words => self.word(word, run.start, &mut emit),
            };
            if !goes_on {
                return;
            }
        }
    }

    fn word(&mut self, word: &str, start: usize, emit: &mut impl FnMut(Token<'_>) -> bool) -> bool {
        let whole = start..start + word.len();
        let mut from = 0;
        let mut n_parts = 0;
        for at in camel_boundaries(word) {
            let part = word.get(from..at).unwrap_or_default();
            if !self.one(part, start + from..start + at, TokenKind::Part, emit) {
                return false;
            }
            from = at;
            n_parts += 1;
        }
        if n_parts == 0 {
            return self.one(word, whole, TokenKind::Word, emit);
        }
        let part = word.get(from..).unwrap_or_default();
        self.one(part, start + from..whole.end, TokenKind::Part, emit)
            && self.one(word, whole, TokenKind::Joined, emit)
    }

    fn pairs(&mut self, run: &str, start: usize, emit: &mut impl FnMut(Token<'_>) -> bool) -> bool {
        let mut ends = run.char_indices().map(|(at, c)| at + c.len_utf8());
        let first_end = ends.next().unwrap_or_default();
        let mut from = 0;
        let mut n_pairs = 0;
        let mut second = first_end;
        for end in ends {
            let pair = run.get(from..end).unwrap_or_default();
            if !self.one(pair, start + from..start + end, TokenKind::Word, emit) {
                return false;
            }
            n_pairs += 1;
            from = second;
            second = end;
        }
        n_pairs > 0 || self.one(run, start..start + run.len(), TokenKind::Word, emit)
    }

    fn one(
        &mut self,
        word: &str,
        range: Range<usize>,
        kind: TokenKind,
        emit: &mut impl FnMut(Token<'_>) -> bool,
    ) -> bool {
        if word.len() > MAX_TOKEN_BYTES {
            return true;
        }
        self.folded.clear();
        fold_into(word, &mut self.folded);
        if self.folded.is_empty() || self.folded.len() > MAX_TOKEN_BYTES {
            return true;
        }
        emit(Token {
            text: &self.folded,
            range,
            kind,
        })
    }
}

/// All letters and digits of a text, folded and without anything between them: `Cert-Manager` is `certmanager`.
pub(crate) fn squeeze(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_into(text, &mut folded);
    folded.retain(char::is_alphanumeric);
    if folded.len() > MAX_TOKEN_BYTES {
        let end = (0..=MAX_TOKEN_BYTES)
            .rev()
            .find(|at| folded.is_char_boundary(*at))
            .unwrap_or_default();
        folded.truncate(end);
    }
    folded
}

/// Appends `text` in lower case and without accents.
fn fold_into(text: &str, out: &mut String) {
    if text.is_ascii() {
        out.extend(text.bytes().map(|byte| char::from(byte.to_ascii_lowercase())));
        return;
    }
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)) {
        out.extend(c.to_lowercase());
    }
}

/// Where a word in camel case is cut: before a capital after a small letter, and before the last capital of several.
fn camel_boundaries(word: &str) -> Vec<usize> {
    // Most words have none, and should not cost an allocation.
    if !word.chars().skip(1).any(char::is_uppercase) || !word.chars().any(char::is_lowercase) {
        return Vec::new();
    }
    let letters: Vec<(usize, char)> = word.char_indices().collect();
    letters
        .windows(2)
        .enumerate()
        .filter_map(|(n, pair)| {
            let [(_, before), (at, c)] = pair else { return None };
            let next_is_lower = letters.get(n + 2).is_some_and(|(_, next)| next.is_lowercase());
            let is_cut =
                c.is_uppercase() && (before.is_lowercase() || (before.is_uppercase() && next_is_lower));
            is_cut.then_some(*at)
        })
        .collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Words,
    Pairs,
    Version,
}

struct Run {
    start: usize,
    end: usize,
    script: Script,
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl Scanner<'_> {
    fn next_run(&mut self) -> Option<Run> {
        let rest = self.text.get(self.at..)?;
        let start = self.at + rest.find(char::is_alphanumeric)?;
        let rest = self.text.get(start..)?;
        if let Some(length) = version_length(rest) {
            self.at = start + length;
            return Some(Run {
                start,
                end: self.at,
                script: Script::Version,
            });
        }
        let is_pairs = rest.chars().next().is_some_and(has_no_spaces);
        let length = rest
            .char_indices()
            .find(|(_, c)| !(c.is_alphanumeric() || is_combining_mark(*c)) || has_no_spaces(*c) != is_pairs)
            .map_or(rest.len(), |(at, _)| at);
        self.at = start + length;
        Some(Run {
            start,
            end: self.at,
            script: if is_pairs { Script::Pairs } else { Script::Words },
        })
    }
}

/// The length of a version at the beginning of `text`: numbers with dots between them, perhaps after a `v`.
fn version_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let mut end = usize::from(matches!(bytes.first(), Some(b'v' | b'V')));
    let mut n_numbers = 0;
    loop {
        let n = digits(end);
        if n == 0 {
            break;
        }
        n_numbers += 1;
        end += n;
        if bytes.get(end) != Some(&b'.') || digits(end + 1) == 0 {
            break;
        }
        end += 1;
    }
    let next = text.get(end..).and_then(|rest| rest.chars().next());
    (n_numbers >= 2 && !next.is_some_and(char::is_alphanumeric)).then_some(end)
}

/// Scripts whose words are not set apart by spaces: Han, Kana and Hangul.
fn has_no_spaces(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}')
}

#[cfg(test)]
mod tests {
    use super::{TokenKind, Tokenizer, squeeze};

    fn tokens(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        Tokenizer::default().run(text, |token| {
            assert!(text.get(token.range.clone()).is_some(), "{token:?}");
            let mark = match token.kind {
                TokenKind::Word => "",
                TokenKind::Part => "/",
                TokenKind::Joined => "=",
                TokenKind::Version => "v",
            };
            found.push(format!("{mark}{}", token.text));
            true
        });
        found
    }

    #[test]
    fn words_are_folded_and_cut_at_what_is_no_letter() {
        assert_eq!(
            tokens("Cert-Manager, für Zürich_2!"),
            ["cert", "manager", "fur", "zurich", "2"]
        );
        assert_eq!(tokens("cafe\u{301}"), ["cafe"]);
        assert_eq!(tokens(""), Vec::<String>::new());
    }

    #[test]
    fn camel_case_is_told_apart_and_kept_joined() {
        assert_eq!(
            tokens("auth.existingSecret"),
            ["auth", "/existing", "/secret", "=existingsecret"]
        );
        assert_eq!(tokens("HTTPServer"), ["/http", "/server", "=httpserver"]);
        assert_eq!(tokens("RabbitMQ"), ["/rabbit", "/mq", "=rabbitmq"]);
        assert_eq!(tokens("REDIS"), ["redis"]);
    }

    #[test]
    fn versions_stay_whole() {
        assert_eq!(tokens("nginx:v1.25.3-alpine"), ["nginx", "v1.25.3", "alpine"]);
        assert_eq!(tokens("k8s 3.x v2"), ["k8s", "3", "x", "v2"]);
    }

    #[test]
    fn scripts_without_spaces_become_pairs() {
        assert_eq!(tokens("消息队列x"), ["消息", "息队", "队列", "x"]);
        assert_eq!(tokens("库"), ["库"]);
    }

    #[test]
    fn what_is_too_long_for_a_word_is_none() {
        assert_eq!(tokens(&"a".repeat(49)), Vec::<String>::new());
        assert_eq!(squeeze(&"é".repeat(100)).len(), 48);
        assert_eq!(squeeze("Kube-Prometheus Stack"), "kubeprometheusstack");
    }
}
