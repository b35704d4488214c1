//! One value of one row, as either driver gives it.

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta};

/// A value that borrows from its row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// No value.
    Null,
    /// Text.
    Text(&'a str),
    /// A whole number.
    Int(i64),
    /// Yes or no.
    Bool(bool),
    /// A number that a database keeps in binary floating point.
    Real(f64),
    /// PostgreSQL's `numeric` in its wire format.
    Numeric(&'a [u8]),
    /// Days since 2000-01-01.
    Date(i32),
    /// Microseconds since 2000-01-01 in UTC.
    Moment(i64),
}

impl<'a> Cell<'a> {
    /// The value as text, in the form that parameters take; `None` for null.
    pub fn text(self) -> Option<Cow<'a, str>> {
        if let Cell::Text(text) = self {
            return Some(Cow::Borrowed(text));
        }
        let mut out = Vec::new();
        if !self.write_plain(&mut out) {
            return None;
        }
        String::from_utf8(out).ok().map(Cow::Owned)
    }

    /// The same, kept.
    pub fn to_text(self) -> Option<String> {
        self.text().map(Cow::into_owned)
    }

    /// Writes the value without quotes or escapes; false for null.
    pub(crate) fn write_plain(self, out: &mut Vec<u8>) -> bool {
        match self {
            Cell::Null => return false,
            Cell::Text(text) => out.extend_from_slice(text.as_bytes()),
            Cell::Int(number) => out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes()),
            Cell::Bool(value) => out.extend_from_slice(if value { b"true" } else { b"false" }),
            // The shortest text that reads back as the same number, as cursors need it.
            Cell::Real(number) => out.extend_from_slice(number.to_string().as_bytes()),
            Cell::Numeric(wire) => write_numeric(wire, out),
            Cell::Date(days) => write_date(days, out),
            Cell::Moment(micros) => write_moment(micros, out),
        }
        true
    }
}

fn epoch() -> NaiveDate {
    NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default()
}

fn write_date(days: i32, out: &mut Vec<u8>) {
    match epoch().checked_add_signed(TimeDelta::days(i64::from(days))) {
        Some(date) => write_ymd(date, out),
        None => out.extend_from_slice(b"infinity"),
    }
}

fn write_ymd(date: NaiveDate, out: &mut Vec<u8>) {
    use chrono::Datelike;
    let (year, month, day) = (date.year(), date.month(), date.day());
    if (0..=9999).contains(&year) {
        let year = year as u32;
        let digits = [
            year / 1000,
            year / 100 % 10,
            year / 10 % 10,
            year % 10,
            10,
            month / 10,
            month % 10,
            10,
            day / 10,
            day % 10,
        ];
        out.extend(digits.map(|digit| if digit == 10 { b'-' } else { b'0' + digit as u8 }));
    } else {
        out.extend_from_slice(date.to_string().as_bytes());
    }
}

/// Moments are told in the country's one offset.
fn write_moment(micros: i64, out: &mut Vec<u8>) {
    let utc = epoch().and_hms_opt(0, 0, 0).unwrap_or_default().and_utc();
    let moment = utc.checked_add_signed(TimeDelta::microseconds(micros));
    let Some((moment, offset)) = moment.zip(FixedOffset::east_opt(8 * 3600)) else { return };
    let local: DateTime<FixedOffset> = moment.with_timezone(&offset);
    out.extend_from_slice(local.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, false).as_bytes());
}

/// PostgreSQL's wire format of `numeric`: digit groups of 10,000 with a weight and a scale.
fn write_numeric(wire: &[u8], out: &mut Vec<u8>) {
    let word = |at: usize| wire.get(at..at + 2).map_or(0, |pair| i16::from_be_bytes([pair[0], pair[1]]));
    let (groups, weight, sign, scale) = (word(0), word(2), word(4) as u16, word(6).max(0) as usize);
    if sign == 0xC000 {
        out.extend_from_slice(b"NaN");
        return;
    }
    if sign == 0x4000 {
        out.push(b'-');
    }
    let group = |at: i16| if (0..groups).contains(&at) { word(8 + 2 * at as usize) } else { 0 };
    if weight < 0 {
        out.push(b'0');
    }
    for at in 0..=weight {
        let digits = itoa::Buffer::new().format(group(at)).to_owned();
        let zeros = if at == 0 { 0 } else { 4 - digits.len() };
        out.extend(std::iter::repeat_n(b'0', zeros));
        out.extend_from_slice(digits.as_bytes());
    }
    if scale > 0 {
        out.push(b'.');
        let end = out.len() + scale;
        for at in 0..scale.div_ceil(4) as i16 {
            let value = group(weight + 1 + at) as u16;
            out.extend(
                [value / 1000, value / 100 % 10, value / 10 % 10, value % 10].map(|digit| b'0' + digit as u8),
            );
        }
        out.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(cell: Cell<'_>) -> String {
        cell.to_text().unwrap()
    }

    /// A number in PostgreSQL's wire format.
    fn wire(weight: i16, sign: u16, scale: i16, groups: &[i16]) -> Vec<u8> {
        let head = [groups.len() as i16, weight, sign as i16, scale];
        head.iter().chain(groups).flat_map(|word| word.to_be_bytes()).collect()
    }

    #[test]
    fn numbers_keep_their_decimals() {
        for (wire, expected) in [
            (wire(0, 0, 2, &[1234, 5000]), "1234.50"),
            (wire(1, 0, 2, &[1, 2, 300]), "10002.03"),
            (wire(-1, 0x4000, 2, &[500]), "-0.05"),
            (wire(0, 0, 2, &[]), "0.00"),
            (wire(1, 0, 0, &[12]), "120000"),
            (wire(0, 0, 4, &[7, 1250]), "7.1250"),
        ] {
            assert_eq!(text(Cell::Numeric(&wire)), expected);
        }
    }

    #[test]
    fn days_and_moments_are_told_as_the_standard_has_them() {
        assert_eq!(text(Cell::Date(0)), "2000-01-01");
        assert_eq!(text(Cell::Date(-1)), "1999-12-31");
        assert_eq!(text(Cell::Date(7046)), "2019-04-17");
        assert_eq!(text(Cell::Moment(0)), "2000-01-01T08:00:00+08:00");
    }
}
