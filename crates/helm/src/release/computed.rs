//! The values a stored release was made with, computed anew from its record.

use engine::value::Value;

use super::Release;
use crate::chart::Chart;
use crate::dependencies::ChartNode;
use crate::values::{Merge, Table, Tree, TypeMismatch, Warnings, coalesce_values, to_map};

/// The user's values over the stored chart's defaults, as `helm get values --all` computes them. A record holds no
/// subcharts, so their defaults are in it only where the chart's own values name them.
pub fn computed_values(release: &Release) -> Result<Table, TypeMismatch> {
    let mut chart = Chart::default();
    if let Some(stored) = &release.chart {
        stored.name().clone_into(&mut chart.metadata.name);
        chart.values = table(Tree::from_json(&stored.values));
    }
    let supplied = table(Tree::from_json(&serde_json::Value::Object(
        release.config.clone(),
    )));
    let node = ChartNode::new(&chart);
    let values = coalesce_values(
        &node,
        &to_map(&supplied),
        Merge::Coalesce,
        &mut Warnings::default(),
    )?;
    Ok(table(Tree::from_value(&Value::Map(values))))
}

fn table(tree: Tree) -> Table {
    match tree {
        Tree::Table(table) => table,
        _ => Table::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nulls_delete_and_tables_merge() {
        let release: Release = serde_json::from_str(
            r#"{"config":{"a":{"x":2},"gone":null,"own":1.5},
                "chart":{"metadata":{"name":"c"},"values":{"a":{"x":1,"y":1},"gone":3,"kept":"k"}}}"#,
        )
        .unwrap();
        let values = Tree::Table(computed_values(&release).unwrap()).to_json();
        let want = serde_json::json!({"a": {"x": 2, "y": 1}, "kept": "k", "own": 1.5});
        assert_eq!(values, want);
        assert!(computed_values(&Release::default()).unwrap().is_empty());
    }
}
