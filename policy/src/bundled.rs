//! The policy files that are built into the program.

use include_dir::{Dir, include_dir};

use crate::cedar::Source;

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/cedar");

/// Every `*.cedar` file of the `policy/cedar/` folder, in the order of their names.
pub fn bundled_sources() -> Vec<Source> {
    let mut sources: Vec<Source> = FILES
        .files()
        .filter(|file| file.path().extension().is_some_and(|ending| ending == "cedar"))
        .map(|file| Source {
            name: format!("policy/cedar/{}", file.path().display()),
            text: file.contents_utf8().unwrap_or_default().to_owned(),
        })
        .collect();
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    sources
}
