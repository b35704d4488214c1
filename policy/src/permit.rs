//! What a read must hold before it can be built. Fields are private: nothing but a
//! [`DecisionTable`] makes these values, so that a forged permit doesn't compile.

use yimen_schema::{CoordinateId, Mask, ResourceId};

use crate::table::{Decision, DecisionTable, Reason};

/// Which rows of a resource may be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RowScope {
    /// Rows of every division.
    Everywhere,
    /// Rows whose division lies within the caller's own.
    OwnDivision,
}

/// The right to read rows of one resource.
#[derive(Debug)]
pub struct Permit {
    resource: ResourceId,
    rows: RowScope,
}

/// The right to answer one coordinate, clear or reduced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Granted {
    coordinate: CoordinateId,
    mask: Option<Mask>,
}

/// The right to compare or order rows by one coordinate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Argument {
    coordinate: CoordinateId,
}

/// The right to follow one link.
#[derive(Debug)]
pub struct Passage {
    permit: Permit,
}

impl Permit {
    /// The resource whose rows may be read.
    pub fn resource(&self) -> ResourceId {
        self.resource
    }

    /// Which of its rows.
    pub fn rows(&self) -> RowScope {
        self.rows
    }
}

impl Granted {
    /// The coordinate that may be answered.
    pub fn coordinate(self) -> CoordinateId {
        self.coordinate
    }

    /// How the value must be reduced; `None` answers it as it stands.
    pub fn mask(self) -> Option<Mask> {
        self.mask
    }
}

impl Argument {
    /// The coordinate that rows may be compared by.
    pub fn coordinate(self) -> CoordinateId {
        self.coordinate
    }
}

impl Passage {
    /// The permit for the rows behind the link.
    pub fn into_permit(self) -> Permit {
        self.permit
    }
}

impl DecisionTable {
    /// The permit for a resource at a root: it needs at least one readable item.
    ///
    /// # Errors
    /// Why nothing of the resource may be read.
    pub fn enter(&self, id: ResourceId) -> Result<Permit, Reason> {
        if self.readable[id.0 as usize] {
            Ok(Permit { resource: id, rows: self.rows(id) })
        } else {
            Err(self.reason_of_all(id))
        }
    }

    /// The permit for the rows of a resource without naming any: a page. Whoever may read single facts of
    /// somebody at hand may not therefore list everybody; listing takes the right to read where rows are.
    ///
    /// # Errors
    /// The coordinate that is refused.
    pub fn list(&self, id: ResourceId) -> Result<Permit, CoordinateId> {
        let resource = self.catalogue().resource(id);
        let key = resource.fields[resource.key].coordinate;
        let permit = self.enter(id).map_err(|_| key)?;
        match resource.division.map(|field| resource.fields[field].coordinate) {
            Some(division) if self.decision(division) != Decision::Clear => Err(division),
            _ => Ok(permit),
        }
    }

    /// The right to answer an item or a summary.
    ///
    /// # Errors
    /// Why it is withheld.
    pub fn grant(&self, id: CoordinateId) -> Result<Granted, Reason> {
        match self.decisions[id.0 as usize] {
            Decision::Clear => Ok(Granted { coordinate: id, mask: None }),
            Decision::Mask(mask) => Ok(Granted { coordinate: id, mask: Some(mask) }),
            Decision::Deny => Err(self.reason(id)),
        }
    }

    /// The right to answer a summary, with the permit for the rows that it counts.
    ///
    /// # Errors
    /// Why it is withheld.
    pub fn summarise(&self, id: CoordinateId, of: ResourceId) -> Result<(Granted, Permit), Reason> {
        let granted = self.grant(id)?;
        Ok((granted, Permit { resource: of, rows: self.rows(of) }))
    }

    /// The right to filter or order by an item: only by what may be read clear.
    ///
    /// # Errors
    /// Why not: a masked value can't be searched on, whatever else is granted.
    pub fn argument(&self, id: CoordinateId) -> Result<Argument, Reason> {
        match self.decisions[id.0 as usize] {
            Decision::Clear => Ok(Argument { coordinate: id }),
            Decision::Mask(_) => Err(Reason::NotGranted),
            Decision::Deny => Err(self.reason(id)),
        }
    }

    /// The right to name a value exactly at a root: by what may be read clear or looked up.
    ///
    /// # Errors
    /// Why not.
    pub fn lookup(&self, id: CoordinateId) -> Result<Argument, Reason> {
        let at = id.0 as usize;
        if self.lookups[at] || self.decisions[at] == Decision::Clear {
            return Ok(Argument { coordinate: id });
        }
        Err(self.reason(id))
    }

    /// The right to follow a link, which is the right to read anything of what it leads to.
    ///
    /// # Errors
    /// Why not.
    pub fn follow(&self, id: CoordinateId, target: ResourceId) -> Result<Passage, Reason> {
        if self.decisions[id.0 as usize] == Decision::Clear {
            return Ok(Passage { permit: Permit { resource: target, rows: self.rows(target) } });
        }
        Err(self.reason_of_all(target))
    }
}
