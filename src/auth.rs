//! Who asks: a bearer token, signed by an issuer that the configuration names.

mod issuer;
mod keys;
mod token;

pub(crate) use issuer::write_private;
pub use issuer::{DEMO_AUDIENCE, DEMO_ISSUER, Issuer, NewToken};
pub use keys::{KeySet, KeySource};
pub use token::{Authenticator, AuthenticatorOptions, Refused};

/// The holder of a token, as the token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Who issued the token; subjects are told apart within one issuer only.
    pub issuer: String,
    /// The person or program.
    pub subject: String,
    /// The department's code.
    pub department: String,
    /// The role's code.
    pub role: String,
    /// The 12-digit division that the caller serves.
    pub division: String,
    /// The token's own name, where it has one.
    pub token_id: Option<String>,
    /// The citizen number of a person who asks for themselves: the claim `citizen_id` of a portal's token.
    pub person: Option<String>,
}
