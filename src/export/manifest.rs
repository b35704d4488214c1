//! What an export consists of: a manifest for programs, and sums that `sha256sum -c` reads.

use std::fmt::Write as _;

use serde_json::Value;

use crate::export::Part;

/// The manifest's name below an export.
pub(crate) const MANIFEST: &str = "manifest.json";

/// The name of the parts' sums.
pub(crate) const SUMS: &str = "SHA256SUMS";

/// What stands in the manifest of every export about what its parts are worth.
const GUARANTEE: &str = "Rows of one run come from one state of each department's database, taken at `asOf`; between \
                         departments there is no common state. A part belongs to the run that it names. What changed \
                         between two runs may show as rows of different days; on pages, a row that came before the \
                         place where a later run began is missing, and one that moved behind it stands twice.";

/// The manifest: the job as its owner sees it, without what goes on with it.
pub(crate) fn manifest(mut job: Value) -> String {
    if let Value::Object(fields) = &mut job {
        fields.remove("resumeToken");
        fields.insert("guarantee".into(), GUARANTEE.into());
    }
    let mut text = serde_json::to_string_pretty(&job).unwrap_or_default();
    text.push('\n');
    text
}

/// A line for each part, as `sha256sum` writes it.
pub(crate) fn sums(parts: &[Part]) -> String {
    let mut text = String::new();
    for part in parts {
        let _ = writeln!(text, "{}  {}", part.sha256, part.name);
    }
    text
}
