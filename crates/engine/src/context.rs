//! What a running function may reach: the host, the budget, the templates, and caches that live as long as the
//! render.

use std::rc::Rc;
use std::sync::{Arc, LazyLock};

use crate::caches::{Caches, Keep};
use crate::error::{Error, ErrorKind, FnError};
use crate::exec::{self, Slot};
use crate::hash::HashMap;
use crate::host::Host;
use crate::limits::{Budget, Exceeded, Limits};
use crate::parse::tree::Tree;
use crate::set::{self, ROOT_NAME, TemplateSet};
use crate::stack::StackGuard;
use crate::strconv::quote;
use crate::trace::Trace;
use crate::value::{GoStr, Value};

/// How many steps pass between two looks at the host's clock, those that functions spend at once included.
const STEPS_PER_CLOCK_CHECK: u64 = 1_024;

static NO_TEMPLATES: LazyLock<TemplateSet> = LazyLock::new(TemplateSet::new);

/// Templates a `tpl` text defines, laid over those that were visible where it was called.
struct Overlay {
    below: Option<Rc<Self>>,
    trees: HashMap<GoStr, Arc<Tree>>,
}

/// The state of one render as functions see it.
pub struct Context<'r> {
    host: &'r dyn Host,
    templates: &'r TemplateSet,
    budget: Budget,
    caches: Caches,
    strict: bool,
    lint: bool,
    stack: StackGuard,
    overlay: Option<Rc<Overlay>>,
    tpl_depth: usize,
    /// The names of `include`s under way, and how often each is; a handful.
    includes: Vec<(GoStr, usize)>,
    /// Variable frames of finished executions, for reuse.
    frames: Vec<Vec<Option<Slot>>>,
    /// Output buffers of finished `include`s and `tpl`s, for reuse.
    buffers: Vec<Vec<u8>>,
    next_clock_check: u64,
    deadline: Option<std::time::Duration>,
    /// What is written down of the template that is executed, if somebody wants to know.
    pub(crate) trace: Option<Box<Trace>>,
}

impl<'r> Context<'r> {
    /// A fresh context, without templates.
    #[must_use]
    pub fn new(host: &'r dyn Host, limits: Limits) -> Self {
        let deadline = limits
            .max_time
            .and_then(|limit| host.elapsed().map(|now| now + limit));
        Self {
            host,
            templates: &NO_TEMPLATES,
            stack: StackGuard::new(limits.max_stack_bytes),
            budget: Budget::new(limits),
            caches: Caches::default(),
            strict: false,
            lint: false,
            overlay: None,
            tpl_depth: 0,
            includes: Vec::new(),
            frames: Vec::new(),
            buffers: Vec::new(),
            next_clock_check: STEPS_PER_CLOCK_CHECK,
            deadline,
            trace: None,
        }
    }

    /// The templates `include` and `tpl` see.
    #[must_use]
    pub fn templates(mut self, templates: &'r TemplateSet) -> Self {
        self.templates = templates;
        self
    }

    /// Starts with what an earlier render compiled.
    #[must_use]
    pub(crate) fn with_caches(mut self, caches: Caches) -> Self {
        self.caches = caches;
        self
    }

    /// What was compiled so far.
    pub(crate) fn take_caches(&mut self) -> Caches {
        std::mem::take(&mut self.caches)
    }

    /// A missing map key is an error, as with Helm's `Strict`.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// `required` and `fail` do not fail, as when Helm lints.
    #[must_use]
    pub fn lint(mut self, lint: bool) -> Self {
        self.lint = lint;
        self
    }

    /// The outside world.
    #[must_use]
    pub fn host(&self) -> &'r dyn Host {
        self.host
    }

    /// What may still be spent.
    pub fn budget(&mut self) -> &mut Budget {
        &mut self.budget
    }

    /// Whether this is a lint.
    #[must_use]
    pub fn is_lint(&self) -> bool {
        self.lint
    }

    pub(crate) fn is_strict(&self) -> bool {
        self.strict
    }

    /// The render's one `T`, made on first use: compiled regular expressions, parsed constraints and the like.
    pub fn cache<T: Keep>(&mut self) -> &mut T {
        self.caches.get()
    }

    /// Executes the template `name` and returns what it printed.
    pub(crate) fn include(&mut self, name: &GoStr, data: Value) -> Result<GoStr, FnError> {
        let Some(tree) = self.find_template(name) else {
            return Err(FnError::Template(Box::new(no_template(name))));
        };
        // Helm counts a name's nesting and lets one more than the limit through.
        let limit = self.budget.limits().max_include_depth;
        let nested = match self.includes.iter_mut().rfind(|(known, _)| known == name) {
            Some((_, count)) => {
                *count += 1;
                *count
            }
            None => {
                self.includes.push((name.clone(), 1));
                1
            }
        };
        if nested > limit + 1 {
            return Err(FnError::Message(format!(
                "rendering template has a nested reference name: {name}: unable to execute template"
            )));
        }
        let mut out = self.buffers.pop().unwrap_or_default();
        let begun = self.trace.as_mut().map(|trace| trace.begin());
        let result = exec::execute(self, &tree, data, &mut out);
        if let (Some(trace), Some(begun)) = (&mut self.trace, begun) {
            trace.end(begun, Some(&out));
        }
        if let Some(index) = self.includes.iter().rposition(|(known, _)| known == name) {
            match self.includes.get_mut(index) {
                Some((_, count)) if *count > 1 => *count -= 1,
                _ => drop(self.includes.swap_remove(index)),
            }
        }
        let text = GoStr::from_bytes(&out);
        out.clear();
        self.buffers.push(out);
        result.map(|()| text).map_err(FnError::Template)
    }

    /// Executes `text` as a template of its own, whose definitions are visible inside it only.
    pub(crate) fn tpl(&mut self, text: &GoStr, data: Value) -> Result<GoStr, FnError> {
        let limit = self.budget.limits().max_tpl_depth;
        if self.tpl_depth >= limit {
            return Err(Exceeded::TplDepth { limit }.into());
        }
        let trees = self.templates.parse_tpl(text).map_err(|error| {
            FnError::Wrapped(
                format!("cannot parse template {}: ", quote(text.as_bytes())),
                error,
            )
        })?;
        let Some(main) = trees.iter().find(|tree| tree.name == ROOT_NAME).map(Arc::clone) else {
            return Ok(GoStr::EMPTY);
        };
        let below = self.overlay.clone();
        let mut overlay = Overlay {
            below: below.clone(),
            trees: HashMap::default(),
        };
        for tree in trees.iter() {
            if !tree.is_empty || self.find_template(&tree.name).is_none() {
                set::associate(&mut overlay.trees, Arc::clone(tree));
            }
        }
        if !overlay.trees.is_empty() {
            self.overlay = Some(Rc::new(overlay));
        }
        self.tpl_depth += 1;
        let mut out = Vec::new();
        let begun = self.trace.as_mut().map(|trace| trace.begin());
        let result = exec::execute(self, &main, data, &mut out);
        if let (Some(trace), Some(begun)) = (&mut self.trace, begun) {
            trace.end(begun, None);
        }
        self.tpl_depth -= 1;
        self.overlay = below;
        match result {
            Ok(()) => Ok(remove_no_value(out).into()),
            Err(error) => Err(FnError::Wrapped(
                format!(
                    "error during tpl function execution for {}: ",
                    quote(text.as_bytes())
                ),
                error,
            )),
        }
    }

    pub(crate) fn execute_named(&mut self, name: &GoStr, data: Value) -> Result<Vec<u8>, Error> {
        let Some(tree) = self.find_template(name) else {
            return Err(no_template(name));
        };
        let mut out = Vec::new();
        exec::execute(self, &tree, data, &mut out).map_err(|error| *error)?;
        Ok(out)
    }

    pub(crate) fn find_template(&self, name: &GoStr) -> Option<Arc<Tree>> {
        let mut overlay = self.overlay.as_ref();
        while let Some(layer) = overlay {
            if let Some(tree) = layer.trees.get(name) {
                return Some(Arc::clone(tree));
            }
            overlay = layer.below.as_ref();
        }
        self.templates.find(name).map(Arc::clone)
    }

    /// Spends one step of the executor.
    pub(crate) fn step(&mut self) -> Result<(), Exceeded> {
        let spent = self.budget.steps_spent();
        if spent >= self.next_clock_check {
            self.next_clock_check = spent.saturating_add(STEPS_PER_CLOCK_CHECK);
            self.check_clock()?;
        }
        self.budget.steps(1)
    }

    fn check_clock(&self) -> Result<(), Exceeded> {
        let (Some(deadline), Some(limit)) = (self.deadline, self.budget.limits().max_time) else {
            return Ok(());
        };
        match self.host.elapsed() {
            Some(now) if now > deadline => Err(Exceeded::Time { limit }),
            _ => Ok(()),
        }
    }

    pub(crate) fn check_stack(&self) -> Result<(), Exceeded> {
        if self.stack.has_room() {
            Ok(())
        } else {
            Err(Exceeded::Stack {
                limit: self.stack.limit(),
            })
        }
    }

    pub(crate) fn take_frame(&mut self) -> Vec<Option<Slot>> {
        self.frames.pop().unwrap_or_default()
    }

    pub(crate) fn give_frame(&mut self, mut frame: Vec<Option<Slot>>) {
        frame.clear();
        self.frames.push(frame);
    }
}

/// What Go says when a template is asked for that is not in the set.
fn no_template(name: &GoStr) -> Error {
    let (name, set) = (quote(name.as_bytes()), quote(ROOT_NAME.as_bytes()));
    Error {
        kind: ErrorKind::Exec,
        template: ROOT_NAME.to_owned(),
        line: 0,
        column: None,
        text: format!("template: no template {name} associated with template {set}"),
        cause: None,
    }
}

/// Removes what text/template prints for a missing value, wherever it comes from, as Helm does.
pub(crate) fn remove_no_value(text: Vec<u8>) -> Vec<u8> {
    const NO_VALUE: &[u8] = b"<no value>";
    let finder = memchr::memmem::Finder::new(NO_VALUE);
    let find = |from: usize| finder.find(text.get(from..)?).map(|offset| from + offset);
    let Some(mut found) = find(0) else {
        return text;
    };
    let mut kept = Vec::with_capacity(text.len());
    let mut start = 0;
    loop {
        kept.extend_from_slice(text.get(start..found).unwrap_or_default());
        start = found + NO_VALUE.len();
        match find(start) {
            Some(next) => found = next,
            None => break,
        }
    }
    kept.extend_from_slice(text.get(start..).unwrap_or_default());
    kept
}
