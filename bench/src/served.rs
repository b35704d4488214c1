//! A server process of this program.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::gateway::{Decisions, Records};
use crate::process::Process;
use crate::setup::Setup;

/// Which side of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The gateway over PostgreSQL.
    Postgres(Records),
    /// The gateway over SQLite.
    Sqlite(Records),
    /// The gateway over PostgreSQL, without records, by these decisions.
    Decided(Decisions),
    /// A handler that always answers the same body of this many bytes.
    Constant(usize),
}

/// A running server.
pub(crate) struct Served {
    /// The process.
    pub(crate) process: Process,
    /// What it is.
    pub(crate) side: Side,
    /// The head that it keeps, and its hub where that is a file, which go with it.
    _hub: TempDir,
}

impl Served {
    /// Starts a server and waits until it is ready.
    pub(crate) fn start(setup: &Setup, side: Side) -> anyhow::Result<Self> {
        let hub = tempfile::Builder::new().prefix("hub-").tempdir_in(&setup.folder)?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("serve");
        // A hub that is made anew would else be taken for one that went back.
        command.env("YIMEN__EVIDENCE__HEAD", hub.path().join("evidence.head"));
        command.env("YIMEN__EXPORT__FOLDER", hub.path().join("exports"));
        match side {
            Side::Postgres(records) => over(&mut command, &setup.postgres, records),
            Side::Sqlite(records) => {
                let file = hub.path().join("hub.db");
                command.env("YIMEN__HUB__URL", format!("sqlite://{}", file.display()));
                over(&mut command, &setup.sqlite, records);
            }
            Side::Decided(decisions) => {
                over(&mut command, &setup.postgres, Records::Nothing);
                command.args(["--decisions", decisions.name()]);
            }
            Side::Constant(bytes) => {
                command.arg(format!("--constant={bytes}"));
            }
        }
        Ok(Served { process: Process::start(&mut command)?, side, _hub: hub })
    }
}

fn over(command: &mut Command, config: &Path, records: Records) {
    let records = match records {
        Records::Hub => "hub",
        Records::Nothing => "nothing",
    };
    command.arg("--config").arg(config).args(["--records", records]);
}
