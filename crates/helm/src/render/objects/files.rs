//! `.Files`: the chart's files that are neither templates nor values nor subcharts, as `engine.files`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use engine::funcs::Builtin;
use engine::funcs::argtypes::{ByteSlice, Strings};
use engine::value::{GoStr, Kind, Map, Named, Type, Value};
use engine::{Context, FnError};

use super::method;
use crate::archive::ChartFile;

static FILES: Named = Named {
    name: "engine.files",
    kind: Kind::Map,
    elem: Type::BYTES,
    methods: METHODS,
};

const METHODS: &[Builtin] = &[
    method!("AsConfig", as_config),
    method!("AsSecrets", as_secrets),
    method!("Get", get),
    method!("GetBytes", get_bytes),
    method!("Glob", glob),
    method!("Lines", lines),
];

/// Comparisons of a pattern's character with a path's that cost as much as a step.
const CHARACTERS_PER_STEP: u64 = 64;

/// `.Files` of a chart with these files.
pub(crate) fn files_value(files: &[ChartFile]) -> Value {
    let map = Map::typed(Type::Named(&FILES));
    for file in files {
        map.insert(
            file.path.as_str(),
            Value::Bytes(GoStr::from_owner(file.data.clone())),
        );
    }
    Value::Map(map)
}

fn receiver(files: &Value) -> Map {
    files.as_map().cloned().unwrap_or_default()
}

fn contents(files: &Value, path: &GoStr) -> Option<GoStr> {
    match receiver(files).get(path) {
        Some(Value::Bytes(bytes)) => Some(bytes),
        _ => None,
    }
}

/// A file's contents, nothing when there is no such file.
fn get(files: Value, path: GoStr) -> GoStr {
    contents(&files, &path).unwrap_or_default()
}

fn get_bytes(files: Value, path: GoStr) -> ByteSlice {
    ByteSlice(contents(&files, &path).unwrap_or_default())
}

/// The files whose path matches; a pattern that is none matches everything.
fn glob(context: &mut Context<'_>, files: Value, pattern: GoStr) -> Result<Value, FnError> {
    context.budget().regex(pattern.as_bytes())?;
    let glob = engine::glob::Glob::compile(&pattern.to_str_lossy()).ok();
    let matching = Map::typed(Type::Named(&FILES));
    for (path, bytes) in receiver(&files).entries() {
        // Matching takes as long as the pattern times the path.
        let work = pattern.len().saturating_mul(path.len());
        context.budget().steps(1 + work as u64 / CHARACTERS_PER_STEP)?;
        if glob
            .as_ref()
            .is_none_or(|glob| glob.matches(&path.to_str_lossy()))
        {
            matching.insert(path, bytes);
        }
    }
    Ok(Value::Map(matching))
}

/// The lines of a file; its last line break ends a line instead of beginning one.
fn lines(context: &mut Context<'_>, files: Value, path: GoStr) -> Result<Strings, FnError> {
    let Some(text) = contents(&files, &path) else {
        return Ok(Strings::default());
    };
    // Helm looks at the last byte without asking whether there is one.
    let Some(last) = text.as_bytes().last() else {
        return Err("runtime error: index out of range [-1]".into());
    };
    let text = if *last == b'\n' {
        text.slice(0, text.len() - 1)
    } else {
        text
    };
    let lines: Vec<_> = text
        .as_bytes()
        .split(|byte| *byte == b'\n')
        .map(GoStr::from_bytes)
        .collect();
    context.budget().list(lines.len())?;
    Ok(Strings(lines))
}

/// The files as the `data` of a ConfigMap, under their base names.
fn as_config(context: &mut Context<'_>, files: Value) -> Result<GoStr, FnError> {
    to_yaml(context, &files, |bytes| bytes)
}

/// The files as the `data` of a Secret.
fn as_secrets(context: &mut Context<'_>, files: Value) -> Result<GoStr, FnError> {
    to_yaml(context, &files, |bytes| STANDARD.encode(bytes.as_bytes()).into())
}

fn to_yaml(
    context: &mut Context<'_>,
    files: &Value,
    encode: impl Fn(GoStr) -> GoStr,
) -> Result<GoStr, FnError> {
    // Of two files with one base name the later counts.
    let data = Map::new();
    receiver(files).for_each(|path, bytes| {
        if let Value::Bytes(bytes) = bytes {
            data.insert(base_name(&path.to_str_lossy()), encode(bytes.clone()));
        }
    });
    let limit = context.budget().limits().max_string_bytes;
    // As `toYaml`: empty when it fails.
    let text = engine::yaml::encode(&Value::Map(data), limit).unwrap_or_default();
    context.budget().string(text.len())?;
    Ok(text.into())
}

/// `path.Base`
fn base_name(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    match trimmed.rsplit('/').next() {
        Some("") if path.is_empty() => ".",
        Some("") | None => "/",
        Some(base) => base,
    }
}
