//! Files past their term, and those whose owner purged them.

use std::path::Path;

use crate::evidence::store;
use crate::export::job::Jobs;

/// Forgets jobs past their term, and deletes the folders of jobs that are purged.
///
/// # Errors
/// A hub that doesn't answer, or a folder that can't be deleted.
pub(crate) async fn pass(jobs: &Jobs, folder: &Path, now: &str, begun_before: &str) -> anyhow::Result<()> {
    for id in jobs.past(now, begun_before).await? {
        jobs.purged(&id, now).await?;
        tracing::info!(export = id, "an export is past its term");
    }
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_id(&name) && is_purged(jobs, &name).await? {
            std::fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Whether a folder is an export's: nothing else in the configured folder is touched.
fn is_id(name: &str) -> bool {
    name.len() == 32 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

async fn is_purged(jobs: &Jobs, id: &str) -> Result<bool, sea_orm::DbErr> {
    let sql = "SELECT 1 AS one FROM export_job WHERE id = $1 AND state = 'PURGED'";
    Ok(!store::rows(jobs.connection(), sql, vec![id.into()]).await?.is_empty())
}
