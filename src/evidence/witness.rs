//! Cosignatures: what witnesses that are configured have signed is added to the head that they signed.

use sea_orm::{DbBackend, DbErr};

use crate::evidence::log::Log;
use crate::evidence::note::{Note, VerifyingKey, signature, signature_line};
use crate::evidence::store;

/// A witness's signature of a head.
struct Cosigned<'a> {
    witness: &'a VerifyingKey,
    size: i64,
    line: String,
}

impl Log {
    /// Adds lines of witnesses that are configured and have signed one of the newest heads, one line each.
    /// Says whether there was any, be it there already.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn cosign(&self, lines: &str) -> Result<bool, DbErr> {
        if self.witnesses().is_empty() {
            return Ok(false);
        }
        let heads = store::recent_heads(self.hub().connection()).await?;
        let cosigned: Vec<Cosigned<'_>> =
            self.witnesses().iter().filter_map(|witness| cosigned(witness, lines, &heads)).collect();
        if cosigned.is_empty() {
            return Ok(false);
        }
        let _turn = match self.hub().backend() {
            DbBackend::Sqlite => Some(self.hub().turn().lock().await),
            _ => None,
        };
        for cosigned in &cosigned {
            self.add(cosigned).await?;
        }
        Ok(true)
    }

    /// Adds a line unless the witness has one there. Replicas may do so at once: one statement looks and adds.
    async fn add(&self, cosigned: &Cosigned<'_>) -> Result<(), DbErr> {
        let Cosigned { witness, size, line } = cosigned;
        // A key's name and id begin its every line, and stand nowhere else in a note.
        let begin = format!("%\n{}%", witness.line_begin().replace(['\\', '%', '_'], "_"));
        let sql = "UPDATE evidence_checkpoint SET note = note || $1 WHERE size = $2 AND note NOT LIKE $3";
        let values = vec![line.clone().into(), (*size).into(), begin.into()];
        store::run(self.hub().connection(), sql, values).await.map(drop)
    }
}

/// The first line by which a witness has signed one of these heads, written anew from what was read.
fn cosigned<'a>(witness: &'a VerifyingKey, lines: &str, heads: &[(i64, String)]) -> Option<Cosigned<'a>> {
    let (name, bytes) =
        lines.lines().filter_map(signature).find(|(name, bytes)| witness.is_by(name, bytes))?;
    let is_of = |note: &str| {
        Note::parse(note).is_ok_and(|note| witness.signed_by_line(note.text, name, &bytes).is_some())
    };
    let (size, _) = heads.iter().find(|(_, note)| is_of(note))?;
    Some(Cosigned { witness, size: *size, line: signature_line(name, &bytes) })
}
