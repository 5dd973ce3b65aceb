//! Budgets on everything a template can spend, since charts are not trusted.
//!
//! [`Limits`] says how much there is; [`Budget`] counts it down during one render. Whatever is exceeded is an
//! [`Exceeded`], which the executor turns into an error naming template and line.

use std::time::Duration;

use crate::value::Value;

/// Nesting no function follows: a chart's values are a dozen levels deep.
const MAX_DEPTH: usize = 1_000;

/// What a key costs beside its own budget: as much time as that many steps, and the clock is looked at after it.
const STEPS_PER_KEY: u64 = 20_000;

/// How much one render may spend.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Nodes executed and elements produced by functions.
    pub max_steps: u64,
    /// Nested `{{ template }}` calls.
    pub max_template_depth: usize,
    /// Nested `include`s of one name; Helm's own limit.
    pub max_include_depth: usize,
    /// Native stack one render may use; the thread it runs on must have that much and some to spare.
    pub max_stack_bytes: usize,
    /// Nested `tpl` calls.
    pub max_tpl_depth: usize,
    /// Bytes of text all templates and functions together may produce.
    pub max_output_bytes: u64,
    /// Size of one string a function builds.
    pub max_string_bytes: usize,
    /// Elements of one list a function builds, and numbers one `range` may count to.
    pub max_list_items: usize,
    /// Bytes of one regular expression.
    pub max_regex_bytes: usize,
    /// RSA and other expensive key generations or derivations.
    pub max_key_generations: u32,
    /// Time by the host's monotonic clock, if it has one.
    pub max_time: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_steps: 200_000_000,
            max_template_depth: 100_000,
            max_include_depth: 1_000,
            max_stack_bytes: 1 << 20,
            max_tpl_depth: 100,
            max_output_bytes: 512 << 20,
            max_string_bytes: 64 << 20,
            max_list_items: 10_000_000,
            max_regex_bytes: 64 << 10,
            max_key_generations: 100,
            max_time: None,
        }
    }
}

/// A budget that was exceeded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Exceeded {
    #[error("template needs more than {limit} steps")]
    Steps { limit: u64 },
    #[error("exceeded maximum template depth ({limit})")]
    TemplateDepth { limit: usize },
    #[error("calls are nested so deeply that more than {limit} bytes of stack are needed")]
    Stack { limit: usize },
    #[error("value is nested deeper than {limit}")]
    Depth { limit: usize },
    #[error("tpl calls are nested deeper than {limit}")]
    TplDepth { limit: usize },
    #[error("output is larger than {limit} bytes")]
    Output { limit: u64 },
    #[error("string is larger than {limit} bytes")]
    StringSize { limit: usize },
    #[error("list is longer than {limit} items")]
    ListSize { limit: usize },
    #[error("regular expression is larger than {limit} bytes")]
    RegexSize { limit: usize },
    #[error("template generates more than {limit} keys")]
    KeyGenerations { limit: u32 },
    #[error("rendering takes longer than {} ms", .limit.as_millis())]
    Time { limit: Duration },
}

/// What is left of the [`Limits`] during one render.
#[derive(Debug)]
pub struct Budget {
    limits: Limits,
    steps_left: u64,
    output_left: u64,
    keys_left: u32,
}

impl Budget {
    /// The full budget.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            steps_left: limits.max_steps,
            output_left: limits.max_output_bytes,
            keys_left: limits.max_key_generations,
            limits,
        }
    }

    /// The limits it was made from.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Spends `n` steps.
    pub fn steps(&mut self, n: u64) -> Result<(), Exceeded> {
        match self.steps_left.checked_sub(n) {
            Some(left) => {
                self.steps_left = left;
                Ok(())
            }
            None => Err(Exceeded::Steps {
                limit: self.limits.max_steps,
            }),
        }
    }

    /// Steps spent so far.
    #[must_use]
    pub fn steps_spent(&self) -> u64 {
        self.limits.max_steps - self.steps_left
    }

    /// Spends `n` bytes of output.
    pub fn output(&mut self, n: usize) -> Result<(), Exceeded> {
        match self.output_left.checked_sub(n as u64) {
            Some(left) => {
                self.output_left = left;
                Ok(())
            }
            None => Err(Exceeded::Output {
                limit: self.limits.max_output_bytes,
            }),
        }
    }

    /// To be called before a function builds a string of `n` bytes (`repeat`, `indent`, `replace` …).
    pub fn string(&mut self, n: usize) -> Result<(), Exceeded> {
        if n > self.limits.max_string_bytes {
            return Err(Exceeded::StringSize {
                limit: self.limits.max_string_bytes,
            });
        }
        self.output(n)
    }

    /// To be called before a function builds a list of `n` items (`until`, `splitList` …).
    pub fn list(&mut self, n: usize) -> Result<(), Exceeded> {
        if n > self.limits.max_list_items {
            return Err(Exceeded::ListSize {
                limit: self.limits.max_list_items,
            });
        }
        self.steps(n as u64)
    }

    /// [`Budget::walk`], at no cost for the many arguments that hold nothing.
    pub(crate) fn walk_if_nested(&mut self, value: &Value) -> Result<(), Exceeded> {
        if value.is_container() {
            self.walk(value)
        } else {
            Ok(())
        }
    }

    /// Spends a step for every value within `value`, and does not let it be deeper than any function should go.
    ///
    /// A list that holds another twice, which holds a third twice, and so on, is small in memory and exponentially
    /// large to whoever walks it; a map that contains itself is endless.
    pub fn walk(&mut self, value: &Value) -> Result<(), Exceeded> {
        let mut pending = vec![(value.clone(), 0)];
        while let Some((value, depth)) = pending.pop() {
            if depth > MAX_DEPTH {
                return Err(Exceeded::Depth { limit: MAX_DEPTH });
            }
            match value {
                Value::List(list) => {
                    self.steps(list.len() as u64)?;
                    pending.extend(
                        list.iter()
                            .filter(|item| item.is_container())
                            .map(|item| (item.clone(), depth + 1)),
                    );
                }
                Value::Map(map) => {
                    self.steps(map.len() as u64)?;
                    map.for_each(|_, item| {
                        if item.is_container() {
                            pending.push((item.clone(), depth + 1));
                        }
                    });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// To be called before a regular expression is compiled.
    pub fn regex(&mut self, pattern: &[u8]) -> Result<(), Exceeded> {
        if pattern.len() > self.limits.max_regex_bytes {
            return Err(Exceeded::RegexSize {
                limit: self.limits.max_regex_bytes,
            });
        }
        self.steps(1 + pattern.len() as u64 / 16)
    }

    /// To be called before a key is generated or derived.
    pub fn key(&mut self) -> Result<(), Exceeded> {
        match self.keys_left.checked_sub(1) {
            Some(left) => {
                self.keys_left = left;
                self.steps(STEPS_PER_KEY)
            }
            None => Err(Exceeded::KeyGenerations {
                limit: self.limits.max_key_generations,
            }),
        }
    }
}
