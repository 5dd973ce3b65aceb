//! What an execution tells its trace, where somebody wants one.

use std::ops::Range;

use super::{Exec, Slot};
use crate::parse::node::{Pipe, Position};
use crate::trace::Mark;
use crate::value::GoStr;

/// Within an `if`, `with` or `range`.
pub(super) struct Within {
    outer: Option<usize>,
    /// What was read to decide.
    pub(super) reads: Range<usize>,
}

impl Exec<'_, '_> {
    /// Where evaluating something begins.
    #[inline]
    pub(super) fn mark(&self) -> Option<Mark> {
        self.context.trace.as_ref().map(|trace| trace.mark())
    }

    /// Everything from `start` on was written by what stands at `position`.
    #[inline]
    pub(super) fn wrote(&mut self, start: usize, position: Position, mark: Option<Mark>) {
        if let Some(trace) = &mut self.context.trace {
            trace.wrote(start..self.out.len(), &self.tree.source, position, mark);
        }
    }

    #[inline]
    pub(super) fn enter(&mut self, mark: Option<Mark>) -> Option<Within> {
        let trace = self.context.trace.as_mut()?;
        let reads = trace.reads_since(mark?);
        let outer = trace.enter(reads.clone());
        Some(Within { outer, reads })
    }

    #[inline]
    pub(super) fn leave(&mut self, within: Option<Within>) {
        if let (Some(trace), Some(within)) = (&mut self.context.trace, within) {
            trace.leave(within.outer);
        }
    }

    /// The variables of a pipeline come from what was read.
    pub(super) fn declared(&mut self, pipe: &Pipe, reads: Range<usize>) {
        let Some(trace) = &mut self.context.trace else {
            return;
        };
        for slot in pipe
            .declarations
            .iter()
            .filter_map(|declaration| declaration.slot)
        {
            trace.set_variable(self.frame, slot, reads.clone());
        }
    }

    #[inline]
    pub(super) fn read_if_traced(
        &mut self,
        dot: &Slot,
        slot: Option<u32>,
        receiver: &Slot,
        fields: &[GoStr],
    ) {
        if self.context.trace.is_some() {
            self.read(dot, slot, receiver, fields);
        }
    }

    /// Fields of dot, of a variable (by its slot) or of something else are read.
    #[cold]
    pub(super) fn read(&mut self, dot: &Slot, slot: Option<u32>, receiver: &Slot, fields: &[GoStr]) {
        let Some(trace) = &mut self.context.trace else {
            return;
        };
        let origin = match slot {
            Some(slot) => trace.variable(self.frame, slot),
            None if std::ptr::eq(dot, receiver) => self.dot_reads.clone(),
            None => None,
        };
        trace.read(&receiver.value, fields, origin.as_ref());
    }
}
