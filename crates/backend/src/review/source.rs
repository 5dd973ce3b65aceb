//! Where rendered objects come from: files of the archive, and the lines of them that wrote an object's lines.
//!
//! What wrote a line the engine tells ([`engine::Trace::begun`]); here its templates become files of the archive.

use engine::Begun;
use helm::archive::ChartFiles;
use model::review::LineSource;

/// Where an object comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Source {
    /// The file of its template.
    pub(crate) file: Option<String>,
    /// The line of that file, from 1, that wrote its kind.
    pub(crate) line: Option<u32>,
    /// The files that its lines come from.
    pub(crate) files: Vec<String>,
    /// What wrote each of its lines.
    pub(crate) lines: Vec<Option<LineSource>>,
}

impl Source {
    /// The file and line that wrote one of its lines, counted from 1.
    pub(crate) fn of_line(&self, line: u32) -> Option<(&str, u32)> {
        let at = usize::try_from(line).ok()?.checked_sub(1)?;
        let source = (*self.lines.get(at)?)?;
        let file = self.files.get(usize::try_from(source.file).ok()?)?;
        Some((file, source.line))
    }

    /// Of lines that their templates are known of.
    pub(crate) fn with_lines(mut self, files: &ChartFiles, begun: &[Option<Begun>]) -> Self {
        let mut last: Option<(&str, Option<u32>)> = None;
        for begun in begun {
            let Some((template, line)) = begun.as_ref().map(|begun| (&*begun.by.0, begun.by.1)) else {
                self.lines.push(None);
                continue;
            };
            // Most lines come from the file that the one before came from.
            let at = match last {
                Some((known, at)) if known == template => at,
                _ => file_of(files, template).map(|file| self.number(file)),
            };
            last = Some((template, at));
            let line = u32::try_from(line).ok();
            self.lines
                .push(at.zip(line).map(|(file, line)| LineSource { file, line }));
        }
        self
    }

    fn number(&mut self, file: String) -> u32 {
        let at = self.files.iter().position(|known| *known == file);
        let at = at.unwrap_or_else(|| {
            self.files.push(file);
            self.files.len() - 1
        });
        u32::try_from(at).unwrap_or(u32::MAX)
    }
}

/// The file of the archive that a template's path (`chart/templates/x.yaml`) names.
///
/// Helm names charts below `charts/` by their names and archives by those in them, so that not every path leads to a file.
pub(crate) fn file_of(files: &ChartFiles, path: &str) -> Option<String> {
    let (_, below) = path.split_once('/')?;
    files.find(below).map(|_| below.to_owned())
}

#[cfg(test)]
mod tests {
    use engine::Begun;
    use helm::archive::{ArchiveLimits, ChartFiles, Modified, pack};

    use super::{Source, file_of};

    #[test]
    fn lines_lead_to_files_that_are_there() {
        let files: [(&str, &[u8]); 2] = [
            ("templates/a.yaml", b"a: 1\n"),
            ("charts/b/templates/_c.tpl", b"b: 1\n"),
        ];
        let archive = pack("c", files, Modified::default()).expect("it packs");
        let files = ChartFiles::from_bytes(&archive, &ArchiveLimits::default()).expect("it unpacks");
        assert_eq!(
            file_of(&files, "c/charts/b/templates/_c.tpl").as_deref(),
            Some("charts/b/templates/_c.tpl")
        );
        for path in ["c/charts/other/templates/_c.tpl", "", "c"] {
            assert_eq!(file_of(&files, path), None, "{path}");
        }
        let begun = |path: &str, line| {
            Some(Begun {
                line: 1,
                by: (path.into(), line),
            })
        };
        let source = Source::default().with_lines(
            &files,
            &[
                begun("c/templates/a.yaml", 3),
                None,
                begun("c/charts/b/templates/_c.tpl", 5),
                begun("c/charts/gone/templates/_c.tpl", 5),
                begun("c/templates/a.yaml", 4),
            ],
        );
        let told: Vec<_> = (0..7).map(|line| source.of_line(line)).collect();
        assert_eq!(
            told,
            [
                None,
                Some(("templates/a.yaml", 3)),
                None,
                Some(("charts/b/templates/_c.tpl", 5)),
                None,
                Some(("templates/a.yaml", 4)),
                None,
            ]
        );
    }
}
