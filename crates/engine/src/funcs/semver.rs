//! Versions: sprig's `semver` and `semverCompare`. The rules are in [`crate::semver`].

use std::rc::Rc;
use std::sync::Arc;

use super::argtypes::{GoObject, Int};
use super::cache::{Cache, MAX_KEPT_ENTRIES};
use super::{Builtin, func};
use crate::caches::Keep;
use crate::context::Context;
use crate::error::FnError;
use crate::semver::{Constraint, Part, SemverError, Version};
use crate::value::{GoStr, Kind, Named, Object, Type, UintKind, Value};

pub(crate) const FUNCS: &[Builtin] = &[func!("semver", semver), func!("semverCompare", semver_compare)];

/// Constraints already read.
#[derive(Default)]
struct Constraints(Cache<Result<Arc<Constraint>, SemverError>>);

impl Keep for Constraints {
    fn is_small(&self) -> bool {
        self.0.values().len() <= MAX_KEPT_ENTRIES
    }
}

/// Reads a version.
fn semver(version: GoStr) -> Result<Rc<Version>, FnError> {
    parse_version(&version).map(Rc::new)
}

/// Whether a version satisfies a constraint.
fn semver_compare(context: &mut Context<'_>, constraint: GoStr, version: GoStr) -> Result<bool, FnError> {
    context.budget().steps(4)?;
    let constraints = &mut context.cache::<Constraints>().0;
    let constraint = constraints
        .get_or_make(&constraint, |text| {
            Constraint::parse(&text.to_str_lossy()).map(Arc::new)
        })
        .clone()
        .map_err(|error| failed_constraint(error, &constraint))?;
    Ok(constraint.check(&parse_version(&version)?))
}

/// The error of a constraint; bytes that are not UTF-8 are always wrong, and are quoted as such.
fn failed_constraint(error: SemverError, text: &GoStr) -> FnError {
    let is_wrong =
        |group: &&[u8]| std::str::from_utf8(group).map_or(true, |group| Constraint::parse(group).is_err());
    match (&error, text.as_str()) {
        (SemverError::ImproperConstraint { .. }, None) => {
            let groups = crate::words::split(text.as_bytes(), b"||", -1);
            let group = groups.into_iter().find(is_wrong).unwrap_or_default();
            FnError::new(format!("improper constraint: {}", crate::strconv::quote(group)))
        }
        _ => failed(error),
    }
}

fn parse_version(text: &GoStr) -> Result<Version, FnError> {
    Version::parse(&text.to_str_lossy()).map_err(failed)
}

fn failed(error: SemverError) -> FnError {
    FnError::new(error.to_string())
}

static VERSION: Named = Named {
    name: "*semver.Version",
    kind: Kind::Pointer,
    elem: Type::Interface,
    methods: &[],
};

impl GoObject for Version {
    const TYPE: Type = Type::Named(&VERSION);
}

impl Object for Version {
    fn ty(&self) -> Type {
        <Self as GoObject>::TYPE
    }

    fn methods(&self) -> &'static [Builtin] {
        METHODS
    }

    fn string(&self) -> Option<GoStr> {
        Some(self.to_string().into())
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        let number = |number| Value::Uint(UintKind::Uint64, number);
        vec![
            ("major", number(self.major)),
            ("minor", number(self.minor)),
            ("patch", number(self.patch)),
            ("pre", self.prerelease().into()),
            ("metadata", self.metadata().into()),
            ("original", self.original().into()),
        ]
    }

    fn json(&self) -> Option<String> {
        // No character of a version needs escaping.
        Some(format!("\"{self}\""))
    }
}

/// What templates can call on a version.
const METHODS: &[Builtin] = &[
    func!("Compare", compare),
    func!("Equal", equal),
    func!("GreaterThan", greater_than),
    func!("GreaterThanEqual", greater_than_equal),
    func!("IncMajor", inc_major),
    func!("IncMinor", inc_minor),
    func!("IncPatch", inc_patch),
    func!("LessThan", less_than),
    func!("LessThanEqual", less_than_equal),
    func!("Major", major),
    func!("Metadata", metadata),
    func!("Minor", minor),
    func!("Original", original),
    func!("Patch", patch),
    func!("Prerelease", prerelease),
    func!("SetMetadata", set_metadata),
    func!("SetPrerelease", set_prerelease),
    func!("String", string),
];

/// A `uint64` result.
struct Uint64(u64);

impl super::argtypes::RetType for Uint64 {
    const TYPE: Type = Type::Uint(UintKind::Uint64);

    fn into_value(self) -> Result<Value, FnError> {
        Ok(Value::Uint(UintKind::Uint64, self.0))
    }
}

fn compare(version: Rc<Version>, other: Rc<Version>) -> Int {
    Int(version.cmp(&other) as i64)
}

fn equal(version: Rc<Version>, other: Rc<Version>) -> bool {
    version == other
}

fn greater_than(version: Rc<Version>, other: Rc<Version>) -> bool {
    version > other
}

fn greater_than_equal(version: Rc<Version>, other: Rc<Version>) -> bool {
    version >= other
}

fn less_than(version: Rc<Version>, other: Rc<Version>) -> bool {
    version < other
}

fn less_than_equal(version: Rc<Version>, other: Rc<Version>) -> bool {
    version <= other
}

fn inc_major(version: Rc<Version>) -> Result<Rc<VersionValue>, FnError> {
    incremented(&version, Part::Major, "major")
}

fn inc_minor(version: Rc<Version>) -> Result<Rc<VersionValue>, FnError> {
    incremented(&version, Part::Minor, "minor")
}

fn inc_patch(version: Rc<Version>) -> Result<Rc<VersionValue>, FnError> {
    incremented(&version, Part::Patch, "patch")
}

fn incremented(version: &Version, part: Part, name: &str) -> Result<Rc<VersionValue>, FnError> {
    let next = version.increment(part);
    next.map(|next| Rc::new(VersionValue(Rc::new(next))))
        .ok_or_else(|| FnError::new(format!("{name} version increment would overflow uint64")))
}

fn major(version: Rc<Version>) -> Uint64 {
    Uint64(version.major)
}

fn minor(version: Rc<Version>) -> Uint64 {
    Uint64(version.minor)
}

fn patch(version: Rc<Version>) -> Uint64 {
    Uint64(version.patch)
}

fn metadata(version: Rc<Version>) -> GoStr {
    version.metadata().into()
}

fn prerelease(version: Rc<Version>) -> GoStr {
    version.prerelease().into()
}

fn original(version: Rc<Version>) -> GoStr {
    version.original().into()
}

fn set_metadata(version: Rc<Version>, metadata: GoStr) -> Result<Rc<VersionValue>, FnError> {
    let version = version.with_metadata(&metadata.to_str_lossy()).map_err(failed)?;
    Ok(Rc::new(VersionValue(Rc::new(version))))
}

fn set_prerelease(version: Rc<Version>, prerelease: GoStr) -> Result<Rc<VersionValue>, FnError> {
    let version = version
        .with_prerelease(&prerelease.to_str_lossy())
        .map_err(failed)?;
    Ok(Rc::new(VersionValue(Rc::new(version))))
}

fn string(version: Rc<Version>) -> String {
    version.to_string()
}

/// A `semver.Version` that is not behind a pointer: what the `Inc` and `Set` methods return.
///
/// It has only the methods Go declares on values.
#[derive(Debug)]
struct VersionValue(Rc<Version>);

static VERSION_VALUE: Named = Named {
    name: "semver.Version",
    kind: Kind::Struct,
    elem: Type::Interface,
    methods: &[],
};

impl GoObject for VersionValue {
    const TYPE: Type = Type::Named(&VERSION_VALUE);
}

impl Object for VersionValue {
    fn ty(&self) -> Type {
        <Self as GoObject>::TYPE
    }

    fn methods(&self) -> &'static [Builtin] {
        VALUE_METHODS
    }

    fn string(&self) -> Option<GoStr> {
        Some(self.0.to_string().into())
    }

    fn json(&self) -> Option<String> {
        Some(format!("\"{}\"", self.0))
    }
}

const VALUE_METHODS: &[Builtin] = &[
    func!("IncMajor", value_inc_major),
    func!("IncMinor", value_inc_minor),
    func!("IncPatch", value_inc_patch),
    func!("Major", value_major),
    func!("Metadata", value_metadata),
    func!("Minor", value_minor),
    func!("Patch", value_patch),
    func!("Prerelease", value_prerelease),
    func!("SetMetadata", value_set_metadata),
    func!("SetPrerelease", value_set_prerelease),
    func!("String", value_string),
];

fn value_inc_major(version: Rc<VersionValue>) -> Result<Rc<VersionValue>, FnError> {
    inc_major(Rc::clone(&version.0))
}

fn value_inc_minor(version: Rc<VersionValue>) -> Result<Rc<VersionValue>, FnError> {
    inc_minor(Rc::clone(&version.0))
}

fn value_inc_patch(version: Rc<VersionValue>) -> Result<Rc<VersionValue>, FnError> {
    inc_patch(Rc::clone(&version.0))
}

fn value_major(version: Rc<VersionValue>) -> Uint64 {
    Uint64(version.0.major)
}

fn value_minor(version: Rc<VersionValue>) -> Uint64 {
    Uint64(version.0.minor)
}

fn value_patch(version: Rc<VersionValue>) -> Uint64 {
    Uint64(version.0.patch)
}

fn value_metadata(version: Rc<VersionValue>) -> GoStr {
    version.0.metadata().into()
}

fn value_prerelease(version: Rc<VersionValue>) -> GoStr {
    version.0.prerelease().into()
}

fn value_set_metadata(version: Rc<VersionValue>, text: GoStr) -> Result<Rc<VersionValue>, FnError> {
    set_metadata(Rc::clone(&version.0), text)
}

fn value_set_prerelease(version: Rc<VersionValue>, text: GoStr) -> Result<Rc<VersionValue>, FnError> {
    set_prerelease(Rc::clone(&version.0), text)
}

fn value_string(version: Rc<VersionValue>) -> String {
    version.0.to_string()
}
