//! The departments that keep the rows, and the day of their last delivery to the exchange database.

use chrono::NaiveDate;

use crate::calendar::days_before;

/// A department as the owner of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Office {
    PublicSecurity,
    CivilAffairs,
    Disabled,
    PovertyAlleviation,
    MarketRegulation,
    Tax,
    Bank,
    Development,
    HumanResources,
    MedicalSecurity,
    Health,
    Housing,
    RealEstate,
    HousingFund,
    Education,
    Union,
}

impl Office {
    /// What tells its dice from other offices' dice; the families themselves have topic 0.
    pub(crate) fn topic(self) -> u64 {
        16 + self as u64
    }

    /// How many days its rows are behind.
    fn delay_days(self) -> u64 {
        match self {
            Office::CivilAffairs => 1,
            Office::RealEstate => 2,
            Office::PublicSecurity => 3,
            Office::MarketRegulation => 4,
            Office::HumanResources => 6,
            Office::MedicalSecurity => 8,
            Office::Bank => 11,
            Office::HousingFund => 13,
            Office::Housing => 17,
            Office::Disabled => 24,
            Office::Development => 28,
            Office::Tax => 33,
            Office::Union => 38,
            Office::PovertyAlleviation => 52,
            Office::Health => 71,
            Office::Education => 96,
        }
    }

    /// The day on which its rows were true.
    pub(crate) fn as_of(self, county: NaiveDate) -> NaiveDate {
        days_before(county, self.delay_days())
    }
}
