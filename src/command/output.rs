//! What commands print; nothing else writes to standard output.

/// Prints a line.
#[expect(clippy::print_stdout, reason = "the one place where commands print")]
pub(crate) fn line(text: impl std::fmt::Display) {
    println!("{text}");
}

/// Tells how far something has come that takes long, beside what is printed.
pub(crate) fn progress(text: impl std::fmt::Display) {
    eprintln!("{text}");
}
