//! The roles and purposes that a request can name, with their groups: two small tables beside the policies.

/// A role that a token can carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// The code in tokens and policies.
    pub code: String,
    /// The group that policies speak of.
    pub group: String,
    /// The name in plain words, English and Chinese.
    pub name: (String, String),
}

/// A purpose that a request can state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purpose {
    /// The code in the header `Yimen-Purpose` and in policies.
    pub code: String,
    /// The group that policies speak of.
    pub group: String,
    /// The name in plain words, English and Chinese.
    pub name: (String, String),
    /// The clauses of the notices that the purpose rests on.
    pub basis: String,
}

/// All roles and purposes.
#[derive(Clone, Debug)]
pub struct Codes {
    /// In the order of `roles.csv`.
    pub roles: Vec<Role>,
    /// In the order of `purposes.csv`.
    pub purposes: Vec<Purpose>,
}

impl Codes {
    /// The tables that are built into the program.
    pub fn bundled() -> Codes {
        let roles = rows(include_str!("../roles.csv")).map(|row| Role {
            code: row[0].clone(),
            group: row[1].clone(),
            name: (row[2].clone(), row[3].clone()),
        });
        let purposes = rows(include_str!("../purposes.csv")).map(|row| Purpose {
            code: row[0].clone(),
            group: row[1].clone(),
            name: (row[2].clone(), row[3].clone()),
            basis: row[4].clone(),
        });
        Codes { roles: roles.collect(), purposes: purposes.collect() }
    }

    /// Whether a token may carry this role.
    pub fn has_role(&self, code: &str) -> bool {
        self.roles.iter().any(|role| role.code == code)
    }

    /// Whether a request may state this purpose.
    pub fn has_purpose(&self, code: &str) -> bool {
        self.purposes.iter().any(|purpose| purpose.code == code)
    }
}

/// The tables hold no quoted fields, so that splitting at commas reads them whole.
fn rows(text: &'static str) -> impl Iterator<Item = Vec<String>> {
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect())
}
