//! Manifests of trusted documents: Apollo's, and Relay's two.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;
use serde_json::Value;

/// The documents of one file, by identifier.
#[derive(Debug)]
pub struct Manifest {
    /// The file.
    pub file: PathBuf,
    /// Identifiers and texts.
    pub operations: Vec<(String, String)>,
}

/// The most documents of all manifests.
const MAX_DOCUMENTS: usize = 20_000;

/// Apollo's `apollo-persisted-query-manifest`, version 1.
#[derive(Deserialize)]
struct Apollo {
    format: String,
    version: u32,
    operations: Vec<ApolloOperation>,
}

#[derive(Deserialize)]
struct ApolloOperation {
    id: String,
    body: String,
}

/// Reads every `*.json` of a folder.
///
/// # Errors
/// A folder or a file that can't be read, or that is no manifest, by name.
pub fn read(folder: &Path) -> anyhow::Result<Vec<Manifest>> {
    let listed = std::fs::read_dir(folder).with_context(|| format!("folder `{}`", folder.display()))?;
    let mut files = listed.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    files.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    files.sort();
    let mut manifests = Vec::new();
    let mut count = 0;
    for file in files {
        let text = std::fs::read_to_string(&file).with_context(|| format!("file `{}`", file.display()))?;
        let operations = parse(&text).with_context(|| format!("manifest `{}`", file.display()))?;
        count += operations.len();
        anyhow::ensure!(count <= MAX_DOCUMENTS, "the manifests hold more than {MAX_DOCUMENTS} documents");
        manifests.push(Manifest { file, operations });
    }
    Ok(manifests)
}

fn parse(text: &str) -> anyhow::Result<Vec<(String, String)>> {
    match serde_json::from_str(text)? {
        Value::Object(fields) if fields.contains_key("format") => {
            let apollo: Apollo = serde_json::from_value(Value::Object(fields))?;
            let known = apollo.format == "apollo-persisted-query-manifest" && apollo.version == 1;
            anyhow::ensure!(known, "neither Apollo's format of version 1 nor Relay's");
            Ok(apollo.operations.into_iter().map(|operation| (operation.id, operation.body)).collect())
        }
        Value::Object(fields) => fields.into_iter().map(|(id, text)| pair(id, &text)).collect(),
        Value::Array(pairs) => pairs
            .into_iter()
            .map(|entry| {
                let (id, text): (String, Value) = serde_json::from_value(entry)?;
                pair(id, &text)
            })
            .collect(),
        _ => anyhow::bail!("neither Apollo's format of version 1 nor Relay's"),
    }
}

fn pair(id: String, text: &Value) -> anyhow::Result<(String, String)> {
    let text = text.as_str().with_context(|| format!("`{id}` isn't a text"))?;
    Ok((id, text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn three_forms_are_read_alike() {
        let expected = vec![(String::from("a1"), String::from("{ viewer { role } }"))];
        for text in [
            r#"{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"a1","name":"V","type":"query","body":"{ viewer { role } }"}]}"#,
            r#"{"a1":"{ viewer { role } }"}"#,
            r#"[["a1","{ viewer { role } }"]]"#,
        ] {
            assert_eq!(parse(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_manifest_is_refused() {
        for text in [
            "",
            "7",
            r#"{"a1":7}"#,
            r#"[["a1"]]"#,
            r#"{"format":"apollo-persisted-query-manifest","version":2,"operations":[]}"#,
            r#"{"format":"other","version":1,"operations":[]}"#,
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
