//! Rendering templates of a set one after another, as Helm's engine does.

use crate::context::{Context, remove_no_value};
use crate::error::Error;
use crate::host::Host;
use crate::limits::{Budget, Limits};
use crate::set::TemplateSet;
use crate::trace::Trace;
use crate::value::{GoStr, Map, Value};

/// What a render may spend and how it treats what is missing.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The budgets of the whole render.
    pub limits: Limits,
    /// Reading a missing key is an error.
    pub strict: bool,
    /// `required` and `fail` return the empty string.
    pub lint: bool,
}

/// One render of a chart: its templates are executed in turn, see each other's changes to shared values, and
/// spend one budget.
pub struct Renderer<'r> {
    set: &'r TemplateSet,
    context: Context<'r>,
}

impl<'r> Renderer<'r> {
    /// Starts a render of templates of `set`. The native stack is measured from here.
    #[must_use]
    pub fn new(set: &'r TemplateSet, host: &'r dyn Host, options: Options) -> Self {
        let Options { limits, strict, lint } = options;
        Self {
            set,
            context: Context::new(host, limits)
                .templates(set)
                .with_caches(set.take_caches())
                .strict(strict)
                .lint(lint),
        }
    }

    /// Executes the template `name` with `data` as dot; its output is without Go's `<no value>`.
    pub fn render(&mut self, name: &str, data: Value) -> Result<GoStr, Error> {
        let out = self.context.execute_named(&name.into(), data)?;
        Ok(remove_no_value(out).into())
    }

    /// The same, and how the output came about; `values` are those of the root chart. Costs about as much again.
    pub fn render_traced(&mut self, name: &str, data: Value, values: &Map) -> Result<(GoStr, Trace), Error> {
        self.context.trace = Some(Box::new(Trace::new(values)));
        let out = self.context.execute_named(&name.into(), data);
        let mut trace = self
            .context
            .trace
            .take()
            .unwrap_or_else(|| Box::new(Trace::new(values)));
        let out = out?;
        trace.finish(&out);
        Ok((remove_no_value(out).into(), *trace))
    }

    /// What has been spent.
    pub fn budget(&mut self) -> &mut Budget {
        self.context.budget()
    }
}

impl Drop for Renderer<'_> {
    fn drop(&mut self) {
        self.set.give_caches(self.context.take_caches());
    }
}
