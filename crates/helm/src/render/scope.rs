//! The context each chart's templates run in, and which templates there are in what order.

use std::collections::BTreeMap;

use engine::value::{Map, Value};

use super::objects::{VALUES, files_value};
use crate::archive::ChartFile;
use crate::dependencies::ChartNode;
use crate::values::lookup_table;

/// A template file of the tree.
#[derive(Debug)]
pub(crate) struct Template<'c> {
    pub(crate) file: &'c ChartFile,
    /// The chart's context; all files of a chart write their `.Template` into the same map.
    pub(crate) context: Map,
    pub(crate) base_path: String,
}

/// The templates of a chart tree by path, and their contexts with `top` (`Values`, `Release`, `Capabilities`).
pub(crate) fn all_templates<'c>(chart: &ChartNode<'c>, top: &Map) -> BTreeMap<String, Template<'c>> {
    let mut templates = BTreeMap::new();
    add_chart(chart, None, top, &mut templates);
    templates
}

fn add_chart<'c>(
    node: &ChartNode<'c>,
    parent_path: Option<&str>,
    above: &Map,
    templates: &mut BTreeMap<String, Template<'c>>,
) -> Map {
    let metadata = node.metadata.to_map();
    metadata.insert("IsRoot", parent_path.is_none());
    let values = match parent_path {
        None => above.get("Values").unwrap_or_default(),
        Some(_) => {
            // A dot in the name is a path here too, as in Helm.
            let found = lookup_table(above, &format!("Values.{}", node.name()));
            Value::Map(found.unwrap_or_default().retyped(&VALUES))
        }
    };
    let subcharts = Map::new();
    let context = Map::new();
    context.insert("Chart", metadata);
    context.insert("Files", files_value(&node.chart.files));
    context.insert("Release", above.get("Release").unwrap_or_default());
    context.insert("Capabilities", above.get("Capabilities").unwrap_or_default());
    context.insert("Values", values);
    context.insert("Subcharts", subcharts.clone());

    let path = match parent_path {
        None => node.name().to_owned(),
        Some(parent) => format!("{parent}/charts/{}", node.name()),
    };
    for subchart in &node.dependencies {
        let context = add_chart(subchart, Some(&path), &context, templates);
        subcharts.insert(subchart.name(), context);
    }
    for file in &node.chart.templates {
        if node.metadata.is_library() && !is_partial(&file.path) {
            continue;
        }
        templates.insert(
            format!("{path}/{}", file.path),
            Template {
                file,
                context: context.clone(),
                base_path: format!("{path}/templates"),
            },
        );
    }
    context
}

/// Whether a file is only there to be included.
pub(crate) fn is_partial(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|base| base.starts_with('_'))
}

/// The order of parsing and rendering: deepest first, within a depth from the last name to the first, so that the
/// `define`s of a parent replace those of its subcharts.
pub(crate) fn in_parse_order<T>(templates: &BTreeMap<String, T>) -> Vec<(&String, &T)> {
    let mut order: Vec<_> = templates.iter().rev().collect();
    order.sort_by_cached_key(|(path, _)| std::cmp::Reverse(path.matches('/').count()));
    order
}
