//! `cargo xtask conformance --browser`: every golden case in Chromium, in the worker that the site's pages start.
//!
//! Each case is rendered there as a page renders it, and as Helm 4.2 did. The answers are laid beside three others:
//! - those of the engine in this process, to the last byte, passwords and keys included: clock and seed are the same;
//! - what `chartroom template` prints, where lines may differ that another seed and another time make different here, too;
//! - what real Helm printed, as the golden files have it.

mod page;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail};
use preview::{LoadedChart, RenderRequest, Rendering, Session, Summary};
use serde_json::Value;

use super::compare::{diff, diff_json, diff_masked};
use super::engine::{Machine, now};
use super::golden::{Case, compare_release, read_json};
use super::{Options, Suite};
use crate::process;
use page::{Job, Page};

/// Milliseconds after which every field of a date has changed.
const LATER: i64 = 34_563_661_000;

/// One golden case and the number of its answers.
struct Golden {
    title: String,
    directory: PathBuf,
    name: String,
    /// Its values, as a person would have typed them.
    values: Option<PathBuf>,
    text: String,
    /// Helm's own words, where it does not render.
    error: Option<String>,
}

/// The cases of one archive, which are asked together.
struct Chart {
    archive: PathBuf,
    cases: Vec<Golden>,
}

/// Three suites; each has every case.
pub(super) fn compare(options: &Options) -> Result<Vec<Suite>> {
    let charts = charts(options)?;
    let moment = now();
    let jobs = charts.iter().map(|chart| Job {
        archive: chart.archive.clone(),
        requests: chart
            .cases
            .iter()
            .flat_map(|case| case.requests(moment))
            .collect(),
    });
    let page = Page::open(jobs.collect())?;
    let program = match &options.chartroom {
        Some(program) => program.clone(),
        None => process::built_chartroom()?,
    };
    let mut suites = Suites {
        here: Suite::new("browser, as here"),
        template: Suite::new("browser, as template"),
        helm: Suite::new("browser, as Helm"),
        program,
        moment,
    };
    for _ in &charts {
        let (id, answers) = page.next()?;
        suites.look_at(charts.get(id).context("an unknown chart")?, &answers)?;
    }
    Ok(vec![suites.here, suites.template, suites.helm])
}

fn charts(options: &Options) -> Result<Vec<Chart>> {
    let golden = options.directory.join("golden");
    let index = read_json(&golden.join("index.json"))?;
    let mut charts: Vec<Chart> = Vec::new();
    for case in index.as_array().map(Vec::as_slice).unwrap_or_default() {
        let text = |field: &str| case.get(field).and_then(Value::as_str).unwrap_or_default();
        let (corpus, chart, name) = (text("corpus"), text("chart"), text("case"));
        let archive = options.directory.join("charts").join(corpus).join(text("tgz"));
        let directory = golden.join(corpus).join(chart);
        let values = Some(directory.join(format!("{name}.values.json"))).filter(|path| path.is_file());
        let case = Golden {
            title: format!("{corpus}/{chart}/{name}"),
            text: values
                .as_ref()
                .map(std::fs::read_to_string)
                .transpose()?
                .unwrap_or_default(),
            values,
            name: name.to_owned(),
            directory,
            error: case
                .pointer("/error/message")
                .and_then(Value::as_str)
                .map(str::to_owned),
        };
        // The cases of a chart follow each other.
        match charts.last_mut().filter(|last| last.archive == archive) {
            Some(last) => last.cases.push(case),
            None => charts.push(Chart {
                archive,
                cases: vec![case],
            }),
        }
    }
    Ok(charts)
}

impl Golden {
    /// As a page asks, and as the golden files were made.
    fn requests(&self, moment: i64) -> [RenderRequest; 2] {
        let as_a_page = RenderRequest {
            values_files: vec![self.text.clone()],
            unix_millis: moment,
            seed: 1,
            check_kube_version: true,
            ..RenderRequest::default()
        };
        let as_helm = RenderRequest {
            as_helm_4_2: true,
            check_kube_version: false,
            ..as_a_page.clone()
        };
        [as_a_page, as_helm]
    }
}

struct Suites {
    here: Suite,
    template: Suite,
    helm: Suite,
    program: PathBuf,
    moment: i64,
}

impl Suites {
    fn look_at(&mut self, chart: &Chart, answers: &[Value]) -> Result<()> {
        let bytes = std::fs::read(&chart.archive)?;
        let session = Session::new(Machine);
        let here = LoadedChart::from_archive(&bytes).map_err(|problem| anyhow!(problem.message))?;
        for (case, answers) in chart.cases.iter().zip(answers.chunks(2)) {
            let [as_a_page, as_helm] = case.requests(self.moment);
            let [browser, browser_as_helm] = answers else {
                bail!("{} was not answered", case.title)
            };
            let (browser, browser_as_helm) = (read(browser), read(browser_as_helm));
            let native = here.render(&session, &as_a_page);
            let native_as_helm = here.render(&session, &as_helm);
            let differences: Vec<_> = [(&native, &browser), (&native_as_helm, &browser_as_helm)]
                .into_iter()
                .filter_map(|(native, browser)| match browser {
                    Ok(browser) => differences(native, browser),
                    Err(why) => Some(why.clone()),
                })
                .collect();
            self.here.record(
                || case.title.clone(),
                (!differences.is_empty()).then(|| differences.join("\n")),
            );
            let later = RenderRequest {
                unix_millis: self.moment + LATER,
                seed: 2,
                ..as_a_page
            };
            let report = match &browser {
                // No page previews a library, and `template` refuses it: by itself it makes nothing.
                Ok(_) if here.chart().metadata.kind == "library" => None,
                Ok(browser) => {
                    let later = here.render(&Session::new(Machine), &later);
                    self.beside_template(&chart.archive, case, browser, &printed(&later))?
                }
                Err(why) => Some(why.clone()),
            };
            self.template.record(|| case.title.clone(), report);
            let report = match browser_as_helm {
                Ok(browser) => beside_helm(case, browser, native_as_helm)?,
                Err(why) => Some(why),
            };
            self.helm.record(|| case.title.clone(), report);
        }
        Ok(())
    }

    /// What `chartroom template` prints; `later` is what the same comes to with another seed at another time.
    fn beside_template(
        &self,
        archive: &Path,
        case: &Golden,
        browser: &Rendering,
        later: &str,
    ) -> Result<Option<String>> {
        let mut command = Command::new(&self.program);
        command.arg("template").arg(archive);
        if let Some(values) = &case.values {
            command.arg("--values").arg(values);
        }
        let output = command
            .env("TZ", "")
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("starting {}", self.program.display()))?;
        let (stdout, stderr) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        Ok(match &browser.summary.problem {
            Some(problem) if stderr.contains(problem.message.trim()) => None,
            Some(problem) => Some(format!("- {}\n+ {}", stderr.trim(), problem.message)),
            None => {
                let got = printed(browser);
                let changes: Vec<bool> = got
                    .split('\n')
                    .zip(later.split('\n'))
                    .map(|(a, b)| a != b)
                    .collect();
                diff_masked(&stdout, &got, |line| changes.get(line).copied().unwrap_or(false))
            }
        })
    }
}

/// An answer of the worker, which has no single templates.
fn read(answer: &Value) -> Result<Rendering, String> {
    let text = |field: &str| {
        answer
            .get(field)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    if answer.get("kind").and_then(Value::as_str) != Some("rendered") {
        return Err(format!("the worker failed: {}", text("why")));
    }
    let summary = answer.get("summary").cloned().unwrap_or_default();
    Ok(Rendering {
        summary: serde_json::from_value::<Summary>(summary).map_err(|error| error.to_string())?,
        manifest: text("manifest"),
        notes: text("notes"),
        ..Rendering::default()
    })
}

/// Where two answers are not the same to the last byte.
fn differences(here: &Rendering, browser: &Rendering) -> Option<String> {
    let summary = |rendering: &Rendering| serde_json::to_value(&rendering.summary).unwrap_or_default();
    let reports: Vec<_> = [
        diff_json(&summary(here), &summary(browser), "summary"),
        diff(&here.manifest, &browser.manifest),
        diff(&here.notes, &browser.notes),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!reports.is_empty()).then(|| reports.join("\n"))
}

/// What `template` prints of a render.
fn printed(rendering: &Rendering) -> String {
    let mut text = format!("{}\n", rendering.manifest.trim());
    for hook in &rendering.summary.hooks {
        let _ = write!(text, "---\n# Source: {}\n{}\n", hook.path, hook.manifest);
    }
    text
}

/// What real Helm printed. Which lines differ from run to run is known by template, and so are the objects in `here`.
fn beside_helm(case: &Golden, browser: Rendering, here: Rendering) -> Result<Option<String>> {
    let problem = browser.summary.problem.as_ref();
    if let Some(expected) = &case.error {
        return Ok(diff(expected, problem.map_or("", |problem| &problem.message)));
    }
    let golden = Case {
        directory: case.directory.clone(),
        name: &case.name,
    };
    let Some(expected) = golden.optional("release.json")? else {
        // Its templates are no manifest, and real Helm was only asked for those.
        return Ok(match problem {
            Some(problem) if problem.stage == preview::Stage::Manifest => None,
            Some(problem) => Some(problem.message.clone()),
            None => Some("rendered, and there is nothing to compare it with".to_owned()),
        });
    };
    let rendered = Rendering {
        templates: here.templates,
        ..browser
    };
    Ok(compare_release(&expected, &rendered, &golden.masks()?))
}
