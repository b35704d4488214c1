//! The invented county of the tests, made once by the real program and then left alone.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// People of the county, enough for every awkward case.
pub(crate) const PERSONS: u32 = 3_000;

/// The program under test.
pub(crate) fn yimen() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yimen"));
    command.env("NO_COLOR", "1").env_remove("RUST_LOG").env("YIMEN__EVIDENCE__HEAD", head());
    command
}

/// A file for the newest head of a run's log: tests share the county's key, each with a hub of its own.
fn head() -> PathBuf {
    static RUNS: AtomicU64 = AtomicU64::new(0);
    let run = RUNS.fetch_add(1, Ordering::Relaxed);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("heads");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join(format!("{}-{run}", std::process::id()));
    // An earlier process may have had this one's number.
    let _ = std::fs::remove_file(&file);
    file
}

/// The data folder of the county. Tests read it and write nothing into it.
pub(crate) fn county() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("county-{PERSONS}"));
        std::fs::create_dir_all(&folder).unwrap();
        // Each test may be a process of its own: the first makes the county, the others wait.
        let lock = File::create(folder.with_extension("lock")).unwrap();
        lock.lock().unwrap();
        // The program looks after a county that it made itself; another program may have more tables.
        let (made_by, this) = (folder.join("made-by"), this_program());
        if std::fs::read_to_string(&made_by).ok().as_ref() != Some(&this) {
            make(&folder);
            std::fs::write(&made_by, this).unwrap();
        }
        folder
    })
}

fn make(folder: &Path) {
    let persons = PERSONS.to_string();
    let output = run(&["demo", "--only-data", "--persons", &persons, "--data", folder.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// What tells one build of the program from another.
fn this_program() -> String {
    let program = std::fs::metadata(env!("CARGO_BIN_EXE_yimen")).unwrap();
    format!("{} {:?}", program.len(), program.modified().unwrap())
}

/// Runs a command to its end.
pub(crate) fn run(arguments: &[&str]) -> Output {
    yimen().args(arguments).output().unwrap()
}

/// A value of the county's databases, as text.
pub(crate) fn value(database: &str, sql: &str) -> String {
    let path = county().join(format!("{database}.db"));
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let connection = rusqlite::Connection::open_with_flags(path, flags).unwrap();
    connection
        .query_row(sql, [], |row| {
            Ok(match row.get_ref(0)? {
                rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                rusqlite::types::ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                other => format!("{other:?}"),
            })
        })
        .unwrap_or_else(|error| panic!("{sql}: {error}"))
}
