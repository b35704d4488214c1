//! Lines of answers as CSV (RFC 4180) that no spreadsheet runs.
//!
//! A text that begins with `=`, `+`, `-`, `@`, a tab or a carriage return gets an apostrophe before it, for
//! spreadsheets would take it for a formula. `null` is an empty cell, an empty text is `""`. What is withheld
//! has no column; the manifest names it. `state` tells rows that aren't there from those that say nothing.

use serde_json::Value;

/// The byte order mark in UTF-8.
pub(crate) const MARK: &[u8] = "\u{feff}".as_bytes();

/// How lines become rows.
#[derive(Debug)]
pub(crate) struct Table {
    root: String,
    columns: Vec<Vec<String>>,
}

/// Columns that stand before those of the document: the row's place, what became of it, whether anything in
/// it is disputed.
const OWN: [&str; 3] = ["index", "state", "disputes"];

impl Table {
    pub(crate) fn new(root: &str, columns: &[Vec<String>]) -> Self {
        Table { root: root.to_owned(), columns: columns.to_vec() }
    }

    /// The first line.
    pub(crate) fn head(&self) -> Vec<u8> {
        let names = self.columns.iter().map(|path| path.join("."));
        let names: Vec<String> = OWN.iter().map(|name| (*name).to_owned()).chain(names).collect();
        let mut row = Row::default();
        names.iter().for_each(|name| row.text(name));
        row.end()
    }

    /// The rows of some lines, each of which is an answer.
    ///
    /// # Errors
    /// A line that isn't JSON.
    pub(crate) fn rows(&self, lines: &[u8]) -> Result<Vec<u8>, serde_json::Error> {
        let mut rows = Vec::with_capacity(lines.len() / 2);
        for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            rows.extend(self.row(&serde_json::from_slice(line)?));
        }
        Ok(rows)
    }

    fn row(&self, answer: &Value) -> Vec<u8> {
        let mut row = Row::default();
        let index = answer.get("variableIndex").or_else(|| answer.get("rowIndex"));
        row.value(index.unwrap_or(&Value::Null));
        let found = answer.get("data").and_then(|data| data.get(&self.root)).filter(|root| !root.is_null());
        match (found, answer.get("data")) {
            (Some(_), _) => row.text("OK"),
            (None, Some(_)) => row.text("NO_RECORD"),
            // It wasn't run: the code says why.
            (None, None) => row.value(answer.pointer("/errors/0/extensions/code").unwrap_or(&Value::Null)),
        }
        row.value(&disputes(answer));
        for path in &self.columns {
            let value = path.iter().try_fold(found.unwrap_or(&Value::Null), |value, key| value.get(key));
            row.value(value.unwrap_or(&Value::Null));
        }
        row.end()
    }
}

/// `UNKNOWN` where nobody can tell, else the paths that somebody objects to.
fn disputes(answer: &Value) -> Value {
    let extensions = answer.get("extensions");
    if extensions.and_then(|told| told.get("disputesUnknown")).is_some() {
        return Value::from("UNKNOWN");
    }
    extensions.and_then(|told| told.get("disputes")).cloned().unwrap_or_default()
}

/// A row under way.
#[derive(Default)]
struct Row {
    out: Vec<u8>,
    cells: usize,
}

impl Row {
    fn begin(&mut self) {
        if self.cells > 0 {
            self.out.push(b',');
        }
        self.cells += 1;
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.begin(),
            Value::String(text) => self.text(text),
            Value::Number(_) | Value::Bool(_) => self.plain(&value.to_string()),
            // Lists of rows stand in one cell, as JSON.
            Value::Array(_) | Value::Object(_) => self.text(&value.to_string()),
        }
    }

    /// What can be nothing but itself.
    fn plain(&mut self, text: &str) {
        self.begin();
        self.out.extend_from_slice(text.as_bytes());
    }

    fn text(&mut self, text: &str) {
        self.begin();
        let runs = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let quoted = runs || text.is_empty() || text.contains([',', '"', '\n', '\r']);
        if !quoted {
            self.out.extend_from_slice(text.as_bytes());
            return;
        }
        self.out.push(b'"');
        if runs {
            self.out.push(b'\'');
        }
        self.out.extend_from_slice(text.replace('"', "\"\"").as_bytes());
        self.out.push(b'"');
    }

    fn end(mut self) -> Vec<u8> {
        self.out.extend_from_slice(b"\r\n");
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(columns: &[&[&str]]) -> Table {
        let path = |path: &&[&str]| path.iter().map(|key| (*key).to_owned()).collect();
        Table::new("person", &columns.iter().map(path).collect::<Vec<_>>())
    }

    fn rows(columns: &[&[&str]], line: &str) -> String {
        String::from_utf8(table(columns).rows(line.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn a_text_that_a_spreadsheet_would_run_is_made_harmless() {
        for (text, cell) in [
            ("=1+1", "\"'=1+1\""),
            ("+86", "\"'+86\""),
            ("-2", "\"'-2\""),
            ("@x", "\"'@x\""),
            ("\\tx", "\"'\tx\""),
            ("\\rx", "\"'\rx\""),
            ("1=1", "1=1"),
            ("张三", "张三"),
        ] {
            let line = format!("{{\"data\":{{\"person\":{{\"a\":\"{text}\"}}}},\"variableIndex\":0}}\n");
            assert_eq!(rows(&[&["a"]], &line), format!("0,OK,,{cell}\r\n"), "{text}");
        }
    }

    #[test]
    fn nothing_looks_like_something_else() {
        let columns: &[&[&str]] = &[&["a"], &["b", "c"], &["list"]];
        for (line, row) in [
            (
                r#"{"data":{"person":{"a":"","b":{"c":-5},"list":[{"x":"1,\"2"}]}},"variableIndex":3}"#,
                "3,OK,,\"\",-5,\"[{\"\"x\"\":\"\"1,\\\"\"2\"\"}]\"\r\n",
            ),
            (r#"{"data":{"person":{"a":null,"b":null,"list":[]}},"variableIndex":4}"#, "4,OK,,,,[]\r\n"),
            (r#"{"data":{"person":null},"variableIndex":5}"#, "5,NO_RECORD,,,,\r\n"),
            (
                r#"{"errors":[{"extensions":{"code":"BAD_USER_INPUT"}}],"variableIndex":6}"#,
                "6,BAD_USER_INPUT,,,,\r\n",
            ),
            (
                r#"{"data":{"person":{"a":"x"}},"extensions":{"disputesUnknown":true},"rowIndex":7}"#,
                "7,OK,UNKNOWN,x,,\r\n",
            ),
        ] {
            assert_eq!(rows(columns, line), row);
        }
        assert_eq!(table(columns).head(), b"index,state,disputes,a,b.c,list\r\n");
    }
}
