//! Constraints: alternatives (`||`) of conditions that must all hold.

use super::version::compare_prerelease;
use super::{MAX_CONSTRAINT_GROUPS, MAX_CONSTRAINT_LEN, SemverError, Version, take_identifiers, take_while};

use std::cmp::Ordering;
use std::fmt;

/// A parsed constraint.
#[derive(Debug, Clone)]
pub struct Constraint {
    groups: Vec<Group>,
    /// Whether prereleases may match although the constraint names none.
    pub include_prerelease: bool,
}

#[derive(Debug, Clone)]
struct Group {
    conditions: Vec<Condition>,
    /// A condition that names a prerelease admits prereleases for its whole group.
    has_prerelease: bool,
}

#[derive(Debug, Clone)]
struct Condition {
    operator: Operator,
    /// The operator and the version as written, for messages and printing.
    operator_text: String,
    version_text: String,
    version: Version,
    wildcard: Wildcard,
}

/// Which part of a condition's version is the first that is missing or `x`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wildcard {
    None,
    Major,
    Minor,
    Patch,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    /// `=` or none: `~` when the version has a wildcard.
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterEqual,
    LessEqual,
    Tilde,
    Caret,
}

/// Why a version does not satisfy a condition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Mismatch {
    text: String,
}

impl Constraint {
    /// Reads a constraint.
    pub fn parse(text: &str) -> Result<Self, SemverError> {
        if text.len() > MAX_CONSTRAINT_LEN {
            return Err(SemverError::ConstraintTooLong);
        }
        let text = rewrite_ranges(text);
        if text.split("||").count() > MAX_CONSTRAINT_GROUPS {
            return Err(SemverError::TooManyGroups);
        }
        let groups = text.split("||").map(Group::parse).collect::<Result<_, _>>()?;
        Ok(Self {
            groups,
            include_prerelease: false,
        })
    }

    /// Whether `version` satisfies this constraint.
    #[must_use]
    pub fn check(&self, version: &Version) -> bool {
        self.groups.iter().any(|group| {
            let prereleases = self.include_prerelease || group.has_prerelease;
            group
                .conditions
                .iter()
                .all(|condition| condition.check(version, prereleases).is_ok())
        })
    }

    /// Like [`Constraint::check`], with every reason why not.
    pub fn validate(&self, version: &Version) -> Result<(), Vec<Mismatch>> {
        let mut reasons = Vec::new();
        let mut said_prerelease = false;
        for group in &self.groups {
            let prereleases = self.include_prerelease || group.has_prerelease;
            let mut holds = true;
            for condition in &group.conditions {
                if !prereleases && !version.prerelease().is_empty() {
                    holds = false;
                    if !said_prerelease {
                        reasons.push(prerelease_mismatch(version));
                        said_prerelease = true;
                    }
                } else if let Err(reason) = condition.check(version, prereleases) {
                    holds = false;
                    reasons.push(reason);
                }
            }
            if holds {
                return Ok(());
            }
        }
        Err(reasons)
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, group) in self.groups.iter().enumerate() {
            if n > 0 {
                f.write_str(" || ")?;
            }
            for (n, condition) in group.conditions.iter().enumerate() {
                if n > 0 {
                    f.write_str(" ")?;
                }
                write!(f, "{}{}", condition.operator_text, condition.version_text)?;
            }
        }
        Ok(())
    }
}

impl Group {
    fn parse(text: &str) -> Result<Self, SemverError> {
        let improper = || SemverError::ImproperConstraint {
            text: text.to_owned(),
        };
        let mut conditions = Vec::new();
        let mut rest = skip_space(text);
        loop {
            let (condition, after) = RawCondition::read(rest).ok_or_else(improper)?;
            conditions.push(condition);
            rest = skip_space(after);
            if rest.is_empty() {
                break;
            }
            if let Some(after_comma) = rest.strip_prefix(',') {
                rest = skip_space(after_comma);
            } else if rest.len() == after.len() {
                // Neither space nor comma between two conditions.
                return Err(improper());
            }
        }
        let conditions = conditions
            .into_iter()
            .map(Condition::new)
            .collect::<Result<Vec<_>, _>>()?;
        let has_prerelease = conditions
            .iter()
            .any(|condition| !condition.version.prerelease().is_empty());
        Ok(Self {
            conditions,
            has_prerelease,
        })
    }
}

impl Condition {
    fn new(raw: RawCondition<'_>) -> Result<Self, SemverError> {
        let version = &raw.version;
        let pre = version.pre.map(|pre| format!("-{pre}")).unwrap_or_default();
        let (wildcard, text) = if is_wildcard(Some(version.major)) {
            (Wildcard::Major, format!("0.0.0{pre}"))
        } else if is_wildcard(version.minor) {
            (Wildcard::Minor, format!("{}.0.0{pre}", version.major))
        } else if is_wildcard(version.patch) {
            (
                Wildcard::Patch,
                format!("{}.{}.0{pre}", version.major, version.minor.unwrap_or_default()),
            )
        } else {
            (Wildcard::None, version.text.to_owned())
        };
        Ok(Self {
            operator: raw.operator,
            operator_text: raw.operator_text.to_owned(),
            version_text: version.text.to_owned(),
            version: Version::parse(&text).map_err(|_| SemverError::ConstraintParser)?,
            wildcard,
        })
    }

    fn check(&self, version: &Version, prereleases: bool) -> Result<(), Mismatch> {
        if !version.prerelease().is_empty() && !prereleases {
            return Err(prerelease_mismatch(version));
        }
        match self.operator {
            Operator::Equal if self.wildcard == Wildcard::None => {
                self.require(*version == self.version, version, "is not equal to")
            }
            Operator::Equal | Operator::Tilde => self.check_tilde(version),
            Operator::NotEqual => self.require(self.differs(version), version, "is equal to"),
            Operator::Greater => self.require(self.exceeds(version), version, "is less than or equal to"),
            Operator::Less => self.require(*version < self.version, version, "is greater than or equal to"),
            Operator::GreaterEqual => self.require(*version >= self.version, version, "is less than"),
            Operator::LessEqual => self.require(self.at_most(version), version, "is greater than"),
            Operator::Caret => self.check_caret(version),
        }
    }

    fn require(&self, holds: bool, version: &Version, relation: &str) -> Result<(), Mismatch> {
        if holds {
            Ok(())
        } else {
            Err(Mismatch {
                text: format!("\"{version}\" {relation} \"{}\"", self.version_text),
            })
        }
    }

    fn differs(&self, version: &Version) -> bool {
        let own = &self.version;
        if self.wildcard == Wildcard::None {
            return version != own;
        }
        if own.major != version.major {
            return true;
        }
        match self.wildcard {
            Wildcard::Minor => false,
            _ if own.minor != version.minor => true,
            Wildcard::Patch => {
                let (theirs, ours) = (version.prerelease(), own.prerelease());
                !(theirs.is_empty() && ours.is_empty()) && compare_prerelease(theirs, ours) != Ordering::Equal
            }
            // `!=*` is a comparison with 0.0.0.
            _ => own.patch != version.patch || version != own,
        }
    }

    fn exceeds(&self, version: &Version) -> bool {
        let own = &self.version;
        match self.wildcard {
            Wildcard::None => version > own,
            _ if version.major != own.major => version.major > own.major,
            // 11.1 is not greater than 11, 12 is.
            Wildcard::Minor => false,
            Wildcard::Patch => version.minor > own.minor,
            Wildcard::Major => version > own,
        }
    }

    fn at_most(&self, version: &Version) -> bool {
        let own = &self.version;
        if self.wildcard == Wildcard::None {
            return version <= own;
        }
        version.major <= own.major
            && !(version.major == own.major && version.minor > own.minor && self.wildcard != Wildcard::Minor)
    }

    fn check_tilde(&self, version: &Version) -> Result<(), Mismatch> {
        let own = &self.version;
        self.require(version >= own, version, "is less than")?;
        let wildcard_below_major = matches!(self.wildcard, Wildcard::Minor | Wildcard::Patch);
        if (own.major, own.minor, own.patch) == (0, 0, 0) && !wildcard_below_major {
            return Ok(());
        }
        self.require(
            version.major == own.major,
            version,
            "does not have same major version as",
        )?;
        let minor_holds = version.minor == own.minor || self.wildcard == Wildcard::Minor;
        self.require(
            minor_holds,
            version,
            "does not have same major and minor version as",
        )
    }

    fn check_caret(&self, version: &Version) -> Result<(), Mismatch> {
        let own = &self.version;
        self.require(version >= own, version, "is less than")?;
        if own.major > 0 || self.wildcard == Wildcard::Minor {
            return self.require(
                version.major == own.major,
                version,
                "does not have same major version as",
            );
        }
        self.require(version.major == 0, version, "does not have same major version as")?;
        if own.minor > 0 || self.wildcard == Wildcard::Patch {
            return self
                .require(
                    version.minor == own.minor,
                    version,
                    "does not have same minor version as",
                )
                .map_err(|mismatch| Mismatch {
                    text: format!(
                        "{}. Expected minor versions to match when constraint major version is 0",
                        mismatch.text
                    ),
                });
        }
        self.require(version.minor == 0, version, "does not have same minor version as")?;
        self.require(version.patch == own.patch, version, "does not equal")
            .map_err(|mismatch| Mismatch {
                text: format!(
                    "{}. Expect version and constraint to equal when major and minor versions are 0",
                    mismatch.text
                ),
            })
    }
}

fn prerelease_mismatch(version: &Version) -> Mismatch {
    Mismatch {
        text: format!(
            "\"{version}\" is a prerelease version and the constraint is only looking for release versions"
        ),
    }
}

/// A condition as written.
struct RawCondition<'a> {
    operator: Operator,
    operator_text: &'a str,
    version: WildVersion<'a>,
}

impl<'a> RawCondition<'a> {
    fn read(text: &'a str) -> Option<(Self, &'a str)> {
        let (operator_text, rest) = take_while(text, |byte| b"=!<>~^".contains(&byte));
        let operator = match operator_text {
            "" | "=" => Operator::Equal,
            "!=" => Operator::NotEqual,
            ">" => Operator::Greater,
            "<" => Operator::Less,
            ">=" | "=>" => Operator::GreaterEqual,
            "<=" | "=<" => Operator::LessEqual,
            "~" | "~>" => Operator::Tilde,
            "^" => Operator::Caret,
            _ => return None,
        };
        let (version, rest) = WildVersion::read(skip_space(rest))?;
        Some((
            Self {
                operator,
                operator_text,
                version,
            },
            rest,
        ))
    }
}

/// A version as it may stand in a condition, where numbers may be wildcards or missing.
struct WildVersion<'a> {
    text: &'a str,
    major: &'a str,
    minor: Option<&'a str>,
    patch: Option<&'a str>,
    pre: Option<&'a str>,
}

impl<'a> WildVersion<'a> {
    fn read(text: &'a str) -> Option<(Self, &'a str)> {
        // The Go library's character class holds a `|` by mistake; such a number fails later with another message.
        let accept = |byte: u8| byte.is_ascii_digit() || b"xX*|".contains(&byte);
        let (major, mut rest) = take_while(text.strip_prefix('v').unwrap_or(text), accept);
        if major.is_empty() {
            return None;
        }
        let mut number = || {
            let (digits, after) = take_while(rest.strip_prefix('.')?, accept);
            if digits.is_empty() {
                return None;
            }
            rest = after;
            Some(digits)
        };
        let minor = number();
        let patch = minor.and_then(|_| number());
        let mut section = |mark: char| {
            let (text, after) = take_identifiers(rest.strip_prefix(mark)?)?;
            rest = after;
            Some(text)
        };
        let pre = section('-');
        section('+');
        let (text, rest) = text.split_at_checked(text.len() - rest.len())?;
        Some((
            Self {
                text,
                major,
                minor,
                patch,
                pre,
            },
            rest,
        ))
    }
}

fn is_wildcard(number: Option<&str>) -> bool {
    matches!(number, None | Some("x" | "X" | "*"))
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c)
}

fn skip_space(text: &str) -> &str {
    take_while(text, is_space).1
}

/// Rewrites each `a - b` to `>= a, <= b `.
fn rewrite_ranges(text: &str) -> String {
    let mut rewritten = text.to_owned();
    if !text.contains('-') {
        return rewritten;
    }
    let mut rest = text;
    while !rest.is_empty() {
        if let Some((whole, low, high, after)) = read_range(rest) {
            // Like the Go library: the first occurrence of that text, which need not be this one.
            rewritten = rewritten.replacen(whole, &format!(">= {low}, <= {high} "), 1);
            rest = after;
        } else {
            let mut chars = rest.chars();
            chars.next();
            rest = chars.as_str();
        }
    }
    rewritten
}

/// Reads `a - b` with its surrounding white space: all of it, the two ends, and what follows.
fn read_range(text: &str) -> Option<(&str, &str, &str, &str)> {
    let (low, rest) = WildVersion::read(skip_space(text))?;
    let rest = skip_some_space(rest)?.strip_prefix('-')?;
    let (high, rest) = WildVersion::read(skip_some_space(rest)?)?;
    let rest = skip_space(rest);
    let (whole, rest) = text.split_at_checked(text.len() - rest.len())?;
    Some((whole, low.text, high.text, rest))
}

fn skip_some_space(text: &str) -> Option<&str> {
    let rest = skip_space(text);
    (rest.len() < text.len()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(constraint: &str, version: &str) -> bool {
        let constraint = Constraint::parse(constraint).expect("a constraint");
        constraint.check(&Version::parse(version).expect("a version"))
    }

    #[test]
    fn ranges_are_rewritten() {
        for (text, rewritten) in [
            ("1 - 2", ">= 1, <= 2 "),
            ("1.2.3.4 - 2", "1.>= 2.3.4, <= 2 "),
            ("1-2", "1-2"),
            ("1 - 2 || 3 - 4", ">= 1, <= 2 ||>= 3, <= 4 "),
        ] {
            assert_eq!(rewrite_ranges(text), rewritten);
        }
        assert!(check("1.2 - 1.4.5", "1.4.5"));
        assert!(!check("1.2 - 1.4.5", "1.4.6"));
    }

    #[test]
    fn wildcards_widen() {
        for (constraint, version, holds) in [
            ("1.x", "1.9.0", true),
            ("*", "0.0.1", true),
            ("!=1.x", "1.2.0", false),
            (">11", "11.1.0", false),
            (">11", "12.0.0", true),
            ("<=1", "1.9.9", true),
            ("^0.2", "0.2.9", true),
            ("^0.2.3", "0.3.0", false),
            ("~1", "1.9.0", true),
            (">=1.0-0", "1.2.0-rc.1", true),
            (">=1.0", "1.2.0-rc.1", false),
        ] {
            assert_eq!(check(constraint, version), holds, "{constraint} {version}");
        }
    }

    #[test]
    fn reasons_are_those_of_the_go_library() {
        let reasons = |constraint: &str, version: &str| {
            let version = Version::parse(version).expect("a version");
            let reasons = Constraint::parse(constraint)
                .expect("a constraint")
                .validate(&version);
            reasons
                .err()
                .unwrap_or_default()
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            reasons("^0.2.3", "0.3.0"),
            [
                "\"0.3.0\" does not have same minor version as \"0.2.3\". Expected minor versions to match when \
                 constraint major version is 0"
            ]
        );
        assert_eq!(
            reasons(">2 || <1", "1.5"),
            [
                "\"1.5.0\" is less than or equal to \"2\"",
                "\"1.5.0\" is greater than or equal to \"1\""
            ]
        );
    }

    #[test]
    fn malformed_constraints_are_refused() {
        let error = |text: &str| Constraint::parse(text).expect_err("no constraint").to_string();
        assert_eq!(error("==1"), "improper constraint: \"==1\"");
        assert_eq!(error("1||"), "improper constraint: \"\"");
        assert_eq!(error("x1"), "constraint parser error");
        assert_eq!(
            error(&"1".repeat(513)),
            "constraint string is too long (max 512 bytes)"
        );
        assert_eq!(
            error(&["1"; 33].join("||")),
            "too many constraint groups (max 32)"
        );
    }
}
