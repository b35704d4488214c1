//! A statement on its way to a database: its text and its parameters, checked.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::fetch::{Parameter, Texts};
use crate::plan::Bind;

/// A statement of one plan with all its parameters but the values that it looks up.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) sql: Arc<str>,
    pub(crate) parameters: Arc<[Parameter]>,
    /// Where among the parameters the looked-up values go, unless none are looked up.
    pub(crate) keys_at: Option<usize>,
    /// The column that the values are found in.
    pub(crate) key_slot: Option<usize>,
    /// The most rows.
    pub(crate) limit: usize,
}

impl Asked {
    /// The values that rows are compared with, as the request gave them: all parameters but those of a
    /// cursor, which stands behind a row that was read.
    pub(crate) fn given<'a>(&'a self, binds: &'a [Bind]) -> impl Iterator<Item = &'a str> {
        let given = binds
            .iter()
            .zip(&*self.parameters)
            .filter(|(bind, _)| !matches!(bind, Bind::Cursor(_) | Bind::Members(_) | Bind::Moved));
        given.flat_map(|(_, parameter)| parameter.texts())
    }

    /// The same statement with a list in the place of a parameter.
    pub(crate) fn with(mut self, at: usize, list: Arc<Texts>) -> Self {
        let mut parameters = self.parameters.to_vec();
        parameters[at] = Parameter::List(list);
        self.parameters = parameters.into();
        self
    }

    /// A statement without parameters.
    pub(crate) fn plain(sql: &str, limit: usize) -> Self {
        Asked { sql: Arc::from(sql), parameters: Arc::default(), keys_at: None, key_slot: None, limit }
    }
}

/// Equal statements belong to one plan: its text is the plan's own, not one that reads the same.
impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.sql, &other.sql) && self.parameters == other.parameters
    }
}

impl Eq for Asked {}

impl Hash for Asked {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.sql).hash(state);
        self.parameters.hash(state);
    }
}
