//! One value as JSON.

use yimen_schema::{Mask, Scalar};

use crate::answer::mask::masked;
use crate::answer::pseudonym::Pseudonyms;
use crate::fetch::Cell;

/// Writes a value of a type, reduced where only the reduced value may be answered.
///
/// The answer is the same whichever database the value came from.
pub(crate) fn write_scalar(
    scalar: &Scalar,
    mask: Option<Mask>,
    cell: Cell<'_>,
    pseudonyms: &Pseudonyms<'_>,
    out: &mut Vec<u8>,
) {
    if cell == Cell::Null {
        out.extend_from_slice(b"null");
        return;
    }
    if let Some(mask) = mask {
        let text = plain(scalar, cell);
        let reduced = match mask {
            Mask::Pseudonym => pseudonyms.of(&text),
            mask => masked(mask, &text),
        };
        write_text(&reduced, out);
        return;
    }
    match (scalar, cell) {
        (_, Cell::Text(text)) => write_text(text, out),
        (Scalar::Boolean, Cell::Int(number)) => {
            out.extend_from_slice(if number == 0 { b"false" } else { b"true" })
        }
        (Scalar::Boolean | Scalar::Int, cell) => {
            cell.write_plain(out);
        }
        (scalar, cell) => write_text(&plain(scalar, cell), out),
    }
}

/// The text of a value: money with two decimals, other numbers without zeros at the end.
fn plain(scalar: &Scalar, cell: Cell<'_>) -> String {
    match (scalar, cell) {
        // Two decimals of binary floating point are exact up to 10^13.
        (Scalar::Money, Cell::Real(number)) => format!("{number:.2}"),
        (Scalar::Money, Cell::Int(number)) => format!("{number}.00"),
        (Scalar::Decimal, Cell::Real(number)) => without_zeros(format!("{number:.6}")),
        (Scalar::Decimal, cell) => without_zeros(cell.to_text().unwrap_or_default()),
        (_, cell) => cell.to_text().unwrap_or_default(),
    }
}

fn without_zeros(text: String) -> String {
    if !text.contains('.') {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Writes a JSON string.
pub(crate) fn write_text(text: &str, out: &mut Vec<u8>) {
    let is_plain = |byte: &u8| *byte >= 0x20 && *byte != b'"' && *byte != b'\\';
    if text.as_bytes().iter().all(is_plain) {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else if serde_json::to_writer(&mut *out, text).is_err() {
        // Writing text to memory can't fail.
        out.extend_from_slice(b"null");
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::answer::PseudonymKeys;

    fn json(scalar: Scalar, mask: Option<Mask>, cell: Cell<'_>) -> String {
        let (keys, mut out) = (PseudonymKeys::new(&[7; 32], Vec::new()), Vec::new());
        write_scalar(&scalar, mask, cell, &keys.of("HOUSING", NaiveDate::default()), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_value_is_the_same_from_either_database() {
        let numeric = [0u8, 2, 0, 0, 0, 0, 0, 2, 0x04, 0xD2, 0x13, 0x88];
        assert_eq!(json(Scalar::Money, None, Cell::Numeric(&numeric)), "\"1234.50\"");
        assert_eq!(json(Scalar::Money, None, Cell::Real(1234.5)), "\"1234.50\"");
        assert_eq!(json(Scalar::Decimal, None, Cell::Numeric(&numeric)), "\"1234.5\"");
        assert_eq!(json(Scalar::Decimal, None, Cell::Real(1234.5)), "\"1234.5\"");
        assert_eq!(json(Scalar::Boolean, None, Cell::Int(1)), "true");
        assert_eq!(json(Scalar::Boolean, None, Cell::Bool(true)), "true");
        assert_eq!(
            json(Scalar::Date, None, Cell::Date(7046)),
            json(Scalar::Date, None, Cell::Text("2019-04-17"))
        );
    }

    #[test]
    fn a_masked_value_is_reduced_and_null_stays_null() {
        assert_eq!(json(Scalar::Money, Some(Mask::Band), Cell::Real(1234.5)), "\"[1000,2000)\"");
        assert_eq!(json(Scalar::Date, Some(Mask::Year), Cell::Date(7046)), "\"2019\"");
        assert_eq!(json(Scalar::Money, Some(Mask::Band), Cell::Null), "null");
        let number = Cell::Text("11010519491231002X");
        assert!(json(Scalar::CitizenId, Some(Mask::Pseudonym), number).starts_with("\"PSN-"));
        assert_eq!(json(Scalar::CitizenId, Some(Mask::Pseudonym), Cell::Null), "null");
    }

    #[test]
    fn text_is_escaped_where_it_must_be() {
        assert_eq!(json(Scalar::String, None, Cell::Text("a\"b\\\n")), r#""a\"b\\\n""#);
        assert_eq!(json(Scalar::String, None, Cell::Text("𠅤")), "\"𠅤\"");
    }
}
