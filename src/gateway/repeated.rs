//! What a record would repeat of a request, looked at before anything is asked for.

use crate::gateway::Request;
use crate::plan::{Document, Invalid, code, names_a_person};

/// The longest name of an operation, in characters: a record repeats it, and an entry of the log is bounded.
const MAX_OPERATION_NAME: usize = 128;

/// Refuses what a record would repeat where it names a person, for nothing is taken out of the log again,
/// or where it is too long for a record, before a department is asked for what couldn't be answered.
pub(super) fn check_repeated(request: &Request, document: &Document) -> Result<(), Invalid> {
    let bad = |message: &str| Err(Invalid::new(code::BAD_USER_INPUT, message));
    if request.case.as_deref().is_some_and(names_a_person) {
        return bad("the header `Yimen-Case` must not hold a citizen number");
    }
    let written = document.executable.operations.named.keys().map(|name| name.as_str());
    let mut names = request.operation.as_deref().into_iter().chain(written);
    if names.clone().any(|name| name.chars().count() > MAX_OPERATION_NAME) {
        let message = format!("the name of an operation must have at most {MAX_OPERATION_NAME} characters");
        return bad(&message);
    }
    if names.any(names_a_person) {
        return bad("the name of an operation must not hold a citizen number");
    }
    Ok(())
}
