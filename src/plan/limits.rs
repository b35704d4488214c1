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

/// Which bound a text breaks before any parser has seen it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Excess {
    /// More brackets are open at once.
    Brackets,
    /// More lexical tokens: names, numbers, strings and marks; spaces, commas and comments are none.
    Tokens,
}

impl Limits {
    /// Looks at brackets and tokens in one pass, by GraphQL's lexical grammar.
    pub(crate) fn exceeded(&self, document: &str) -> Option<Excess> {
        let bytes = document.as_bytes();
        let (mut at, mut open, mut tokens) = (0, 0usize, 0usize);
        while at < bytes.len() {
            let byte = bytes[at];
            match byte {
                b'{' | b'[' | b'(' => open += 1,
                b'}' | b']' | b')' => open = open.saturating_sub(1),
                _ => {}
            }
            if open > self.brackets {
                return Some(Excess::Brackets);
            }
            tokens += usize::from(!is_ignored(byte));
            if tokens > self.tokens {
                return Some(Excess::Tokens);
            }
            at = match byte {
                b'#' => line_end(bytes, at),
                b'"' => string_end(bytes, at) + 1,
                _ if is_word(byte) => word_end(bytes, at),
                b'.' if bytes[at..].starts_with(b"...") => at + 3,
                _ => at + 1,
            };
        }
        None
    }
}

/// White space, commas, the byte order mark, and comments.
fn is_ignored(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b',' | b'#' | 0xEF | 0xBB | 0xBF)
}

/// What names and numbers are made of; a number's point ends no token.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+')
}

fn word_end(bytes: &[u8], from: usize) -> usize {
    let rest = &bytes[from..];
    let is_inside = |(at, byte): (usize, &u8)| {
        is_word(*byte) || (*byte == b'.' && rest.get(at + 1).is_some_and(u8::is_ascii_digit))
    };
    from + rest.iter().enumerate().position(|pair| !is_inside(pair)).unwrap_or(rest.len())
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

    fn exceeded(document: &str, brackets: usize, tokens: usize) -> Option<Excess> {
        Limits { brackets, tokens, ..Limits::default() }.exceeded(document)
    }

    #[test]
    fn the_bound_itself_passes_and_one_more_does_not() {
        for open in ["{a", "[", "(b:{"] {
            let depth = open.matches(['{', '[', '(']).count();
            let within = open.repeat(64 / depth);
            assert_eq!(exceeded(&within, 64, 500), None, "{open}");
            assert_eq!(exceeded(&format!("{within}["), 64, 500), Some(Excess::Brackets), "{open}");
        }
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        let text = "{ a(b: \"[[[\\\"[[[\", c: \"\"\"[[[ \\\"\"\" [[[\"\"\") # [[[[\n }";
        assert_eq!(exceeded(text, 2, 500), None);
    }

    #[test]
    fn a_string_that_is_not_closed_hides_nothing_behind_its_line() {
        assert_eq!(exceeded("{ a(b: \"x\n[[[[", 4, 500), Some(Excess::Brackets));
    }

    #[test]
    fn tokens_are_counted_as_the_grammar_has_them() {
        for (text, tokens) in [
            ("{ a, b ,,, c } # { d e f", 5),
            ("query Q($x: [Int!]! = [1, -2.5e+3]) { a(b: \"c d e\") ...F }", 27),
            ("{a(b:\"\"\"one \"two\" three\"\"\"){...on T{c}}}", 16),
            ("\u{feff}{\r\n\ta\n}", 3),
        ] {
            assert_eq!(exceeded(text, 9, tokens), None, "{text}");
            assert_eq!(exceeded(text, 9, tokens - 1), Some(Excess::Tokens), "{text}");
        }
    }
}
