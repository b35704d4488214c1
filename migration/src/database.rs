//! Which exchange databases there are, and whose rows each keeps.

use std::fmt;

/// An exchange database that comes with the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ExchangeDatabase {
    /// Persons, households, assistance, and the registers that verification reads.
    Household,
    /// Social insurance, employment, medical security and health.
    SocialInsurance,
    /// Real estate, housing security and the provident fund.
    Housing,
    /// Schools and student aid.
    Education,
    /// The trade unions' files and aid.
    UnionAid,
}

impl ExchangeDatabase {
    /// All of them.
    pub const ALL: [ExchangeDatabase; 5] = [
        ExchangeDatabase::Household,
        ExchangeDatabase::SocialInsurance,
        ExchangeDatabase::Housing,
        ExchangeDatabase::Education,
        ExchangeDatabase::UnionAid,
    ];

    /// The name by which configuration and files call it.
    pub fn name(self) -> &'static str {
        match self {
            ExchangeDatabase::Household => "household",
            ExchangeDatabase::SocialInsurance => "social_insurance",
            ExchangeDatabase::Housing => "housing",
            ExchangeDatabase::Education => "education",
            ExchangeDatabase::UnionAid => "union",
        }
    }

    /// The departments whose rows it keeps, by their codes in the catalogue.
    pub fn departments(self) -> &'static [&'static str] {
        match self {
            ExchangeDatabase::Household => &[
                "PUBLIC_SECURITY",
                "CIVIL_AFFAIRS",
                "DPF",
                "POVERTY_ALLEVIATION",
                "MARKET_REGULATION",
                "TAX",
                "PBOC",
                "DRC",
            ],
            ExchangeDatabase::SocialInsurance => &["HRSS", "MEDICAL_SECURITY", "HEALTH"],
            ExchangeDatabase::Housing => &["HOUSING", "REAL_ESTATE_REGISTRY", "HOUSING_FUND"],
            ExchangeDatabase::Education => &["EDUCATION"],
            ExchangeDatabase::UnionAid => &["UNION"],
        }
    }

    /// The exchange database that keeps a department's rows, if a bundled one does.
    pub fn of_department(code: &str) -> Option<ExchangeDatabase> {
        Self::ALL.into_iter().find(|database| database.departments().contains(&code))
    }
}

impl fmt::Display for ExchangeDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
