//! The entries of a batch: places in its body, so that a hundred thousand take little more than the body does.

use std::fmt;

use axum::body::Bytes;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::plan::{Invalid, code};

/// Finds the entries of a list within a body, each as the JSON text that it is.
///
/// # Errors
/// `BATCH_LIMIT_EXCEEDED` for more entries than `most`; `BAD_USER_INPUT` for what isn't a list.
pub(super) fn read(body: &Bytes, variables: Option<&RawValue>, most: usize) -> Result<Vec<Bytes>, Invalid> {
    let no_list = || {
        let message =
            "`application/jsonl` answers a list of variables: send `variables` as a list of objects";
        Invalid::new(code::BAD_USER_INPUT, message)
    };
    let text = variables.map(RawValue::get).filter(|text| text.starts_with('[')).ok_or_else(no_list)?;
    let mut json = serde_json::Deserializer::from_str(text);
    let found = Entries { body, most }.deserialize(&mut json).map_err(|_| no_list())?;
    found.ok_or_else(|| {
        let message = format!("the batch has more than {most} entries");
        Invalid::new(code::BATCH_LIMIT, message)
    })
}

/// Reads a list up to a bound; `None` where it has more.
struct Entries<'b> {
    body: &'b Bytes,
    most: usize,
}

impl<'de> DeserializeSeed<'de> for Entries<'_> {
    type Value = Option<Vec<Bytes>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = Option<Vec<Bytes>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of variables")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while entries.len() < self.most {
            match list.next_element::<&'de RawValue>()? {
                Some(entry) => entries.push(self.body.slice_ref(entry.get().as_bytes())),
                None => return Ok(Some(entries)),
            }
        }
        let mut has_more = false;
        while list.next_element::<IgnoredAny>()?.is_some() {
            has_more = true;
        }
        Ok((!has_more).then_some(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(text: &str, most: usize) -> Result<Vec<Bytes>, String> {
        let body = Bytes::copy_from_slice(text.as_bytes());
        let raw: &RawValue = serde_json::from_slice(&body).unwrap();
        read(&body, Some(raw), most).map_err(|invalid| invalid.code().to_owned())
    }

    #[test]
    fn entries_are_found_just_up_to_the_bound() {
        let two = [Bytes::from_static(b"{\"a\": [1, 2]}"), Bytes::from_static(b"null")];
        assert_eq!(entries("[{\"a\": [1, 2]}, null]", 2).as_deref(), Ok(&two[..]));
        assert_eq!(entries("[1, 2, 3]", 2), Err(String::from("BATCH_LIMIT_EXCEEDED")));
        assert_eq!(entries("[]", 2).as_deref(), Ok(&[][..]));
        assert_eq!(entries("{\"a\": 1}", 2), Err(String::from("BAD_USER_INPUT")));
    }
}
