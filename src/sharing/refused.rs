//! Why something wasn't done. Messages hold nothing that anybody wrote.

use sea_orm::DbErr;

/// The codes of refusals; `docs/errors.md` says what to do about each.
pub mod code {
    /// A value can't be what is meant.
    pub const BAD_USER_INPUT: &str = "BAD_USER_INPUT";
    /// There is nothing of that name, or it is none of the caller's business.
    pub const NOT_FOUND: &str = "NOT_FOUND";
    /// It was changed since the caller looked at it.
    pub const STALE_VERSION: &str = "STALE_VERSION";
    /// What is asked isn't possible in the state that it is in.
    pub const ILLEGAL_TRANSITION: &str = "ILLEGAL_TRANSITION";
    /// The step is another department's.
    pub const NOT_RESPONSIBLE: &str = "NOT_RESPONSIBLE";
    /// The purpose is one of other departments.
    pub const PURPOSE_FORBIDDEN: &str = "PURPOSE_FORBIDDEN";
    /// The purpose doesn't need the item, so that a grant of it would open nothing.
    pub const BEYOND_PURPOSE: &str = "BEYOND_PURPOSE";
    /// The catalogue says that the item is never shared.
    pub const ITEM_NOT_SHARED: &str = "ITEM_NOT_SHARED";
    /// Everything that is asked for is authorised already.
    pub const ALREADY_AUTHORIZED: &str = "ALREADY_AUTHORIZED";
    /// An objection to the same value is open already.
    pub const OBJECTION_OPEN: &str = "OBJECTION_OPEN";
    /// Too much of the caller's is open.
    pub const TOO_MANY_OPEN: &str = "TOO_MANY_OPEN";
}

/// Why something wasn't done.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// It may not be, or can't be as it was asked.
    #[error("{message}")]
    Because {
        /// One of [`code`].
        code: &'static str,
        /// What is wrong and what would be right.
        message: String,
    },
    /// The hub doesn't answer.
    #[error("the hub: {0}")]
    Hub(#[from] DbErr),
}

impl Refused {
    pub(crate) fn because<T>(code: &'static str, message: impl Into<String>) -> Result<T, Refused> {
        Err(Refused::Because { code, message: message.into() })
    }

    pub(crate) fn input<T>(message: impl Into<String>) -> Result<T, Refused> {
        Refused::because(code::BAD_USER_INPUT, message)
    }

    /// The code, where it isn't the hub's fault.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Refused::Because { code, .. } => Some(code),
            Refused::Hub(_) => None,
        }
    }
}

/// The most characters of a text that an officer writes.
pub(crate) const MAX_TEXT: usize = 2_000;

/// A text that somebody wrote, which must say something and name nobody.
pub(crate) fn text(name: &str, text: &str) -> Result<String, Refused> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > MAX_TEXT {
        return Refused::input(format!("`{name}` must have from 1 to {MAX_TEXT} characters"));
    }
    if text.contains('\0') {
        return Refused::input(format!("`{name}` holds a character that no text has"));
    }
    if crate::plan::names_a_person(text) {
        return Refused::input(format!("`{name}` must not hold a citizen number"));
    }
    Ok(text.to_owned())
}

impl From<Refused> for crate::own::Refused {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Because { code, message } => crate::own::Refused::new(code, message),
            Refused::Hub(error) => error.into(),
        }
    }
}
