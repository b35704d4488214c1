//! What neither the compiler nor clippy sees.

use std::path::{Path, PathBuf};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !matches!(name.as_str(), "target" | ".git" | "node_modules" | "yimen-data") {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    files(root, &mut found);
    let read = |path: PathBuf| {
        let name = path.strip_prefix(root).unwrap().display().to_string();
        (name, std::fs::read_to_string(path).unwrap())
    };
    found.into_iter().map(read).collect()
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<String> =
        sources().into_iter().filter(|(_, text)| !text.starts_with("//! ")).map(|(name, _)| name).collect();
    assert_eq!(silent, Vec::<String>::new());
}

#[test]
fn no_file_has_grown_past_two_subjects() {
    let long: Vec<String> = sources()
        .into_iter()
        .filter(|(name, text)| !name.starts_with("migration/") && text.lines().count() > 650)
        .map(|(name, _)| name)
        .collect();
    assert_eq!(long, Vec::<String>::new());
}

#[test]
fn the_crates_that_decide_see_no_database() {
    for manifest in ["schema/Cargo.toml", "policy/Cargo.toml"] {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(manifest)).unwrap();
        let dependencies = text.split("[dev-dependencies]").next().unwrap();
        for word in ["sea-orm", "sea-query", "tokio", "rusqlite", "axum", "yimen-entity"] {
            assert!(!dependencies.contains(word), "{manifest} names {word}");
        }
    }
}
