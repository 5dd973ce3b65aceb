//! Where an object comes from: the file of the archive, and the line of it that says its kind.

use std::collections::HashMap;

use helm::archive::ChartFiles;

/// Finds the places of objects, asked in the order in which a template prints them.
pub(crate) struct Sources<'f> {
    files: &'f ChartFiles,
    /// Lines that say a kind, by file and kind; and how many of them have been given away.
    lines: HashMap<(String, String), (Vec<u32>, usize)>,
}

impl<'f> Sources<'f> {
    pub(crate) fn new(files: &'f ChartFiles) -> Self {
        Self {
            files,
            lines: HashMap::new(),
        }
    }

    /// The file that a template's path (`chart/templates/x.yaml`) names and its line for the next object of a kind.
    ///
    /// Helm names charts below `charts/` by their names and archives by those in them, so that not every path leads to
    /// a file; and a kind that a template computes stands in no line.
    pub(crate) fn place(&mut self, path: &str, kind: &str) -> (Option<String>, Option<u32>) {
        let Some((_, below)) = path.split_once('/') else {
            return (None, None);
        };
        let Some(file) = self.files.find(below) else {
            return (None, None);
        };
        let key = (below.to_owned(), kind.to_owned());
        let (lines, n_given) = self.lines.entry(key).or_insert_with(|| {
            let text = std::str::from_utf8(&file.data).unwrap_or_default();
            (lines_of(text, kind), 0)
        });
        // A loop prints one line many times: the last one stands for those that come after it.
        let line = lines.get((*n_given).min(lines.len().saturating_sub(1))).copied();
        *n_given += 1;
        (Some(below.to_owned()), line)
    }
}

/// The lines, from 1, that set `kind` to the given one.
fn lines_of(text: &str, kind: &str) -> Vec<u32> {
    let says_kind = |line: &str| {
        let value = line.trim_start().strip_prefix("kind:").map(str::trim);
        value.is_some_and(|value| value.trim_matches(['"', '\'']) == kind)
    };
    let lines = (1_u32..).zip(text.lines());
    lines
        .filter(|(_, line)| says_kind(line))
        .map(|(at, _)| at)
        .collect()
}

#[cfg(test)]
mod tests {
    use helm::archive::{ArchiveLimits, ChartFiles, Modified, pack};

    use super::Sources;

    #[test]
    fn objects_are_found_in_the_order_of_their_template() {
        let text = "# first\nkind: Role\n---\n{{ range }}\nkind: \"Role\"\n---\nkind: Service\n{{ end }}\n";
        let files: [(&str, &[u8]); 2] = [
            ("templates/a.yaml", text.as_bytes()),
            ("charts/b/templates/c.yaml", b"kind: {{ x }}\n"),
        ];
        let archive = pack("c", files, Modified::default()).expect("it packs");
        let files = ChartFiles::from_bytes(&archive, &ArchiveLimits::default()).expect("it unpacks");
        let mut sources = Sources::new(&files);
        let mut lines = Vec::new();
        for kind in ["Role", "Role", "Service", "Role", "Pod"] {
            lines.push(sources.place("c/templates/a.yaml", kind).1);
        }
        assert_eq!(lines, [Some(2), Some(5), Some(7), Some(5), None]);
        let inner = sources.place("c/charts/b/templates/c.yaml", "Pod");
        assert_eq!(inner, (Some("charts/b/templates/c.yaml".to_owned()), None));
        assert_eq!(
            sources.place("c/charts/other/templates/c.yaml", "Pod"),
            (None, None)
        );
        assert_eq!(sources.place("", ""), (None, None));
    }
}
