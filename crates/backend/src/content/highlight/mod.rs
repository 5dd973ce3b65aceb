//! Splits text into tokens for colouring: small scanners, one a family of languages.
//!
//! They colour what a reader of charts sees, and need not be right about every corner: a token is looks, never meaning.
//! Tokens are in order and do not overlap; what lies between them is plain.

mod config;
mod json;
mod markup;
mod shell;
mod template;
pub(super) mod yaml;

/// A coloured piece of text, as byte offsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) class: Class,
}

/// What a token is; the class names are short because a page holds thousands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Comment,
    Key,
    Text,
    Number,
    /// `true`, `null`, anchors, tags.
    Literal,
    /// `if`, `range`, section heads.
    Keyword,
    /// `$x`, `${X}`.
    Variable,
    Function,
    /// `{{` and `}}`.
    Delimiter,
    Added,
    Removed,
}

impl Class {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Comment => "hc",
            Self::Key => "hk",
            Self::Text => "hs",
            Self::Number => "hn",
            Self::Literal => "hl",
            Self::Keyword => "hw",
            Self::Variable => "hv",
            Self::Function => "hf",
            Self::Delimiter => "hd",
            Self::Added => "ha",
            Self::Removed => "hr",
        }
    }
}

/// The families of languages we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Yaml,
    /// YAML with Go template actions.
    YamlTemplate,
    /// Any text with Go template actions.
    Template,
    Json,
    Shell,
    /// TOML, INI, properties.
    Config,
    Markdown,
    Diff,
    Plain,
}

impl Language {
    /// By the name a code fence gives.
    pub(super) fn of_name(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "yaml" | "yml" => Self::YamlTemplate,
            "json" | "json5" | "jsonc" => Self::Json,
            "bash" | "sh" | "shell" | "console" | "zsh" | "shell-session" => Self::Shell,
            "toml" | "ini" | "properties" | "conf" | "cfg" => Self::Config,
            "gotpl" | "gotemplate" | "tpl" | "go-template" | "helm" => Self::YamlTemplate,
            "md" | "markdown" => Self::Markdown,
            "diff" | "patch" => Self::Diff,
            _ => Self::Plain,
        }
    }

    /// By a file's name and the folder it lies in.
    pub(super) fn of_path(path: &str) -> Self {
        let lower = path.to_ascii_lowercase();
        let name = lower.rsplit('/').next().unwrap_or(&lower);
        let in_templates = lower.split('/').any(|folder| folder == "templates");
        match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
            "yaml" | "yml" if in_templates => Self::YamlTemplate,
            "yaml" | "yml" | "lock" => Self::Yaml,
            "tpl" => Self::YamlTemplate,
            "json" => Self::Json,
            "sh" | "bash" => Self::Shell,
            "toml" | "ini" | "conf" | "cfg" | "properties" => Self::Config,
            "md" | "markdown" => Self::Markdown,
            "txt" if in_templates => Self::Template,
            "diff" | "patch" => Self::Diff,
            _ if name == ".helmignore" => Self::Config,
            _ => Self::Plain,
        }
    }
}

/// The tokens of a text.
pub(super) fn tokens(language: Language, text: &str) -> Vec<Token> {
    match language {
        Language::Yaml => yaml::scan(text).tokens,
        Language::YamlTemplate => template::over(text, |masked| yaml::scan(masked).tokens),
        Language::Template => template::over(text, |_| Vec::new()),
        Language::Json => json::tokens(text),
        Language::Shell => shell::tokens(text),
        Language::Config => config::tokens(text),
        Language::Markdown => markup::markdown(text),
        Language::Diff => markup::diff(text),
        Language::Plain => Vec::new(),
    }
}

/// The end of a quoted piece that starts at `start`; the end of its line where it is not closed there.
pub(super) fn quoted_end(text: &str, start: usize, escapes: bool) -> usize {
    let bytes = text.as_bytes();
    let quote = bytes.get(start).copied().unwrap_or_default();
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if escapes => at += 1,
            b'\n' => return at,
            _ if *byte == quote => return at + 1,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// Whether `text` is a number as configuration writes one.
pub(super) fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    digits.starts_with(|first: char| first.is_ascii_digit())
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-+".contains(&byte))
        && digits.bytes().filter(|byte| *byte == b'.').count() < 2
        && (digits.starts_with("0x")
            || digits
                .bytes()
                .all(|byte| byte.is_ascii_digit() || b"._eE+-".contains(&byte)))
}

#[cfg(test)]
mod tests {
    use super::{Language, tokens};

    /// Writes each token as `class:text`.
    fn shown(language: Language, text: &str) -> String {
        let parts: Vec<_> = tokens(language, text)
            .iter()
            .map(|token| format!("{}:{}", token.class.name(), &text[token.start..token.end]))
            .collect();
        parts.join(" ")
    }

    #[test]
    fn families() {
        let rows = [
            (Language::Yaml, "a: 1 # x", "hk:a hn:1 hc:# x"),
            (Language::Yaml, "\"a b\": 'c'", "hk:\"a b\" hs:'c'"),
            (
                Language::Yaml,
                "- name: x\n  on: true",
                "hk:name hs:x hk:on hl:true",
            ),
            (
                Language::Yaml,
                "a: |\n  b: c\nd: 1",
                "hk:a hl:| hs:  b: c hk:d hn:1",
            ),
            (
                Language::Yaml,
                "a: &x {b: 2, c: [d, \"e\"]}",
                "hk:a hl:&x hk:b hn:2 hk:c hs:d hs:\"e\"",
            ),
            (Language::Yaml, "url: http://x/#y", "hk:url hs:http://x/#y"),
            (
                Language::YamlTemplate,
                "a: {{ .Values.x }}",
                "hk:a hd:{{ hk:.Values.x hd:}}",
            ),
            (
                Language::YamlTemplate,
                "{{- if eq $a \"b\" }}\nk: v",
                "hd:{{- hw:if hf:eq hv:$a hs:\"b\" hd:}} hk:k hs:v",
            ),
            (
                Language::YamlTemplate,
                "{{/* a: b\nc */}}\nd: 1",
                "hc:{{/* a: b\nc */}} hk:d hn:1",
            ),
            (
                Language::Json,
                "{\"a\": [1, \"b\", true]}",
                "hk:\"a\" hn:1 hs:\"b\" hl:true",
            ),
            (
                Language::Shell,
                "$ helm repo add x \"$URL\" # y",
                "hd:$ hf:helm hs:\"$URL\" hc:# y",
            ),
            (
                Language::Config,
                "[a]\nb = \"c\" # d",
                "hw:[a] hk:b hs:\"c\" hc:# d",
            ),
        ];
        for (language, text, want) in rows {
            assert_eq!(shown(language, text), want, "{text}");
        }
    }

    #[test]
    fn tokens_are_in_order_whatever_comes() {
        let pieces = [
            "a", ":", " ", "\n", "-", "'", "\"", "{{", "}}", "#", "|", ">", "&", "$", "\\", "[", "]", "ü",
            "`", "  ", "/*",
        ];
        let mut seed = 7_u64;
        for _ in 0..4_000 {
            let mut text = String::new();
            for _ in 0..24 {
                seed = seed
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                text.push_str(pieces[(seed >> 33) as usize % pieces.len()]);
            }
            for language in [
                Language::Yaml,
                Language::YamlTemplate,
                Language::Template,
                Language::Json,
                Language::Shell,
                Language::Config,
                Language::Markdown,
                Language::Diff,
            ] {
                let mut at = 0;
                for token in tokens(language, &text) {
                    assert!(
                        token.start >= at && token.end > token.start,
                        "{language:?} {text:?} {token:?}"
                    );
                    assert!(
                        text.get(token.start..token.end).is_some(),
                        "{language:?} {text:?} {token:?}"
                    );
                    at = token.end;
                }
            }
        }
    }
}
