//! Many short texts in one allocation: the values that a statement looks up.

/// Texts in the order in which they were put.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Texts {
    text: String,
    ends: Vec<u32>,
}

impl Texts {
    /// Puts a text behind the others.
    ///
    /// # Panics
    /// Where all of them together pass 4 GiB, which bounds of lists and rows keep far away.
    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(u32::try_from(self.text.len()).expect("lists of values are bounded"));
    }

    /// How many texts.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The texts in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> + '_ {
        let start = |at: usize| at.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        (0..self.ends.len()).map(move |at| &self.text[start(at)..self.ends[at] as usize])
    }
}

impl<T: AsRef<str>> FromIterator<T> for Texts {
    fn from_iter<I: IntoIterator<Item = T>>(texts: I) -> Self {
        let mut all = Texts::default();
        texts.into_iter().for_each(|text| all.push(text.as_ref()));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_out_as_they_went_in() {
        let texts: Texts = ["甲", "", "b", "b"].into_iter().collect();
        assert_eq!(texts.iter().collect::<Vec<_>>(), ["甲", "", "b", "b"]);
        assert_eq!((texts.len(), texts.iter().len()), (4, 4));
        assert!(Texts::default().is_empty());
    }
}
