//! The values of an upgrade: what is taken over from the revision before.

use serde_json::Value;

use super::{Release, computed_values};
use crate::values::{Table, Tree, TypeMismatch, coalesce_over, from_map, to_map};

/// Which values of the revision before an upgrade goes on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReuseValues {
    /// Helm's rule without flags: all of the user's if none are given, else none.
    #[default]
    IfNoneGiven,
    /// `--reset-values`
    Never,
    /// `--reuse-values`: the user's, and the old chart's defaults.
    WithOldDefaults,
    /// `--reset-then-reuse-values`: the user's, over the new chart's defaults.
    WithNewDefaults,
}

/// The values of an upgrade.
#[derive(Debug, Clone, PartialEq)]
pub struct UpgradeValues {
    /// What is stored as the user's.
    pub supplied: Table,
    /// What takes the place of the new chart's defaults, if anything.
    pub defaults: Option<Table>,
}

/// The values of an upgrade from `current` for which the user gives `given`; his nulls delete.
pub fn upgrade_values(
    reuse: ReuseValues,
    current: &Release,
    given: Table,
) -> Result<UpgradeValues, TypeMismatch> {
    let old = || match Tree::from_json(&Value::Object(current.config.clone())) {
        Tree::Table(table) => table,
        _ => Table::new(),
    };
    let over_old = |given: &Table| {
        let merged = to_map(given);
        coalesce_over(&merged, &to_map(&old()));
        from_map(&merged)
    };
    Ok(match reuse {
        ReuseValues::Never => UpgradeValues {
            supplied: given,
            defaults: None,
        },
        ReuseValues::WithOldDefaults => UpgradeValues {
            supplied: over_old(&given),
            defaults: Some(computed_values(current)?),
        },
        ReuseValues::WithNewDefaults => UpgradeValues {
            supplied: over_old(&given),
            defaults: None,
        },
        ReuseValues::IfNoneGiven => UpgradeValues {
            supplied: if given.is_empty() { old() } else { given },
            defaults: None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(reuse: ReuseValues, given: &str) -> (Value, Option<Value>) {
        let current: Release = serde_json::from_str(
            r#"{"config":{"a":{"x":2},"b":1},"chart":{"metadata":{"name":"c"},"values":{"a":{"x":1,"y":1}}}}"#,
        )
        .unwrap();
        let Tree::Table(given) = Tree::from_json(&serde_json::from_str(given).unwrap()) else {
            panic!("a table")
        };
        let values = upgrade_values(reuse, &current, given).unwrap();
        (
            Tree::Table(values.supplied).to_json(),
            values.defaults.map(|defaults| Tree::Table(defaults).to_json()),
        )
    }

    #[test]
    fn each_mode_takes_over_what_helm_takes_over() {
        let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let old = json(r#"{"a":{"x":2},"b":1}"#);
        let given = r#"{"a":{"z":3},"b":null}"#;
        assert_eq!(values(ReuseValues::Never, given), (json(given), None));
        assert_eq!(values(ReuseValues::Never, "{}"), (json("{}"), None));
        assert_eq!(values(ReuseValues::IfNoneGiven, "{}"), (old.clone(), None));
        assert_eq!(values(ReuseValues::IfNoneGiven, given), (json(given), None));
        let merged = json(r#"{"a":{"x":2,"z":3}}"#);
        assert_eq!(
            values(ReuseValues::WithNewDefaults, given),
            (merged.clone(), None)
        );
        assert_eq!(
            values(ReuseValues::WithOldDefaults, given),
            (merged, Some(json(r#"{"a":{"x":2,"y":1},"b":1}"#)))
        );
    }
}
