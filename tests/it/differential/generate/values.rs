//! Values of arguments: most are drawn from rows, some belong to no row.

use apollo_compiler::schema::ExtendedType;
use yimen_schema::{ResourceId, Scalar};

use crate::differential::generate::Generator;
use crate::differential::operation::Literal;
use crate::differential::rows::{Stored, check_character};
use crate::differential::value::text;

impl Generator<'_> {
    /// A row, preferably one that the caller may see.
    fn row(&mut self, id: ResourceId) -> Option<u32> {
        let county = self.ground.county;
        let count = county.rows.count(id);
        if count == 0 {
            return None;
        }
        let wants_own = self.rng.chance(70);
        let mut row = self.rng.below(count as usize) as u32;
        for _ in 0..60 {
            if !wants_own || county.is_in_scope(self.ground.asking, id, row) {
                break;
            }
            row = self.rng.below(count as usize) as u32;
        }
        Some(row)
    }

    /// A value to compare an item with.
    pub(super) fn value(&mut self, id: ResourceId, field: usize) -> Literal {
        let county = self.ground.county;
        let scalar = county.catalogue.resource(id).item(field).scalar.clone();
        if self.rng.chance(12) {
            return self.absent(&scalar);
        }
        for _ in 0..6 {
            let stored = self.row(id).map_or(&Stored::Null, |row| county.rows.value(id, row, field));
            if let Some(text) = text(&scalar, stored) {
                return self.written(&scalar, text);
            }
        }
        self.absent(&scalar)
    }

    /// The citizen number of somebody that some register tells of, as a caller may write it.
    pub(super) fn citizen_number(&mut self) -> Literal {
        let county = self.ground.county;
        if self.rng.chance(10) {
            return self.absent(&Scalar::CitizenId);
        }
        for _ in 0..6 {
            let id = ResourceId(self.rng.below(county.catalogue.resources.len()) as u32);
            let subject = county.catalogue.resource(id).subject;
            let row = self.row(id);
            if let (Some(subject), Some(row)) = (subject, row)
                && let Stored::Text(number) = county.rows.value(id, row, subject)
            {
                return self.written(&Scalar::CitizenId, number.clone());
            }
        }
        self.absent(&Scalar::CitizenId)
    }

    /// A text as a literal of its type, in any of the forms that it may have.
    fn written(&mut self, scalar: &Scalar, text: String) -> Literal {
        match scalar {
            Scalar::Int => Literal::Int(text.parse().unwrap()),
            Scalar::Boolean => Literal::Boolean(text == "1"),
            Scalar::Enum(_) => Literal::Enum(text),
            Scalar::Money | Scalar::Decimal => match text.strip_suffix(".00").unwrap_or(&text).parse() {
                Ok(whole) if self.rng.chance(30) && i32::try_from(whole).is_ok() => Literal::Int(whole),
                _ => Literal::Text(text),
            },
            Scalar::CitizenId if self.rng.chance(10) => Literal::Text(text.to_ascii_lowercase()),
            Scalar::CitizenId if text.len() == 18 && &text[6..8] == "19" && self.rng.chance(10) => {
                Literal::Text(format!("{}{}", &text[..6], &text[8..17]))
            }
            Scalar::Division if self.rng.chance(40) => {
                let level = self.rng.one_of(&[2, 4, 6, 9]);
                Literal::Text(format!("{:0<12}", &text[..level]))
            }
            _ => Literal::Text(text),
        }
    }

    /// A value of a type that no row has, or a bound beyond all rows.
    fn absent(&mut self, scalar: &Scalar) -> Literal {
        let mut one_of = |texts: &[&str]| Literal::Text(self.rng.one_of(texts).to_owned());
        match scalar {
            Scalar::Int => Literal::Int(self.rng.one_of(&[i64::from(i32::MIN), -1, 0, i64::from(i32::MAX)])),
            Scalar::Boolean => Literal::Boolean(self.rng.chance(50)),
            Scalar::Enum(name) => self.enum_value(name),
            Scalar::CitizenId => {
                let body = format!("99000019000101{:03}", self.rng.below(1_000));
                Literal::Text(format!("{body}{}", check_character(&body)))
            }
            Scalar::Division => one_of(&["990000000000", "410726000000", "410727999999"]),
            Scalar::Money => one_of(&["0", "-0.01", "0.5", "999999999.99"]),
            Scalar::Decimal => one_of(&["0", "-1.5", "0.000001", "999999999"]),
            Scalar::Date => one_of(&["1900-01-01", "2000-02-29", "9999-12-31"]),
            Scalar::YearMonth => one_of(&["1900-01", "9999-12"]),
            Scalar::DateTime => one_of(&["1900-01-01T00:00:00+08:00", "9999-12-31T23:59:59+08:00"]),
            Scalar::Id | Scalar::String => one_of(&["", "无此编号", "a\"b\\c\n' OR 1=1 --", "𠅤"]),
        }
    }

    fn enum_value(&mut self, name: &str) -> Literal {
        let Some(ExtendedType::Enum(definition)) = self.ground.county.catalogue.public.types.get(name) else {
            panic!("`{name}` is no enum")
        };
        let values: Vec<&str> = definition.values.keys().map(|value| value.as_str()).collect();
        Literal::Enum(self.rng.one_of(&values).to_owned())
    }
}
