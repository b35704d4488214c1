//! What every office writes down: one file for each subject, one function for each table.

mod assistance;
mod award;
mod benefit;
mod business;
mod child;
mod county;
mod disability;
mod education;
mod employment;
mod enterprise;
mod finance;
mod fund;
mod housing;
mod income;
mod insurance;
mod marriage;
mod medical;
mod membership;
mod organisation;
mod placement;
mod poverty;
mod real_estate;
mod registration;
mod relief;
mod start_up;
mod survey;
mod tax;
mod training;
mod union_file;
mod union_help;
mod vehicle;
mod view;

use crate::chunk::Chunk;
use crate::family::Family;
use crate::reference::{County, Office};
use crate::scribe::Scribe;

pub(crate) use county::of_county;

/// Writes one table's or a few tables' rows about a family.
type Page = fn(&mut Scribe<'_>, &mut Chunk);

/// The pages that each office fills, in order; its dice go on from one page to the next.
const PAGES: [(Office, &[Page]); 15] = [
    (
        Office::PublicSecurity,
        &[registration::persons, registration::books, registration::residences, vehicle::vehicles],
    ),
    (
        Office::CivilAffairs,
        &[
            view::views,
            view::obligations,
            marriage::marriages,
            assistance::identities,
            award::allowances,
            award::destitution,
            assistance::temporary,
            assistance::subsidies,
            assistance::charity,
            child::children,
            income::incomes,
            income::summaries,
            income::expenditures,
            survey::assessments,
            survey::surveys,
            relief::disaster,
        ],
    ),
    (Office::Disabled, &[disability::certificates]),
    (Office::PovertyAlleviation, &[poverty::register]),
    (Office::MarketRegulation, &[business::businesses]),
    (Office::Tax, &[tax::summaries, tax::donations]),
    (Office::Bank, &[finance::assets]),
    (
        Office::HumanResources,
        &[
            insurance::enrolments,
            benefit::pensions,
            benefit::unemployment,
            employment::registrations,
            employment::hardship,
            placement::placements,
            placement::offers,
            training::trainings,
            start_up::start_ups,
            start_up::workshops,
            start_up::transfers,
        ],
    ),
    (Office::MedicalSecurity, &[medical::settlements, medical::aid]),
    (Office::Health, &[medical::illnesses]),
    (Office::Housing, &[housing::applications]),
    (Office::RealEstate, &[real_estate::rights]),
    (Office::HousingFund, &[fund::accounts]),
    (Office::Education, &[education::enrolments, education::aid]),
    (Office::Union, &[membership::workers, union_file::files, union_help::help]),
];

/// Adds everything that the offices know of a family.
pub(crate) fn of_family(county: &County, family: &Family, chunk: &mut Chunk) {
    for (office, pages) in PAGES {
        let mut scribe = Scribe::new(county, family, office);
        for page in pages {
            page(&mut scribe, chunk);
        }
    }
}
