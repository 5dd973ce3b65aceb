//! A chart ready to be rendered again and again.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use engine::value::{GoStr, Map, Value};
use engine::{Host, Library, Limits, Renderer, TemplateFile, TemplateSet, Trace, When};

use super::error::{RenderError, RenderFailure, TemplateError};
use super::objects::{VALUES, capabilities_value};
use super::scope::{Template, all_templates, in_parse_order, is_partial};
use crate::capabilities::Capabilities;
use crate::chart::{Chart, Metadata};
use crate::dependencies::{ChartNode, in_range, process_dependencies};
use crate::schema::Schemas;
use crate::values::{Merge, Table, Warnings, coalesce_values, from_map, to_map};

/// A chart with its templates parsed, once for each set of subcharts that values switch on.
#[derive(Debug)]
pub struct PreparedChart {
    chart: Arc<Chart>,
    sets: Mutex<Vec<(Vec<String>, Arc<TemplateSet>)>>,
    schemas: Schemas,
    library: Option<Arc<Library>>,
}

/// Of what somebody wants to know how it came about.
struct Wanted<'w> {
    /// One template, with the values that it reads, and none behind it; or all of them, without values.
    path: Option<&'w str>,
    /// Takes the path of a template and its trace.
    tell: &'w mut dyn FnMut(&str, Trace),
}

/// Sets kept at a time: values seldom switch subcharts, and each set holds every template of the tree.
const MAX_SETS: usize = 4;

/// For whom and how to render.
#[derive(Debug, Clone)]
pub struct RenderOptions {
    pub release_name: String,
    pub namespace: String,
    /// 0 when nothing is installed or upgraded, as in linting.
    pub revision: i64,
    pub is_upgrade: bool,
    pub capabilities: Capabilities,
    /// Reading a missing key is an error; no flag of Helm's command line asks for it.
    pub strict: bool,
    /// `required` and `fail` pass.
    pub lint: bool,
    pub skip_schema_validation: bool,
    /// Refuse a chart whose `kubeVersion` does not fit, as installing does and rendering alone does not.
    pub check_kube_version: bool,
    pub limits: Limits,
    /// Tell the computed and the default values in the result; a preview has no use for them.
    pub keep_values: bool,
}

impl Default for RenderOptions {
    fn default() -> Self {
        Self {
            release_name: "release-name".to_owned(),
            namespace: "default".to_owned(),
            revision: 1,
            is_upgrade: false,
            capabilities: Capabilities::default(),
            strict: false,
            lint: false,
            skip_schema_validation: false,
            check_kube_version: false,
            limits: Limits::default(),
            keep_values: true,
        }
    }
}

/// A chart's templates, filled in.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// Path (`chart/templates/x.yaml`) to text, partials excluded.
    pub templates: BTreeMap<String, String>,
    /// What Helm would have logged, in order.
    pub warnings: Vec<String>,
    /// What the root chart's templates saw as `.Values` before any of them changed it, if it is kept.
    pub computed_values: Table,
    /// The root chart's metadata, with its dependencies as the values left them.
    pub metadata: Metadata,
    /// The root chart's default values, with those imported from subcharts, if they are kept.
    pub default_values: Table,
    /// The `crds/` files of the charts that are on.
    pub crds: Vec<CrdFile>,
}

/// A file of a chart's `crds/`, which no render changes.
#[derive(Debug, Clone)]
pub struct CrdFile {
    /// Below the whole tree.
    pub path: String,
    data: Bytes,
}

impl CrdFile {
    /// What is in it; bytes that are no UTF-8 become U+FFFD.
    // Not when rendering: these files are the largest of many charts, and hardly anybody asks for them.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.data)
    }
}

impl PreparedChart {
    /// Parses nothing yet: which templates there are depends on the values.
    pub fn new(chart: impl Into<Arc<Chart>>) -> Self {
        Self {
            chart: chart.into(),
            sets: Mutex::default(),
            schemas: Schemas::default(),
            library: None,
        }
    }

    /// Shares with other charts what is parsed of the libraries that they bring along.
    #[must_use]
    pub fn with_library(mut self, library: Arc<Library>) -> Self {
        self.library = Some(library);
        self
    }

    pub fn chart(&self) -> &Arc<Chart> {
        &self.chart
    }

    /// The `crds/` files of the charts that the user's values leave on, which are applied before anything is rendered.
    pub fn crds(&self, values: &Table) -> Result<Vec<CrdFile>, RenderFailure> {
        let mut node = ChartNode::new(&self.chart);
        process_dependencies(&mut node, &to_map(values), &mut Warnings::default())
            .map_err(|mismatch| RenderFailure::Values(mismatch.while_choosing_subcharts()))?;
        Ok(crds(&node, None))
    }

    /// Renders with the user's values.
    pub fn render(
        &self,
        values: &Table,
        options: &RenderOptions,
        host: &dyn Host,
    ) -> Result<Rendered, RenderError> {
        self.render_wanted(values, options, host, None)
    }

    /// The same, and tells of each template how its output came about, by its path; which values it read is left out.
    /// Costs up to as much again.
    pub fn render_told(
        &self,
        values: &Table,
        options: &RenderOptions,
        host: &dyn Host,
        tell: &mut dyn FnMut(&str, Trace),
    ) -> Result<Rendered, RenderError> {
        self.render_wanted(values, options, host, Some(Wanted { path: None, tell }))
    }

    fn render_wanted(
        &self,
        values: &Table,
        options: &RenderOptions,
        host: &dyn Host,
        wanted: Option<Wanted<'_>>,
    ) -> Result<Rendered, RenderError> {
        let mut warnings = Warnings::default();
        let result = self.render_logged(values, options, host, &mut warnings, wanted);
        let warnings = warnings.into_inner();
        match result {
            Ok(rendered) => Ok(Rendered { warnings, ..rendered }),
            Err(failure) => Err(RenderError { failure, warnings }),
        }
    }

    /// Renders up to one template, and tells how its output came about; nothing where there is no such output.
    pub fn trace(
        &self,
        values: &Table,
        options: &RenderOptions,
        host: &dyn Host,
        path: &str,
    ) -> Option<Trace> {
        let mut found = None;
        let wanted = Wanted {
            path: Some(path),
            tell: &mut |_, trace| found = Some(trace),
        };
        // What fails behind it does not matter.
        let _ = self.render_logged(values, options, host, &mut Warnings::default(), Some(wanted));
        found
    }

    fn render_logged(
        &self,
        values: &Table,
        options: &RenderOptions,
        host: &dyn Host,
        warnings: &mut Warnings,
        mut wanted: Option<Wanted<'_>>,
    ) -> Result<Rendered, RenderFailure> {
        let mut node = ChartNode::new(&self.chart);
        let values = to_map(values);
        process_dependencies(&mut node, &values, warnings)
            .map_err(|mismatch| RenderFailure::Values(mismatch.while_choosing_subcharts()))?;
        let computed =
            coalesce_values(&node, &values, Merge::Coalesce, warnings).map_err(RenderFailure::Values)?;
        if !options.skip_schema_validation {
            let mut report = String::new();
            self.check_schemas(&node, &computed, host, &mut report);
            if !report.is_empty() {
                return Err(RenderFailure::Schema(report));
            }
        }
        if options.check_kube_version {
            check_kube_version(&node.metadata, &options.capabilities)?;
        }
        let computed_values = if options.keep_values {
            from_map(&computed)
        } else {
            Table::new()
        };
        let templates = all_templates(&node, &top_context(options, &computed));
        let order = in_parse_order(&templates);
        let set = self.template_set(&order)?;
        let engine_options = engine::Options {
            limits: options.limits.clone(),
            strict: options.strict,
            lint: options.lint,
        };
        let mut renderer = Renderer::new(&set, host, engine_options);
        let mut texts = BTreeMap::new();
        let nothing = Map::new();
        for (path, template) in order {
            if is_partial(path) {
                continue;
            }
            let about = Map::from_iter([("Name", path.as_str()), ("BasePath", &template.base_path)]);
            template
                .context
                .insert("Template", Value::Map(about.retyped(&VALUES)));
            let data = Value::Map(template.context.retyped(&VALUES));
            let failed = |error| RenderFailure::Template(TemplateError::new(path, &error));
            let text = match &mut wanted {
                Some(Wanted { path: one, tell }) if one.is_none_or(|one| one == path) => {
                    // Knowing every value again for each template would cost more than rendering it.
                    let (is_last, known) = match one {
                        Some(_) => (true, &computed),
                        None => (false, &nothing),
                    };
                    let (text, trace) = renderer.render_traced(path, data, known).map_err(failed)?;
                    tell(path, trace);
                    if is_last {
                        break;
                    }
                    text
                }
                _ => renderer.render(path, data).map_err(failed)?,
            };
            texts.insert(path.clone(), to_text(&text));
        }
        Ok(Rendered {
            templates: texts,
            warnings: Vec::new(),
            computed_values,
            default_values: if options.keep_values {
                node.values.to_table()
            } else {
                Table::new()
            },
            crds: crds(&node, None),
            metadata: node.metadata,
        })
    }

    /// Checks the values of a chart, then those of its subcharts, and reports every chart whose schema they break.
    fn check_schemas(&self, node: &ChartNode<'_>, values: &Map, host: &dyn Host, report: &mut String) {
        if let Some(text) = &node.chart.schema
            && let Err(errors) = self.schemas.check(text, &Value::Map(values.clone()), host)
        {
            report.push_str(&format!("{}:\n{errors}", node.name()));
        }
        for subchart in &node.dependencies {
            match values.get(subchart.name()) {
                None | Some(Value::Nil) => {}
                Some(Value::Map(values)) => self.check_schemas(subchart, &values, host, report),
                Some(other) => report.push_str(&format!(
                    "{}:\ninvalid type for values: expected object (map), got {}\n",
                    subchart.name(),
                    other.type_name()
                )),
            }
        }
    }

    /// The parsed templates, which are the same whenever the same files are on.
    fn template_set(&self, order: &[(&String, &Template<'_>)]) -> Result<Arc<TemplateSet>, RenderFailure> {
        let same = |names: &[String]| names.iter().eq(order.iter().map(|(path, _)| *path));
        let mut sets = self.sets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, set)) = sets.iter().find(|(names, _)| same(names)) {
            return Ok(Arc::clone(set));
        }
        let mut set = TemplateSet::new();
        let files = order.iter().map(|(path, template)| TemplateFile {
            name: path,
            text: GoStr::from_owner(template.file.data.clone()),
            when: if is_partial(path) {
                When::OnFirstUse
            } else {
                When::Now
            },
        });
        set.add_all(files, self.library.as_deref())
            .map_err(|(path, error)| RenderFailure::Template(TemplateError::new(path, &error)))?;
        let set = Arc::new(set);
        if sets.len() >= MAX_SETS {
            sets.remove(0);
        }
        let names = order.iter().map(|(path, _)| (*path).clone()).collect();
        sets.push((names, Arc::clone(&set)));
        Ok(set)
    }
}

fn check_kube_version(metadata: &Metadata, capabilities: &Capabilities) -> Result<(), RenderFailure> {
    let version = &capabilities.kube_version;
    if metadata.kube_version.is_empty() || in_range(&metadata.kube_version, &version.normalized) {
        return Ok(());
    }
    Err(RenderFailure::KubeVersion {
        range: metadata.kube_version.clone(),
        version: version.version.clone(),
    })
}

/// What all charts of the tree share.
fn top_context(options: &RenderOptions, values: &Map) -> Map {
    let release = Map::from_iter([
        ("Name", Value::from(options.release_name.as_str())),
        ("Namespace", options.namespace.as_str().into()),
        ("IsUpgrade", options.is_upgrade.into()),
        ("IsInstall", (!options.is_upgrade && options.revision != 0).into()),
        ("Revision", Value::int(options.revision)),
        ("Service", "Helm".into()),
    ]);
    let top = Map::new();
    top.insert("Release", release);
    top.insert("Capabilities", capabilities_value(&options.capabilities));
    top.insert("Values", values.retyped(&VALUES));
    top
}

/// Rendered bytes as text: like Go's JSON encoder, every byte that is no UTF-8 becomes U+FFFD.
fn to_text(bytes: &GoStr) -> String {
    match bytes.as_str() {
        Some(text) => text.to_owned(),
        None => bytes.runes().map(|(rune, _)| rune).collect(),
    }
}

fn crds(node: &ChartNode<'_>, parent_path: Option<&str>) -> Vec<CrdFile> {
    let path = match parent_path {
        None => node.name().to_owned(),
        Some(parent) => format!("{parent}/charts/{}", node.name()),
    };
    let own = crate::chart::crds_of(node.chart);
    let own = own.map(|file| CrdFile {
        path: format!("{path}/{}", file.path),
        data: file.data.clone(),
    });
    own.chain(
        node.dependencies
            .iter()
            .flat_map(|subchart| crds(subchart, Some(&path))),
    )
    .collect()
}
