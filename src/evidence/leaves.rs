//! What the hub keeps of a record's people, a leaf for each in the order of the tree that its entry seals: salt and
//! digest, which open the commitment, or, once they were erased, the commitment alone.

use crate::evidence::merkle::{Hash, leaf_hash};
use crate::evidence::people::{DIGEST, SALT};

/// Bytes of salt and digest.
const OPENING: usize = SALT + DIGEST;

/// Bytes of a leaf: what it is, and an opening or a commitment, which are of one size.
pub(crate) const LEAF: usize = 1 + OPENING;

/// The first byte of a leaf that holds an opening.
const OPEN: u8 = 1;

/// The first byte of a leaf that holds a commitment.
const ERASED: u8 = 0;

/// One person of a record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Leaf<'a> {
    /// Salt and digest.
    Open(&'a [u8]),
    /// The commitment, which nothing opens any more.
    Erased(Hash),
}

impl<'a> Leaf<'a> {
    /// What the entry's root is made from.
    pub(crate) fn commitment(&self) -> Hash {
        match self {
            Leaf::Open(opening) => leaf_hash(opening),
            Leaf::Erased(commitment) => *commitment,
        }
    }

    /// Whose it is, as far as that can be told.
    pub(crate) fn digest(&self) -> Option<&'a [u8]> {
        match self {
            Leaf::Open(opening) => Some(&opening[SALT..]),
            Leaf::Erased(_) => None,
        }
    }
}

/// The leaves of a record, as they are kept from the beginning.
pub(crate) fn kept(openings: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(openings.len() / OPENING * LEAF);
    for opening in openings.chunks_exact(OPENING) {
        kept.push(OPEN);
        kept.extend_from_slice(opening);
    }
    kept
}

/// Reads what [`kept`] gave; `None` where it is of another form.
pub(crate) fn read(kept: &[u8]) -> Option<Vec<Leaf<'_>>> {
    fn leaf(bytes: &[u8]) -> Option<Leaf<'_>> {
        match bytes {
            [OPEN, opening @ ..] => Some(Leaf::Open(opening)),
            [ERASED, commitment @ ..] => Hash::try_from(commitment).ok().map(Leaf::Erased),
            _ => None,
        }
    }
    kept.len().is_multiple_of(LEAF).then(|| kept.chunks_exact(LEAF).map(leaf).collect())?
}

/// Leaves their commitments alone to some people. Gives the digests that were taken.
pub(crate) fn erase(kept: &mut [u8], is_theirs: impl Fn(&[u8]) -> bool) -> Vec<Vec<u8>> {
    let mut taken = Vec::new();
    for leaf in kept.chunks_exact_mut(LEAF) {
        let (flag, rest) = leaf.split_at_mut(1);
        let digest = &rest[SALT..];
        if flag[0] == OPEN && is_theirs(digest) {
            taken.push(digest.to_vec());
            let commitment = leaf_hash(rest);
            flag[0] = ERASED;
            rest.copy_from_slice(&commitment);
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_erased_leaves_its_commitment_and_the_others() {
        let openings: Vec<u8> = (0..3 * OPENING as u8).collect();
        let mut bytes = kept(&openings);
        let commitments =
            |bytes: &[u8]| read(bytes).unwrap().iter().map(Leaf::commitment).collect::<Vec<_>>();
        let before = commitments(&bytes);
        let digest = openings[OPENING + SALT..2 * OPENING].to_vec();
        assert_eq!(erase(&mut bytes, |found| found == digest), std::slice::from_ref(&digest));
        assert_eq!(commitments(&bytes), before, "every proof goes on holding");
        let digests: Vec<bool> = read(&bytes).unwrap().iter().map(|leaf| leaf.digest().is_some()).collect();
        assert_eq!(digests, [true, false, true]);
        assert!(!bytes.windows(DIGEST).any(|window| window == digest));
        assert!(erase(&mut bytes, |found| found == digest).is_empty(), "once");
    }

    #[test]
    fn bytes_of_another_form_are_no_leaves() {
        assert_eq!(read(&[]), Some(Vec::new()));
        assert!(read(&[OPEN; LEAF]).is_some());
        assert!(read(&[OPEN; LEAF - 1]).is_none());
        assert!(read(&[2; LEAF]).is_none());
    }
}
