//! What the command prints; nothing else writes to standard output.

/// Prints a line.
#[expect(clippy::print_stdout, reason = "the one place where the command prints")]
pub(crate) fn line(text: impl std::fmt::Display) {
    println!("{text}");
}

/// Tells what went wrong.
pub(crate) fn problem(text: impl std::fmt::Display) {
    eprintln!("yimen-bench: {text}");
}
