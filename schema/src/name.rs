//! How a GraphQL name is written as a column or as an enum value.

/// `taperStartedOn` as `taper_started_on`: the default column of an item.
pub fn snake_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for (index, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && index > 0 {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

/// `taperStartedOn` as `TAPER_STARTED_ON`: how an order value names an item.
pub fn upper_snake_case(name: &str) -> String {
    snake_case(name).to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_items_name_becomes_its_column() {
        assert_eq!(snake_case("taperStartedOn"), "taper_started_on");
        assert_eq!(snake_case("citizenIdLegacy"), "citizen_id_legacy");
        assert_eq!(upper_snake_case("openedOn"), "OPENED_ON");
    }
}
