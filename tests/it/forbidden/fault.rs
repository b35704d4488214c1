//! Ways in which a gateway could take a grant for more than it says.

use crate::forbidden::decision::Row;
use crate::forbidden::grants::LAST_DAY;

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// What is granted reduced is answered as it stands.
    Reduced,
    /// What was revoked still counts.
    Revoked,
    /// What was refused counts.
    Refused,
    /// What has ended still counts.
    Ended,
    /// What is granted to a region is granted to all.
    Region,
    /// What is granted for one purpose is granted for another.
    Purpose,
}

impl Fault {
    pub(crate) const ALL: [Fault; 6] =
        [Fault::Reduced, Fault::Revoked, Fault::Refused, Fault::Ended, Fault::Region, Fault::Purpose];

    /// What a gateway at fault makes of grants.
    pub(crate) fn taken(self, rows: &[Row]) -> Vec<Row> {
        rows.iter().map(|row| self.row(row.clone())).collect()
    }

    fn row(self, mut row: Row) -> Row {
        match self {
            Fault::Reduced => "CLEAR".clone_into(&mut row.grant.effect),
            Fault::Revoked if row.state == "REVOKED" => "IN_FORCE".clone_into(&mut row.state),
            Fault::Refused if row.state == "REFUSED" => "IN_FORCE".clone_into(&mut row.state),
            Fault::Ended => LAST_DAY.clone_into(&mut row.grant.valid_until),
            Fault::Region => row.grant.division.clear(),
            Fault::Purpose => row.meant_for.clone_into(&mut row.grant.purpose),
            Fault::Revoked | Fault::Refused => {}
        }
        row
    }
}
