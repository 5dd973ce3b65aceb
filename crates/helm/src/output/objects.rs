//! Objects of a release as kubectl prints them: tables of the Kubernetes API in columns.

use std::collections::BTreeMap;

use serde_json::Value;

use super::table::pad;

/// Every kind with its objects, which are tables of the API server. Helm prints the kinds in no order; here they have one.
pub fn print(objects: &BTreeMap<String, Vec<Value>>) -> String {
    let mut text = String::new();
    // A heading is not repeated for objects with the same columns.
    let mut printed: Option<&Value> = None;
    for (kind, tables) in objects {
        text.push_str(&format!("==> {kind}\n"));
        for table in tables {
            let columns = table.get("columnDefinitions");
            text.push_str(&print_table(table, printed != columns));
            printed = if rows_of(table).is_empty() { None } else { columns };
        }
        text.push('\n');
    }
    text
}

fn rows_of(table: &Value) -> &[Value] {
    table
        .get("rows")
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn print_table(table: &Value, with_heading: bool) -> String {
    let columns = table.get("columnDefinitions").and_then(Value::as_array);
    let columns = columns.map_or(&[][..], Vec::as_slice);
    let is_shown = |column: &Value| column.get("priority").and_then(Value::as_i64).unwrap_or(0) == 0;
    let mut lines: Vec<Vec<String>> = Vec::new();
    if with_heading {
        let shown = columns.iter().filter(|column| is_shown(column));
        let names = shown.map(|column| column.get("name").and_then(Value::as_str).unwrap_or_default());
        lines.push(names.map(str::to_uppercase).collect());
    }
    for row in rows_of(table) {
        let cells = row
            .get("cells")
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice);
        let shown = columns.iter().zip(cells).filter(|(column, _)| is_shown(column));
        lines.push(shown.map(|(_, cell)| print_cell(cell)).collect());
    }
    in_columns(&lines)
}

fn print_cell(cell: &Value) -> String {
    match cell {
        Value::Null => String::new(),
        Value::String(text) => match text.split_once(['\x0C', '\n', '\r']) {
            Some((line, _)) => format!("{line}..."),
            None => text.clone(),
        },
        other => other.to_string(),
    }
}

/// As Go's `tabwriter` does with kubectl's settings: at least six wide, three apart, the last column as it is.
fn in_columns(lines: &[Vec<String>]) -> String {
    const MIN_WIDTH: usize = 6;
    const GAP: usize = 3;
    let mut widths: Vec<usize> = Vec::new();
    for line in lines {
        for (number, cell) in line.iter().enumerate() {
            let width = (cell.chars().count() + GAP).max(MIN_WIDTH);
            match widths.get_mut(number) {
                Some(known) => *known = width.max(*known),
                None => widths.push(width),
            }
        }
    }
    let mut text = String::new();
    for line in lines {
        if let Some((last, cells)) = line.split_last() {
            for (cell, width) in cells.iter().zip(&widths) {
                text.push_str(&pad(cell, *width));
            }
            text.push_str(last);
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::print;

    fn table(columns: &[&str], row: &[&str]) -> Vec<Value> {
        let columns: Vec<Value> = columns
            .iter()
            .map(|name| json!({ "name": name, "priority": 0 }))
            .collect();
        vec![json!({ "columnDefinitions": columns, "rows": [{ "cells": row }] })]
    }

    #[test]
    fn kinds_come_in_order_and_a_heading_is_not_repeated() {
        let objects = BTreeMap::from([
            (
                "v1/Service".to_owned(),
                table(&["Name", "Type"], &["web", "ClusterIP"]),
            ),
            ("v1/ConfigMap".to_owned(), table(&["Name", "Data"], &["web", "1"])),
            ("v1/Secret".to_owned(), table(&["Name", "Data"], &["token", "2"])),
        ]);
        assert_eq!(
            print(&objects),
            "==> v1/ConfigMap\nNAME   DATA\nweb    1\n\n==> v1/Secret\ntoken   2\n\n==> v1/Service\nNAME   TYPE\nweb    ClusterIP\n\n"
        );
    }
}
