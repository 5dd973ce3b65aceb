//! What the form of an installation or an upgrade holds, read from what was sent and turned into what is asked for.
//!
//! One form for both: its fields have the same names on both pages. Which of them are right `backend` says; here is only
//! what a text field cannot hold, such as a number.

use std::collections::BTreeMap;

use model::install::PreviewRequest;
use model::operation::{ChartReference, OperationOptions, OperationRequest, ReuseValues};

use crate::error::AppError;

/// The fields, as they were typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeForm {
    pub cluster: String,
    pub namespace: String,
    /// Of the release.
    pub name: String,
    /// `repository/name`, where it is not known which chart of the catalog a release is of.
    pub chart: String,
    /// The chart's version, of an upgrade.
    pub version: String,
    pub values: String,
    /// The version that the values were made for already, of an upgrade.
    pub merged: String,
    /// Paths of values that are left as they are though the new version changes them, one a line.
    pub kept: String,
    pub wait: bool,
    pub wait_for_jobs: bool,
    pub rollback_on_failure: bool,
    pub timeout_secs: String,
    pub create_namespace: bool,
    pub skip_crds: bool,
    pub no_hooks: bool,
    pub force_conflicts: bool,
    pub take_ownership: bool,
    pub description: String,
    /// `key=value`, one a line.
    pub labels: String,
    pub history_max: String,
}

/// What a button of the form asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeStep {
    /// The form again, with what was typed.
    Edit,
    Preview,
    Plan,
    /// The change itself.
    Begin,
}

impl ChangeStep {
    /// The value of the button.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Edit => "edit",
            Self::Preview => "preview",
            Self::Plan => "plan",
            Self::Begin => "begin",
        }
    }

    /// The step that a button's value names.
    pub fn parse(word: &str) -> Self {
        let steps = [Self::Preview, Self::Plan, Self::Begin];
        let step = steps.into_iter().find(|step| step.as_str() == word);
        step.unwrap_or(Self::Edit)
    }
}

/// What a button beside a finding of the merge sends in place of a step: which choice, of which value.
pub(crate) fn settle(path: &str, choice: usize) -> String {
    format!("settle:{choice}:{path}")
}

/// The same, read back.
pub(crate) fn settled(word: &str) -> Option<(String, usize)> {
    let (choice, path) = word.strip_prefix("settle:")?.split_once(':')?;
    Some((path.to_owned(), choice.parse().ok()?))
}

impl Default for ChangeForm {
    fn default() -> Self {
        let options = OperationOptions::default();
        Self {
            cluster: String::new(),
            namespace: String::new(),
            name: String::new(),
            chart: String::new(),
            version: String::new(),
            values: String::new(),
            merged: String::new(),
            kept: String::new(),
            wait: options.wait,
            wait_for_jobs: options.wait_for_jobs,
            rollback_on_failure: options.rollback_on_failure,
            timeout_secs: options.timeout_secs.to_string(),
            create_namespace: options.create_namespace,
            skip_crds: options.skip_crds,
            no_hooks: options.no_hooks,
            force_conflicts: options.force_conflicts,
            take_ownership: options.take_ownership,
            description: String::new(),
            labels: String::new(),
            history_max: options.history_max.to_string(),
        }
    }
}

impl ChangeForm {
    /// Reads what was sent, where `get` answers a field's text and nothing where the field is missing.
    pub fn read<'f>(get: impl Fn(&str) -> Option<&'f str>) -> Self {
        let text = |name: &str| get(name).unwrap_or_default().trim().to_owned();
        let flag = |name: &str| get(name).is_some_and(|value| !matches!(value, "" | "false"));
        let plain = Self::default();
        let number = |name: &str, plain: &str| match get(name) {
            Some(value) => value.trim().to_owned(),
            None => plain.to_owned(),
        };
        Self {
            cluster: text("cluster"),
            namespace: text("namespace"),
            name: text("name"),
            chart: text("chart"),
            version: text("version"),
            values: unix_lines(get("values").unwrap_or_default()),
            merged: text("merged"),
            kept: unix_lines(get("kept").unwrap_or_default()),
            wait: flag("wait"),
            wait_for_jobs: flag("wait_for_jobs"),
            rollback_on_failure: flag("rollback_on_failure"),
            timeout_secs: number("timeout_secs", &plain.timeout_secs),
            create_namespace: flag("create_namespace"),
            skip_crds: flag("skip_crds"),
            no_hooks: flag("no_hooks"),
            force_conflicts: flag("force_conflicts"),
            take_ownership: flag("take_ownership"),
            description: text("description"),
            labels: unix_lines(get("labels").unwrap_or_default()),
            history_max: number("history_max", &plain.history_max),
        }
    }

    /// Whether an option differs from its default, so that options are worth being unfolded.
    pub fn has_options(&self) -> bool {
        let plain = Self {
            cluster: self.cluster.clone(),
            namespace: self.namespace.clone(),
            name: self.name.clone(),
            chart: self.chart.clone(),
            version: self.version.clone(),
            values: self.values.clone(),
            merged: self.merged.clone(),
            kept: self.kept.clone(),
            ..Self::default()
        };
        *self != plain
    }

    /// The chart that was chosen for a release of which none is known.
    pub fn chosen_chart(&self) -> Option<(&str, &str)> {
        self.chart.split_once('/')
    }

    /// Installing a chart.
    pub fn install(&self, chart: ChartReference) -> Result<OperationRequest, AppError> {
        Ok(OperationRequest::Install {
            chart,
            values: self.values.clone(),
            options: self.options()?,
        })
    }

    /// Upgrading to a chart, or with the one that a release has. The values are all that there are: those of the revision
    /// before are what the form began with.
    pub fn upgrade(&self, chart: Option<ChartReference>) -> Result<OperationRequest, AppError> {
        Ok(OperationRequest::Upgrade {
            chart,
            values: self.values.clone(),
            options: OperationOptions {
                reuse_values: ReuseValues::Reset,
                ..self.options()?
            },
        })
    }

    /// A look at what a chart comes to; in a cluster if it is chosen and the viewer is somebody.
    pub fn preview(&self, chart: ChartReference, cluster: Option<&str>, is_upgrade: bool) -> PreviewRequest {
        PreviewRequest {
            chart,
            values: self.values.clone(),
            name: self.name.clone(),
            namespace: self.namespace.clone(),
            cluster: cluster.map(str::to_owned),
            is_upgrade,
        }
    }

    fn options(&self) -> Result<OperationOptions, AppError> {
        Ok(OperationOptions {
            wait: self.wait,
            wait_for_jobs: self.wait_for_jobs,
            timeout_secs: self
                .timeout_secs
                .parse()
                .map_err(|_| AppError::in_field("timeout_secs", "is a whole number of seconds"))?,
            rollback_on_failure: self.rollback_on_failure,
            no_hooks: self.no_hooks,
            skip_crds: self.skip_crds,
            force_conflicts: self.force_conflicts,
            take_ownership: self.take_ownership,
            create_namespace: self.create_namespace,
            description: Some(self.description.clone()).filter(|text| !text.is_empty()),
            labels: labels(&self.labels)?,
            history_max: self
                .history_max
                .parse()
                .map_err(|_| AppError::in_field("history_max", "is a whole number of revisions"))?,
            ..OperationOptions::default()
        })
    }
}

/// Forms are sent with CRLF (HTML, "constructing the entry list"); who typed meant line breaks.
fn unix_lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

fn labels(text: &str) -> Result<BTreeMap<String, String>, AppError> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let labels = lines.map(|line| match line.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.trim().to_owned())),
        _ => Err(AppError::in_field(
            "labels",
            format!("`{line}` is no label: each line is `key=value`"),
        )),
    });
    labels.collect()
}

#[cfg(test)]
mod tests {
    use model::operation::{OperationOptions, OperationRequest, ReuseValues};

    use super::{ChangeForm, ChangeStep, settle, settled};

    fn form(fields: &[(&'static str, &'static str)]) -> ChangeForm {
        let find = |name: &str| fields.iter().find(|(field, _)| *field == name);
        ChangeForm::read(|name| find(name).map(|(_, value)| *value))
    }

    fn options(fields: &[(&'static str, &'static str)]) -> Result<OperationOptions, String> {
        match form(fields).upgrade(None) {
            Ok(OperationRequest::Upgrade { options, .. }) => Ok(options),
            Ok(other) => panic!("{other:?}"),
            Err(error) => Err(error.message),
        }
    }

    #[test]
    fn a_form_without_options_has_helms_defaults() {
        let plain = options(&[("values", "a: 1"), ("name", "web")]);
        let want = OperationOptions {
            reuse_values: ReuseValues::Reset,
            ..OperationOptions::default()
        };
        assert_eq!(plain, Ok(want));
        assert!(!form(&[("values", "a: 1"), ("name", "web")]).has_options());
        assert!(form(&[("wait", "true")]).has_options());
    }

    #[test]
    fn options_are_read_and_told_where_they_are_wrong() {
        let fields = [
            ("wait", "true"),
            ("skip_crds", "true"),
            ("timeout_secs", " 60 "),
            ("history_max", "3"),
            ("labels", "team=shop\r\n\r\n tier = web=1 \r\n"),
            ("description", " first try "),
        ];
        let read = options(&fields).expect("they are fine");
        assert!(read.wait && read.skip_crds && !read.no_hooks);
        assert_eq!((read.timeout_secs, read.history_max), (60, 3));
        assert_eq!(read.description.as_deref(), Some("first try"));
        let labels: Vec<_> = read.labels.into_iter().collect();
        let label = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(labels, [label("team", "shop"), label("tier", "web=1")]);
        for (field, wrong) in [
            ("timeout_secs", "5m"),
            ("timeout_secs", ""),
            ("history_max", "-1"),
            ("labels", "a"),
            ("labels", "=b"),
        ] {
            let message = options(&[(field, wrong)]).expect_err("it is wrong");
            assert!(message.starts_with(&format!("{field}: ")), "{message}");
        }
    }

    #[test]
    fn values_keep_everything_but_the_line_breaks_of_forms() {
        assert_eq!(
            form(&[("values", " a: 1\r\n\r\n# end\r\n")]).values,
            " a: 1\n\n# end\n"
        );
    }

    #[test]
    fn steps_are_read_back() {
        for step in [
            ChangeStep::Edit,
            ChangeStep::Preview,
            ChangeStep::Plan,
            ChangeStep::Begin,
        ] {
            assert_eq!(ChangeStep::parse(step.as_str()), step);
        }
        assert_eq!(ChangeStep::parse("format the disk"), ChangeStep::Edit);
        assert_eq!(settled(&settle("a.b:c[0]", 2)), Some(("a.b:c[0]".to_owned(), 2)));
        assert_eq!(settled("settle:x:a"), None);
        assert_eq!(settled("plan"), None);
    }
}
