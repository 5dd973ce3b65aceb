//! What the commands that compare with helm have in common: which charts, which program, how much to show.

use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};

use crate::conformance::default_directory;
use crate::files::files_below;
use crate::process;

/// `[DIR] [--charts N] [--show N] [--chartroom PROGRAM]`.
pub(crate) struct Options {
    /// Laid out like the conformance data.
    pub(crate) directory: PathBuf,
    pub(crate) n_charts: usize,
    /// Differences to print.
    pub(crate) n_shown: usize,
    pub(crate) chartroom: PathBuf,
}

impl Options {
    /// Reads them; `n_charts` are compared unless told otherwise.
    pub(crate) fn parse(args: &[String], n_charts: usize) -> Result<Self> {
        let mut options = Self {
            directory: default_directory(),
            n_charts,
            n_shown: 10,
            chartroom: PathBuf::new(),
        };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let mut value = || args.next().with_context(|| format!("`{arg}` needs a value"));
            match arg.as_str() {
                "--charts" => options.n_charts = value()?.parse().context("--charts takes a number")?,
                "--show" => options.n_shown = value()?.parse().context("--show takes a number")?,
                "--chartroom" => options.chartroom = PathBuf::from(value()?),
                flag if flag.starts_with('-') => bail!("there is no option `{flag}`"),
                directory => options.directory = PathBuf::from(directory),
            }
        }
        if options.chartroom.as_os_str().is_empty() {
            options.chartroom = process::built_chartroom()?;
        }
        Ok(options)
    }

    /// All charts of the directory.
    pub(crate) fn charts(&self) -> Result<Vec<PathBuf>> {
        let mut charts = files_below(&self.directory.join("charts"))?;
        charts.retain(|path| path.extension().is_some_and(|extension| extension == "tgz"));
        ensure!(
            !charts.is_empty(),
            "no charts in {}; name a directory laid out like the conformance data",
            self.directory.display()
        );
        Ok(charts)
    }
}
