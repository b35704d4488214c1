//! `yimen policy`: what is granted, to whom, by which rule, and what another version would change.

mod check;
mod diff;
mod explain;
mod replay;
mod shadow;

use clap::{Args, Subcommand};

/// Options of `yimen policy`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Check that the policies can come into force, and that nothing widens unapproved; exit 1 with every
    /// problem if not.
    Check(check::Check),
    /// Say in one sentence what one caller may read of one field, and which rule says so.
    Explain(explain::Explain),
    /// Print what two versions of the policies decide differently.
    Diff(diff::Diff),
    /// Print what another version would have answered to operations that were asked, from their records.
    Replay(replay::Replay),
    /// Print what the policies under trial (`policy.shadow`) would have decided otherwise, and how often.
    Shadow(shadow::Shadow),
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    match &options.action {
        Action::Check(check) => check.run(),
        Action::Explain(explain) => explain.run().await,
        Action::Diff(diff) => diff.run(),
        Action::Replay(replay) => replay.run().await,
        Action::Shadow(shadow) => shadow.run().await,
    }
}
