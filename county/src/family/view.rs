//! The household views of a family: who counts as a member depends on who asks.

use super::{Book, Family};

/// The purpose of a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ViewKind {
    Hukou,
    MlaUnit,
    UnionFile,
    PovertyRegister,
    Housing,
    Survey,
}

/// One household view.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) kind: ViewKind,
    pub(crate) id: String,
    pub(crate) head: usize,
    pub(crate) applicant: Option<usize>,
    /// Members with whether they count in a figure per head.
    pub(crate) members: Vec<(usize, bool)>,
}

impl ViewKind {
    pub(crate) fn code(self) -> &'static str {
        match self {
            ViewKind::Hukou => "HUKOU",
            ViewKind::MlaUnit => "MLA_UNIT",
            ViewKind::UnionFile => "UNION_FILE",
            ViewKind::PovertyRegister => "POVERTY_REGISTER",
            ViewKind::Housing => "HOUSING",
            ViewKind::Survey => "SURVEY",
        }
    }

    fn prefix(self) -> &'static str {
        match self {
            ViewKind::Hukou => "HK",
            ViewKind::MlaUnit => "MU",
            ViewKind::UnionFile => "UF",
            ViewKind::PovertyRegister => "PR",
            ViewKind::Housing => "HS",
            ViewKind::Survey => "SV",
        }
    }
}

impl Family {
    /// The id that a view of a kind has, if the family has one: `MU-0000123`.
    pub(crate) fn view_id(&self, kind: ViewKind) -> Option<String> {
        let has_view = match kind {
            ViewKind::Hukou => self.book.is_some(),
            ViewKind::MlaUnit => self.hardship.mla.is_some(),
            ViewKind::UnionFile => self.hardship.union.is_some(),
            ViewKind::PovertyRegister => self.hardship.poverty.is_some(),
            ViewKind::Housing => self.hardship.housing.is_some(),
            ViewKind::Survey => self.hardship.is_surveyed,
        };
        has_view.then(|| self.id_of(kind))
    }

    fn id_of(&self, kind: ViewKind) -> String {
        format!("{}-{:07}", kind.prefix(), self.number)
    }

    /// The view that assistance is decided on: the allowance unit's, else the survey's, else the book's.
    pub(crate) fn assistance_view_id(&self) -> Option<String> {
        let kinds = [ViewKind::MlaUnit, ViewKind::Survey, ViewKind::Hukou];
        kinds.into_iter().find_map(|kind| self.view_id(kind))
    }

    /// The registration view that a member belongs to.
    pub(crate) fn book_id(&self, member: usize) -> Option<String> {
        let shared = self.view_id(ViewKind::Hukou)?;
        Some(match self.members[member].book {
            Book::Shared => shared,
            Book::Own => format!("{shared}-{}", member + 1),
        })
    }

    /// The view of the second file of a family that should have one.
    pub(crate) fn second_union_view_id(&self) -> String {
        format!("{}-2", self.id_of(ViewKind::UnionFile))
    }

    /// All views of the family.
    pub(crate) fn views(&self) -> Vec<View> {
        let mut views = self.book_views();
        let hardship = &self.hardship;
        if let Some(mla) = &hardship.mla {
            let members = mla.members.iter().map(|at| (*at, true)).collect();
            views.push(self.view(ViewKind::MlaUnit, Some(mla.members[0]), members));
        }
        if let Some(union) = &hardship.union {
            views.push(self.view(ViewKind::UnionFile, Some(union.worker), self.at_table()));
            if let Some(second) = union.second {
                let view = self.view(ViewKind::UnionFile, Some(second), self.at_table());
                views.push(View { id: self.second_union_view_id(), ..view });
            }
        }
        if hardship.poverty.is_some() {
            views.push(self.view(ViewKind::PovertyRegister, None, self.in_book()));
        }
        if let Some(housing) = &hardship.housing {
            views.push(self.view(ViewKind::Housing, Some(housing.applicant), self.at_home()));
        }
        if hardship.is_surveyed {
            views.push(self.view(ViewKind::Survey, Some(0), self.at_home()));
        }
        views
    }

    fn view(&self, kind: ViewKind, applicant: Option<usize>, members: Vec<(usize, bool)>) -> View {
        let head = if kind == ViewKind::MlaUnit { applicant.unwrap_or(0) } else { 0 };
        View { kind, id: self.id_of(kind), head, applicant, members }
    }

    /// The family's book, and one more for each member who has a book of their own.
    fn book_views(&self) -> Vec<View> {
        if self.book.is_none() {
            return Vec::new();
        }
        let mut views = vec![self.view(ViewKind::Hukou, None, self.in_book())];
        for (at, member) in self.members.iter().enumerate() {
            if member.book == Book::Own {
                let view = self.view(ViewKind::Hukou, None, vec![(at, true)]);
                let id = self.book_id(at).unwrap_or_default();
                views.push(View { id, head: at, ..view });
            }
        }
        views
    }

    fn in_book(&self) -> Vec<(usize, bool)> {
        let members = self.members.iter().enumerate();
        let shared = members.filter(|(_, member)| member.book == Book::Shared);
        shared.map(|(at, member)| (at, member.is_alive())).collect()
    }

    /// Everybody who lives on the common purse, a spouse without a place in the book included.
    fn at_table(&self) -> Vec<(usize, bool)> {
        self.living().map(|(at, _)| (at, true)).collect()
    }

    /// Everybody alive; whoever lives elsewhere is listed and not counted.
    fn at_home(&self) -> Vec<(usize, bool)> {
        self.living().map(|(at, member)| (at, !member.residence.is_away)).collect()
    }
}
