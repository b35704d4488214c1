//! Which statements of a plan were sent: what is known of a run that is given up.

use std::sync::atomic::{AtomicBool, Ordering};

/// One mark for each statement of a plan.
#[derive(Debug)]
pub struct Sent(Vec<AtomicBool>);

impl Sent {
    /// None of so many statements was sent yet.
    pub fn none(statements: usize) -> Self {
        Sent((0..statements).map(|_| AtomicBool::new(false)).collect())
    }

    /// A statement is about to be sent.
    pub(crate) fn tell(&self, statement: usize) {
        self.0[statement].store(true, Ordering::Relaxed);
    }

    /// Of each statement, in the plan's order, whether it was sent.
    pub fn each(&self) -> impl Iterator<Item = bool> + '_ {
        self.0.iter().map(|sent| sent.load(Ordering::Relaxed))
    }
}
