//! From an entry's name to a path inside the chart, by Helm's rules (helm v4 `pkg/chart/loader/archive/archive.go`).
//! The result is relative, has `/` as separator, no `.` or `..` segment, and no drive.

use super::error::ArchiveError;

/// An entry's name split into the top directory, which Helm ignores, and the path below it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct EntryPath {
    pub(crate) top: String,
    pub(crate) path: String,
    /// The name was written with `\` as separator.
    pub(crate) backslashes: bool,
    /// The name had empty, `.` or `..` segments that were resolved.
    pub(crate) unclean: bool,
}

impl EntryPath {
    pub(crate) fn parse(name: &str) -> Result<Self, ArchiveError> {
        // Archives packed on Windows use `\`. A name with both separators is split at `\` alone, as Helm does.
        let backslashes = name.contains('\\');
        let separator = if backslashes { '\\' } else { '/' };
        let (top, below) = name.split_once(separator).unwrap_or((name, ""));
        let below = below.replace(separator, "/");

        // `chart//etc/passwd` would be absolute once the top directory is gone.
        if below.starts_with('/') {
            return Err(ArchiveError::AbsolutePath {
                path: name.to_owned(),
            });
        }
        let path = clean(&below);
        // A file beside the chart directory, such as a bare `values.yaml`.
        if path == "." {
            return Err(ArchiveError::OutsideChart {
                path: name.to_owned(),
            });
        }
        // `chart/../../etc/passwd`. Helm compares the prefix only, so `..name` is refused as well; so do we, since
        // whatever is accepted here must be accepted there.
        if path.starts_with("..") {
            return Err(ArchiveError::EscapingPath {
                path: name.to_owned(),
            });
        }
        // `chart/c:/windows/…`, which some systems resolve to a drive.
        let mut bytes = path.bytes();
        if let (Some(drive), Some(b':'), Some(b'/')) = (bytes.next(), bytes.next(), bytes.next())
            && drive.is_ascii_alphabetic()
        {
            return Err(ArchiveError::DrivePath {
                path: name.to_owned(),
            });
        }
        if top == "Chart.yaml" {
            return Err(ArchiveError::ChartYamlAtRoot);
        }
        let unclean = path != below;
        Ok(Self {
            top: top.to_owned(),
            path,
            backslashes,
            unclean,
        })
    }
}

/// Go's `path.Clean` for a relative path: empty and `.` segments vanish, `..` takes its parent away where there is one.
fn clean(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." if kept.last().is_some_and(|last| *last != "..") => {
                kept.pop();
            }
            other => kept.push(other),
        }
    }
    if kept.is_empty() {
        ".".to_owned()
    } else {
        kept.join("/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_helm_accepts() {
        let cases = [
            ("chart/Chart.yaml", "chart", "Chart.yaml"),
            ("./Chart.yaml", ".", "Chart.yaml"),
            ("any name/templates/a.yaml", "any name", "templates/a.yaml"),
            ("chart\\templates\\a.yaml", "chart", "templates/a.yaml"),
            ("chart/templates\\a.yaml", "chart/templates", "a.yaml"),
            ("/Chart.yaml", "", "Chart.yaml"),
            ("chart/a/../b", "chart", "b"),
            ("chart/./a//b/", "chart", "a/b"),
            ("chart/ca:/x", "chart", "ca:/x"),
            ("chart/c:x", "chart", "c:x"),
        ];
        for (name, top, path) in cases {
            let got = EntryPath::parse(name).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!((got.top.as_str(), got.path.as_str()), (top, path), "{name}");
        }
    }

    #[test]
    fn refuses_paths_out_of_the_chart() {
        let cases = [
            (
                "values.yaml",
                "entry `values.yaml` lies outside the chart directory",
            ),
            (
                "Chart.yaml",
                "entry `Chart.yaml` lies outside the chart directory",
            ),
            ("Chart.yaml/x", "`Chart.yaml` is not inside a chart directory"),
            ("chart/..", "entry `chart/..` leaves the chart directory"),
            ("chart/../x", "entry `chart/../x` leaves the chart directory"),
            ("chart/..x", "entry `chart/..x` leaves the chart directory"),
            (
                "chart/a/../../x",
                "entry `chart/a/../../x` leaves the chart directory",
            ),
            (
                "chart\\..\\..\\x",
                "entry `chart\\..\\..\\x` leaves the chart directory",
            ),
            (
                "chart//etc/passwd",
                "entry `chart//etc/passwd` is an absolute path",
            ),
            ("//etc/passwd", "entry `//etc/passwd` is an absolute path"),
            ("chart/c:/x", "entry `chart/c:/x` names a drive"),
            ("chart\\C:\\x", "entry `chart\\C:\\x` names a drive"),
            ("", "entry `` lies outside the chart directory"),
        ];
        for (name, want) in cases {
            let got = EntryPath::parse(name).map_err(|error| error.to_string());
            assert_eq!(got, Err(want.to_owned()), "{name}");
        }
    }
}
