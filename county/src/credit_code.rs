//! Unified social credit codes (统一社会信用代码, GB 32100) of bodies that don't exist: well formed, with
//! right check characters, in a division that was never assigned.

const DIVISION: &str = "410799";
const CHARACTERS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Which office registers a body, and as what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Register {
    /// State bodies and public institutions.
    Institution,
    /// Charities and other social organisations.
    Social,
    Enterprise,
    SelfEmployed,
    Cooperative,
    TradeUnion,
}

impl Register {
    fn prefix(self) -> &'static str {
        match self {
            Register::Institution => "12",
            Register::Social => "51",
            Register::Enterprise => "91",
            Register::SelfEmployed => "92",
            Register::Cooperative => "93",
            Register::TradeUnion => "81",
        }
    }

    /// Keeps bodies of one number but different registers apart in the organisation part as well.
    fn series(self) -> char {
        match self {
            Register::Institution => 'G',
            Register::Social => 'H',
            Register::Enterprise => 'E',
            Register::SelfEmployed => 'F',
            Register::Cooperative => 'C',
            Register::TradeUnion => 'U',
        }
    }
}

/// The credit code of the body with a number in a register.
pub(crate) fn credit_code(register: Register, number: u64) -> String {
    let organisation = format!("{}{:07}", register.series(), number % 10_000_000);
    let check = organisation_check(&organisation);
    let mut code = format!("{}{DIVISION}{organisation}{check}", register.prefix());
    code.push(code_check(&code));
    code
}

fn value(character: u8) -> u32 {
    let at = CHARACTERS.iter().position(|known| *known == character).unwrap_or(0);
    u32::try_from(at).unwrap_or(0)
}

/// The check character of the organisation part (GB 11714), where letters count from A = 10.
fn organisation_check(organisation: &str) -> char {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let values = organisation.chars().map(|character| character.to_digit(36).unwrap_or(0));
    let sum: u32 = values.zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
    match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10).unwrap_or('0'),
    }
}

/// The last character (GB 32100), MOD 31.
fn code_check(code: &str) -> char {
    const WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let sum: u32 = code.bytes().zip(WEIGHTS).map(|(byte, weight)| value(byte) * weight).sum();
    char::from(CHARACTERS[((31 - sum % 31) % 31) as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_characters_are_those_of_a_published_code() {
        assert_eq!(organisation_check("D2143569"), 'X');
        assert_eq!(organisation_check("M000100Y"), '4');
        assert_eq!(code_check("91350100M000100Y4"), '3');
    }

    #[test]
    fn a_code_has_18_characters_and_an_unassigned_division() {
        let code = credit_code(Register::Enterprise, 12);
        assert_eq!(code.len(), 18);
        assert!(code.starts_with("91410799E0000012"));
    }
}
