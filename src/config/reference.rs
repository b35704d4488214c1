//! The reference of the configuration, made from the defaults that are compiled in: every key with its default,
//! what it means, and the environment variable that goes before a file.

use std::fmt::Write as _;

use super::DEFAULTS;
use super::bounds;
use super::changed::is_at_once;

/// The reference as Markdown.
pub fn reference() -> String {
    let mut page = Page::default();
    for line in DEFAULTS.lines() {
        page.line(line);
    }
    page.end_group();
    page.out
}

const TITLE: &str = "# Configuration\n\nMade from `src/config.default.toml` by `yimen config reference`; a test keeps it so.\n";

/// The page as far as it is written.
#[derive(Default)]
struct Page {
    out: String,
    section: String,
    /// The comment above the keys that come.
    comment: Vec<String>,
    /// Keys with their defaults, below one comment.
    keys: Vec<(String, String)>,
    /// A key whose default is a list of several lines, as far as it was read.
    list: Option<(String, Vec<String>)>,
    /// Such lists, whole.
    lists: Vec<(String, Vec<String>)>,
}

impl Page {
    fn line(&mut self, line: &str) {
        if let Some((_, entries)) = &mut self.list {
            match line {
                "]" => self.end_list(),
                entry => entries.push(entry.to_owned()),
            }
        } else if let Some(key) = line.strip_suffix(" = [") {
            self.list = Some((key.to_owned(), Vec::new()));
        } else if let Some(text) = line.strip_prefix('#') {
            self.end_keys();
            self.comment.push(text.trim().to_owned());
        } else if let Some(section) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            self.begin(section);
        } else if let Some((key, value)) = line.split_once(" = ") {
            self.keys.push((key.to_owned(), value.to_owned()));
        }
    }

    /// A section. What stands above the first one is about the whole file; above a later one, about that one.
    fn begin(&mut self, section: &str) {
        self.end_keys();
        if self.out.is_empty() {
            self.out.push_str(TITLE);
            self.paragraph();
        }
        self.section = section.to_owned();
        let _ = write!(self.out, "\n## `[{section}]`\n");
        self.paragraph();
    }

    /// A comment ends with the last key below it.
    fn end_keys(&mut self) {
        if !self.keys.is_empty() {
            self.end_group();
        }
    }

    fn end_group(&mut self) {
        self.paragraph();
        if !self.keys.is_empty() {
            self.out
                .push_str("\n| key | default | bounds | variable | takes effect |\n|---|---|---|---|---|\n");
        }
        for (key, default) in std::mem::take(&mut self.keys) {
            let name = format!("{}.{key}", self.section);
            let variable = format!("YIMEN__{}", name.replace('.', "__").to_uppercase());
            let when = if is_at_once(&name) { "at SIGHUP" } else { "at the start" };
            let bound = bounds::of(&name).map(|bound| bound.to_string()).unwrap_or_default();
            let _ = writeln!(self.out, "| `{name}` | `{default}` | {bound} | `{variable}` | {when} |");
        }
        for (key, entries) in std::mem::take(&mut self.lists) {
            let _ = write!(self.out, "\n```toml\n{key} = [\n{}\n]\n```\n", entries.join("\n"));
        }
    }

    fn end_list(&mut self) {
        if let Some((key, entries)) = self.list.take() {
            self.keys.push((key.clone(), format!("[{} entries, below]", entries.len())));
            self.lists.push((key, entries));
        }
    }

    fn paragraph(&mut self) {
        let comment = std::mem::take(&mut self.comment);
        if !comment.is_empty() {
            let _ = write!(self.out, "\n{}\n", comment.join("\n"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_defaults_is_in_the_reference() {
        let text = reference();
        let is_key = |line: &&str| line.starts_with(|c: char| c.is_ascii_lowercase()) && line.contains(" = ");
        let keys = DEFAULTS.lines().filter(is_key);
        let rows = text.lines().filter(|line| line.starts_with("| `"));
        assert_eq!(keys.count(), rows.count());
        assert!(
            text.contains("| `server.tls.key` | `\"\"` |  | `YIMEN__SERVER__TLS__KEY` | at the start |"),
            "{text}"
        );
        assert!(text.contains("\nWhere to listen.\n"), "{text}");
    }
}
