//! Plans that differ between requests by one value alone: many such requests are one run of the plan.

use crate::plan::{Bind, Keys, Plan, RootField};

/// How the requests of a batch may be answered by one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keyed<'a> {
    /// One root looks rows up by the value of this variable, which stands nowhere else.
    By {
        /// Index into [`Plan::fetches`].
        fetch: usize,
        /// The variable's name.
        variable: &'a str,
    },
    /// No department is asked: all that is asked for is withheld.
    Withheld,
}

impl Plan {
    /// By what requests of this plan can be answered together; `None` where they can't.
    pub(crate) fn keyed(&self) -> Option<Keyed<'_>> {
        let mut roots = self.roots.iter().filter(|root| !matches!(root.field, RootField::Typename(_)));
        let (root, None) = (roots.next()?, roots.next()) else { return None };
        let fetch = match root.field {
            RootField::Null if self.fetches.is_empty() => return Some(Keyed::Withheld),
            RootField::One { fetch, .. } => fetch,
            _ => return None,
        };
        let Keys::Argument { values, .. } = &self.fetches[fetch].keys else { return None };
        let [Bind::Variable(path)] = values.as_slice() else { return None };
        let variable = path.path.is_empty().then_some(path.name.as_str())?;
        let is_bound = |bind: &Bind| names(bind, variable);
        let elsewhere = self.fetches.iter().any(|fetch| fetch.binds.iter().any(is_bound));
        // Each row is found by its key alone, so that every request finds its own.
        let found = self.fetches.iter().all(|fetch| fetch.key_slot.is_some());
        (found && !elsewhere).then_some(Keyed::By { fetch, variable })
    }
}

fn names(bind: &Bind, variable: &str) -> bool {
    match bind {
        Bind::Variable(path) => path.name == variable,
        Bind::Values(binds) => binds.iter().any(|bind| names(bind, variable)),
        Bind::WithinLow(_, bind) | Bind::WithinHigh(_, bind) => names(bind, variable),
        Bind::Keys
        | Bind::DivisionLow(_)
        | Bind::DivisionHigh(_)
        | Bind::Rows(_)
        | Bind::Literal(_)
        | Bind::Cursor(_)
        | Bind::Members(_)
        | Bind::CaseOpened
        | Bind::Today
        | Bind::Moved => false,
    }
}
