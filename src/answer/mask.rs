//! Values reduced: what is left is still a value of its type, and says little.

use yimen_schema::Mask;

/// The lower bounds of the bands of money, in yuan; the last band is open.
const BANDS: [i64; 14] =
    [0, 500, 1_000, 2_000, 3_000, 5_000, 8_000, 12_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000];

/// A value reduced by a mask.
///
/// A value too short for its mask shows nothing, rather than more than the mask means to show.
pub fn masked(mask: Mask, text: &str) -> String {
    match mask {
        Mask::CitizenId => ends(text, 4, 4, 15),
        Mask::Phone => ends(text, 3, 4, 9),
        Mask::Last4 => ends(text, 0, 4, 8),
        Mask::Name => name(text),
        Mask::Year => text.get(..4).unwrap_or("****").to_owned(),
        Mask::Band => band(text),
        Mask::Address => address(text),
        // It is made with a key (`src/answer/pseudonym.rs`); without one nothing is shown.
        Mask::Pseudonym => String::from("****"),
    }
}

/// The first and last characters of a text of at least `least` characters, stars between.
fn ends(text: &str, head: usize, tail: usize, least: usize) -> String {
    let letters: Vec<char> = text.chars().collect();
    if letters.len() < least {
        return "*".repeat(letters.len().max(1));
    }
    let stars = letters.len() - head - tail;
    let head: String = letters[..head].iter().collect();
    let tail: String = letters[letters.len() - tail..].iter().collect();
    format!("{head}{}{tail}", "*".repeat(stars))
}

/// The first character; a name of one character shows none.
fn name(text: &str) -> String {
    let mut letters = text.chars();
    let (first, rest) = (letters.next(), letters.count());
    match first {
        Some(first) if rest > 0 => format!("{first}{}", "*".repeat(rest)),
        _ => String::from("*"),
    }
}

/// `[1000,2000)`, or `[1000000,)` at the top; below zero there is one band.
fn band(text: &str) -> String {
    if text.starts_with('-') {
        return String::from("(,0)");
    }
    let whole = text.split('.').next().unwrap_or_default();
    let Ok(yuan) = whole.parse::<i64>() else { return String::from("[,]") };
    let above = BANDS.iter().position(|bound| *bound > yuan).unwrap_or(BANDS.len());
    let low = BANDS[above.saturating_sub(1)];
    match BANDS.get(above) {
        Some(high) => format!("[{low},{high})"),
        None => format!("[{low},)"),
    }
}

/// A division keeps its county; an address ends before its first digit.
fn address(text: &str) -> String {
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return format!("{}000000", &text[..6]);
    }
    let end = text.find(|letter: char| letter.is_numeric()).unwrap_or(text.len());
    format!("{}***", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mask_leaves_what_it_says_and_no_more() {
        for (mask, text, expected) in [
            (Mask::CitizenId, "11010519491231002X", "1101**********002X"),
            (Mask::CitizenId, "1101", "****"),
            (Mask::Phone, "13800005678", "138****5678"),
            (Mask::Phone, "5678", "****"),
            (Mask::Name, "张小明", "张**"),
            (Mask::Name, "𠅤", "*"),
            (Mask::Last4, "6222020200001234", "************1234"),
            (Mask::Last4, "1234", "****"),
            (Mask::Year, "1985-06-01", "1985"),
            (Mask::Band, "1999.99", "[1000,2000)"),
            (Mask::Band, "2000.00", "[2000,3000)"),
            (Mask::Band, "1000000.00", "[1000000,)"),
            (Mask::Band, "-0.05", "(,0)"),
            (Mask::Address, "410727100201", "410727000000"),
            (Mask::Address, "城关镇幸福路12号", "城关镇幸福路***"),
        ] {
            assert_eq!(masked(mask, text), expected, "{mask} {text}");
        }
    }
}
