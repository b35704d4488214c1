//! Values on their way in: each is checked against its type before a department is asked.
//! Messages say what is wrong and never repeat the value, which may be somebody's number.

use chrono::{DateTime, NaiveDate};
use yimen_schema::Scalar;

/// The longest text that a condition may compare with, in characters.
const MAX_TEXT: usize = 256;

/// Brings a value into the form that statements take, or says what is wrong with it.
///
/// # Errors
/// What the value must be.
pub fn normalise(scalar: &Scalar, text: &str) -> Result<String, String> {
    let fits = |fits: bool, what: &str| if fits { Ok(text.to_owned()) } else { Err(what.to_owned()) };
    match scalar {
        Scalar::CitizenId => citizen_number(text),
        Scalar::Division => fits(is_digits(text, 12), "must be a division of 12 digits"),
        Scalar::Id | Scalar::String => {
            let sound = text.chars().count() <= MAX_TEXT && !text.contains('\0');
            fits(sound, &format!("must have at most {MAX_TEXT} characters"))
        }
        Scalar::Int => fits(text.parse::<i32>().is_ok(), "must be a whole number of 32 bits"),
        Scalar::Boolean => fits(matches!(text, "true" | "false"), "must be `true` or `false`"),
        Scalar::Money => fits(is_decimal(text, 2), "must be an amount such as \"1234.50\""),
        Scalar::Decimal => fits(is_decimal(text, 6), "must be a decimal number such as \"12.5\""),
        Scalar::Date => fits(
            text.len() == 10 && NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok(),
            "must be a day such as \"2019-04-17\"",
        ),
        Scalar::YearMonth => {
            let day = format!("{text}-01");
            fits(
                text.len() == 7 && NaiveDate::parse_from_str(&day, "%Y-%m-%d").is_ok(),
                "must be a month such as \"2019-04\"",
            )
        }
        Scalar::DateTime => fits(
            DateTime::parse_from_rfc3339(text).is_ok(),
            "must be a moment such as \"2019-04-17T08:30:00+08:00\"",
        ),
        Scalar::Enum(_) => Ok(text.to_owned()),
    }
}

/// A citizen number (GB 11643) of 18 characters with an upper-case check character. A number of 15
/// digits from an old file is brought to 18: the century `19` and the check character are added.
///
/// # Errors
/// What is wrong with it.
pub fn citizen_number(text: &str) -> Result<String, String> {
    let text = text.trim();
    if is_digits(text, 15) {
        let body = format!("{}19{}", &text[..6], &text[6..]);
        let check = check_character(&body);
        return birth_date_is_real(&body).map(|()| format!("{body}{check}"));
    }
    let number = text.to_ascii_uppercase();
    let (Some(body), Some(check)) = (number.get(..17), number.get(17..)) else {
        return Err(String::from("must be a citizen number of 18 characters, or 15 in old files"));
    };
    if !is_digits(body, 17) || check.len() != 1 {
        return Err(String::from("must be a citizen number of 18 characters, or 15 in old files"));
    }
    if !check.starts_with(check_character(body)) {
        return Err(String::from("is no citizen number: the check character is wrong"));
    }
    birth_date_is_real(body).map(|()| number)
}

/// Whether a text is a citizen number of 18 characters, as [`citizen_number`] writes it.
pub(crate) fn is_citizen_number(text: &str) -> bool {
    text.len() == 18 && text.as_bytes()[..17].iter().all(u8::is_ascii_digit) && citizen_number(text).is_ok()
}

/// Whether a text holds a citizen number anywhere in it: what goes into records as it came must not.
///
/// Fifteen digits count only where no further digit stands beside them: short of a check character they
/// would else be found in many a case's number.
pub fn names_a_person(text: &str) -> bool {
    // A number is ASCII, so windows over bytes find the same as windows over characters.
    let mut windows = text.as_bytes().windows(18);
    let is_number = |text: &str| citizen_number(text).is_ok();
    windows.any(|window| {
        window[..17].iter().all(u8::is_ascii_digit) && str::from_utf8(window).is_ok_and(is_number)
    }) || text.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() == 15 && is_number(run))
}

fn birth_date_is_real(body: &str) -> Result<(), String> {
    let number = |digits: &str| digits.parse().unwrap_or_default();
    let (year, month, day) = (number(&body[6..10]), number(&body[10..12]), number(&body[12..14]));
    let date = NaiveDate::from_ymd_opt(year as i32, month, day);
    date.map(|_| ()).ok_or_else(|| String::from("is no citizen number: the birth date doesn't exist"))
}

/// ISO 7064 MOD 11-2 over 17 digits.
fn check_character(body: &str) -> char {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = body.bytes().map(|byte| u32::from(byte - b'0'));
    let sum: u32 = digits.zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    b"10X98765432"[(sum % 11) as usize] as char
}

fn is_digits(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_decimal(text: &str, places: usize) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    all(whole) && all(fraction) && whole.len() <= 15 && fraction.len() <= places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_number_passes_and_a_wrong_check_character_does_not() {
        assert_eq!(citizen_number("11010519491231002x").as_deref(), Ok("11010519491231002X"));
        let refused = citizen_number("110105194912310021").unwrap_err();
        assert!(refused.contains("check character") && !refused.contains("110105"), "{refused}");
    }

    #[test]
    fn a_number_of_an_old_file_is_brought_to_eighteen() {
        assert_eq!(citizen_number("110105491231002").as_deref(), Ok("11010519491231002X"));
    }

    #[test]
    fn a_person_is_found_wherever_a_text_names_them() {
        for text in [
            "11010519491231002X",
            "案11010519491231002x号",
            "9911010519491231002X99",
            "case 110105491231002/7",
        ] {
            assert!(names_a_person(text), "{text}");
        }
        for text in [
            "",
            "officer",
            "110105194912310021",
            "0110105491231002",
            "案案案案案案案案案案案案案案案案案案案",
        ] {
            assert!(!names_a_person(text), "{text}");
        }
    }

    #[test]
    fn a_birth_date_that_does_not_exist_is_refused() {
        let body = "11010519490230002";
        assert!(citizen_number(&format!("{body}{}", check_character(body))).is_err());
    }

    #[test]
    fn each_type_takes_its_form_and_no_other() {
        for (scalar, good, bad) in [
            (Scalar::Division, "410727100000", "410727"),
            (Scalar::Int, "-5", "5.0"),
            (Scalar::Money, "1234.50", "1234.505"),
            (Scalar::Money, "0", "1e3"),
            (Scalar::Date, "2020-02-29", "2019-02-29"),
            (Scalar::YearMonth, "2019-04", "2019-13"),
            (Scalar::DateTime, "2019-04-17T08:30:00+08:00", "2019-04-17"),
        ] {
            assert!(normalise(&scalar, good).is_ok(), "{scalar:?} {good}");
            assert!(normalise(&scalar, bad).is_err(), "{scalar:?} {bad}");
        }
    }
}
