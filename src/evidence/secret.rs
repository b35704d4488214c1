//! That every process of a hub has the same secret: a replica with another would have its records set aside
//! by the others, and theirs by it.

use sea_orm::DbErr;

use crate::evidence::integrate::Error;
use crate::evidence::log::Log;
use crate::evidence::store;

impl Log {
    /// Whether the hub's records are sealed under the secret of this process. The first process says which
    /// it is.
    ///
    /// # Errors
    /// [`Error::OtherSecret`] where they aren't, or a hub that doesn't answer.
    pub async fn has_the_secret(&self) -> Result<(), Error> {
        let mark = self.options().seal.mark();
        if self.mark().await?.is_none() {
            let row = vec![1i64.into(), mark.clone().into()];
            let into = "evidence_seal (number, mark)";
            store::insert(self.hub().writer(), into, vec![row], "ON CONFLICT (number) DO NOTHING").await?;
        }
        match self.mark().await? {
            Some(found) if found == mark => Ok(()),
            _ => Err(Error::OtherSecret),
        }
    }

    /// Takes the secret of this process for the hub's from now on.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn adopt_secret(&self) -> Result<(), DbErr> {
        let sql = "UPDATE evidence_seal SET mark = $1";
        store::run(self.hub().writer(), sql, vec![self.options().seal.mark().into()]).await.map(drop)
    }

    async fn mark(&self) -> Result<Option<String>, DbErr> {
        let found = store::rows(self.hub().writer(), "SELECT mark FROM evidence_seal", Vec::new()).await?;
        found.first().map(|row| row.try_get("", "mark")).transpose()
    }
}
