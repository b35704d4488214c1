//! What a document may be at most. Each limit is checked before the work that it bounds.

use serde::Deserialize;

/// Bounds of documents and operations.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// The most brackets open at once, of any kind, outside strings and comments.
    pub brackets: usize,
    /// The most lexical tokens of a document.
    pub tokens: usize,
    /// The most levels of fields.
    pub depth: usize,
    /// The most aliases of a document.
    pub aliases: usize,
    /// The most root fields of an operation.
    pub root_fields: usize,
    /// The most rows that an operation reads as a rule.
    pub cost: u64,
    /// The most documents that are kept parsed.
    pub cached_documents: u64,
    /// The most plans that are kept.
    pub cached_plans: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            brackets: 64,
            tokens: 2_000,
            depth: 12,
            aliases: 30,
            root_fields: 20,
            cost: 200_000,
            cached_documents: 1_000,
            cached_plans: 2_000,
        }
    }
}

/// Whether brackets nest deeper than a bound; no parser has seen the text before.
///
/// Strings and comments are skipped the way GraphQL's lexical grammar has them.
pub(crate) fn nests_deeper_than(document: &str, bound: usize) -> bool {
    let bytes = document.as_bytes();
    let (mut at, mut open) = (0, 0usize);
    while at < bytes.len() {
        match bytes[at] {
            b'{' | b'[' | b'(' => {
                open += 1;
                if open > bound {
                    return true;
                }
            }
            b'}' | b']' | b')' => open = open.saturating_sub(1),
            b'#' => at = line_end(bytes, at),
            b'"' => at = string_end(bytes, at),
            _ => {}
        }
        at += 1;
    }
    false
}

fn line_end(bytes: &[u8], from: usize) -> usize {
    let rest = &bytes[from..];
    from + rest.iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(rest.len())
}

/// The index of the quote that ends a string, or of the end of text.
fn string_end(bytes: &[u8], from: usize) -> usize {
    if bytes[from..].starts_with(b"\"\"\"") {
        return block_string_end(bytes, from + 3);
    }
    let mut at = from + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            // A string that isn't closed on its line is no string: the parser will say so.
            b'"' | b'\n' | b'\r' => return at,
            _ => {}
        }
        at += 1;
    }
    at
}

fn block_string_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while at < bytes.len() {
        if bytes[at..].starts_with(b"\\\"\"\"") {
            at += 4;
        } else if bytes[at..].starts_with(b"\"\"\"") {
            return at + 2;
        } else {
            at += 1;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_itself_passes_and_one_more_does_not() {
        for open in ["{a", "[", "(b:{"] {
            let depth = open.matches(['{', '[', '(']).count();
            let within = open.repeat(64 / depth);
            assert!(!nests_deeper_than(&within, 64), "{open}");
            assert!(nests_deeper_than(&format!("{within}["), 64), "{open}");
        }
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        let text = "{ a(b: \"[[[\\\"[[[\", c: \"\"\"[[[ \\\"\"\" [[[\"\"\") # [[[[\n }";
        assert!(!nests_deeper_than(text, 2));
    }

    #[test]
    fn a_string_that_is_not_closed_hides_nothing_behind_its_line() {
        assert!(nests_deeper_than("{ a(b: \"x\n[[[[", 4));
    }
}
