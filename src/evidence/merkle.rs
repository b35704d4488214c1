//! The tree over all records: hashes, roots and proofs as RFC 6962 has them, with SHA-256.

use aws_lc_rs::digest::{Context, SHA256};

/// A hash of the tree.
pub type Hash = [u8; 32];

/// The hash of an entry.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    hash(&[&[0], entry])
}

/// The hash of two subtrees.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    hash(&[&[1], left, right])
}

/// The SHA-256 of some parts, one behind the other.
pub fn hash(parts: &[&[u8]]) -> Hash {
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// A growing tree: the roots of its complete subtrees, the largest first.
#[derive(Clone, Debug, Default)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// A tree of which the complete subtrees are known, the largest first.
    pub fn new(size: u64, peaks: Vec<Hash>) -> Self {
        Frontier { size, peaks }
    }

    /// Adds a leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                hash = node_hash(&left, &hash);
            }
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root; of an empty tree, the hash of nothing.
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        match peaks.next() {
            None => hash(&[]),
            Some(last) => peaks.fold(*last, |right, left| node_hash(left, &right)),
        }
    }
}

/// The root over some leaves.
pub fn root_of(leaves: impl IntoIterator<Item = Hash>) -> Hash {
    let mut frontier = Frontier::default();
    leaves.into_iter().for_each(|leaf| frontier.push(leaf));
    frontier.root()
}

/// Where the hashes of complete subtrees come from.
pub trait Nodes {
    /// What is told where a hash can't be had.
    type Error;

    /// The root of the complete subtree of `2^height` leaves that begins at leaf `index << height`.
    ///
    /// # Errors
    /// Where the hash can't be had.
    fn node(&self, height: u32, index: u64) -> Result<Hash, Self::Error>;
}

/// The hashes that lead from a leaf to the root of a tree of `size` leaves.
///
/// # Errors
/// Where a hash can't be had.
pub fn inclusion<N: Nodes>(nodes: &N, index: u64, size: u64) -> Result<Vec<Hash>, N::Error> {
    let (mut low, mut high, mut path) = (0, size, Vec::new());
    while high - low > 1 {
        let middle = low + split(high - low);
        if index < middle {
            path.push(range(nodes, middle, high)?);
            high = middle;
        } else {
            path.push(range(nodes, low, middle)?);
            low = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The hashes that show a tree of `size` leaves to begin with the first `old` of them, `0 < old <= size`.
///
/// # Errors
/// Where a hash can't be had.
pub fn consistency<N: Nodes>(nodes: &N, old: u64, size: u64) -> Result<Vec<Hash>, N::Error> {
    let (mut low, mut high, mut path) = (0, size, Vec::new());
    while old < high {
        let middle = low + split(high - low);
        if old <= middle {
            path.push(range(nodes, middle, high)?);
            high = middle;
        } else {
            path.push(range(nodes, low, middle)?);
            low = middle;
        }
    }
    if low > 0 {
        path.push(range(nodes, low, high)?);
    }
    path.reverse();
    Ok(path)
}

/// The largest power of two below a number of leaves, two or more.
fn split(leaves: u64) -> u64 {
    1 << (63 - (leaves - 1).leading_zeros())
}

/// The root over leaves `low..high`, where `low` is a place at which the tree splits.
fn range<N: Nodes>(nodes: &N, low: u64, high: u64) -> Result<Hash, N::Error> {
    let (mut at, mut peaks) = (low, Vec::new());
    while at < high {
        let height = 63 - (high - at).leading_zeros();
        peaks.push(nodes.node(height, at >> height)?);
        at += 1 << height;
    }
    Ok(Frontier::new(high - low, peaks).root())
}

/// Whether a path leads from a leaf to a root.
pub fn proves_inclusion(path: &[Hash], leaf: Hash, index: u64, size: u64, root: &Hash) -> bool {
    index < size && climb(path, leaf, index, size - 1) == Some(*root)
}

/// RFC 9162, 2.1.3.2.
fn climb(path: &[Hash], leaf: Hash, mut at: u64, mut last: u64) -> Option<Hash> {
    let mut hash = leaf;
    for other in path {
        if last == 0 {
            return None;
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(other, &hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, other);
        }
        at >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(hash)
}

#[cfg(test)]
mod tests {
    use tlog_tiles::tlog;

    use super::*;

    /// All leaves in memory.
    struct Leaves(Vec<Hash>);

    impl Nodes for Leaves {
        type Error = ();

        fn node(&self, height: u32, index: u64) -> Result<Hash, ()> {
            let low = (index << height) as usize;
            Ok(root_of(self.0[low..low + (1 << height)].iter().copied()))
        }
    }

    fn leaves(count: u64) -> Leaves {
        Leaves((0..count).map(|at| leaf_hash(at.to_string().as_bytes())).collect())
    }

    #[test]
    fn proofs_of_every_small_tree_satisfy_another_library() {
        for size in 1..70u64 {
            let tree = leaves(size);
            let root = root_of(tree.0.iter().copied());
            for at in 0..size {
                let path = inclusion(&tree, at, size).unwrap();
                assert!(proves_inclusion(&path, tree.0[at as usize], at, size, &root));
                assert!(!proves_inclusion(&path, leaf_hash(b"other"), at, size, &root));
                let theirs = path.iter().map(|hash| tlog::Hash(*hash)).collect();
                let leaf = tlog::Hash(tree.0[at as usize]);
                tlog::check_record(&theirs, size, tlog::Hash(root), at, leaf).unwrap();
                let old = at + 1;
                let before = tlog::Hash(root_of(tree.0[..old as usize].iter().copied()));
                let path = consistency(&tree, old, size).unwrap();
                let theirs = path.iter().map(|hash| tlog::Hash(*hash)).collect();
                tlog::check_tree(&theirs, size, tlog::Hash(root), old, before).unwrap();
            }
        }
    }

    #[test]
    fn a_path_of_the_wrong_length_proves_nothing() {
        let tree = leaves(7);
        let root = root_of(tree.0.iter().copied());
        let path = inclusion(&tree, 3, 7).unwrap();
        assert!(!proves_inclusion(&path[1..], tree.0[3], 3, 7, &root));
        assert!(!proves_inclusion(&[path.clone(), vec![root]].concat(), tree.0[3], 3, 7, &root));
        assert!(!proves_inclusion(&path, tree.0[3], 3, 4, &root));
        assert!(!proves_inclusion(&path, tree.0[3], 7, 7, &root));
    }
}
