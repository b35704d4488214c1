//! Which statements of a plan were sent: what is known of a run that is given up.

use std::sync::atomic::{AtomicBool, Ordering};

/// One mark for each statement of a plan.
#[derive(Debug)]
pub struct Sent {
    each: Vec<AtomicBool>,
    too_many: AtomicBool,
}

impl Sent {
    /// None of so many statements was sent yet.
    pub fn none(statements: usize) -> Self {
        let each = (0..statements).map(|_| AtomicBool::new(false)).collect();
        Sent { each, too_many: AtomicBool::new(false) }
    }

    /// A statement is about to be sent.
    pub(crate) fn tell(&self, statement: usize) {
        self.each[statement].store(true, Ordering::Relaxed);
    }

    /// A statement had more rows than one may have.
    pub(crate) fn tell_too_many(&self) {
        self.too_many.store(true, Ordering::Relaxed);
    }

    /// Whether one of the statements had more rows than one may have, since this was asked last.
    pub(crate) fn had_too_many(&self) -> bool {
        self.too_many.swap(false, Ordering::Relaxed)
    }

    /// Of each statement, in the plan's order, whether it was sent.
    pub fn each(&self) -> impl Iterator<Item = bool> + '_ {
        self.each.iter().map(|sent| sent.load(Ordering::Relaxed))
    }
}
