//! `yimen evidence new-key`.

use std::path::PathBuf;

use clap::Args;

use crate::auth::write_private;
use crate::command::output;
use crate::evidence::note::SigningKey;

/// Options of `yimen evidence new-key`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The log's name, such as `evidence.county.example`; it stands on every signed head.
    #[arg(long)]
    origin: String,
    /// The file of the key, which must not exist; the public key goes into `FILE.pub`.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    anyhow::ensure!(!options.out.exists(), "`{}` exists", options.out.display());
    let key = SigningKey::generate(&options.origin)?;
    write_private(&options.out, key.secret().as_bytes())?;
    std::fs::write(options.out.with_extension("pub"), format!("{}\n", key.public()))?;
    output::line(key.public());
    Ok(())
}
