//! Signed notes and checkpoints, as C2SP signed-note, tlog-checkpoint and tlog-cosignature have them.
//!
//! The first byte of a key names its algorithm, so that another suite can stand beside this one: a
//! verifier that doesn't know an algorithm says so instead of taking it for a wrong signature.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::evidence::merkle::{Hash, hash};

/// What a key signs by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    /// A log's own signature: Ed25519 over the text of the note.
    Ed25519,
    /// A witness's: Ed25519 over a time and the text of the note.
    Cosignature,
}

impl Suite {
    fn byte(self) -> u8 {
        match self {
            Suite::Ed25519 => 0x01,
            Suite::Cosignature => 0x04,
        }
    }

    fn of(byte: u8) -> Result<Suite, Malformed> {
        match byte {
            0x01 => Ok(Suite::Ed25519),
            0x04 => Ok(Suite::Cosignature),
            other => Err(Malformed(format!("the key's algorithm {other:#04x} isn't known here"))),
        }
    }
}

/// The line of a checkpoint that names hash and signature.
const SUITE_LINE: &str = "suite SHA-256 Ed25519";

/// A text that isn't what it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub String);

fn malformed(what: &str) -> Malformed {
    Malformed(what.to_owned())
}

/// The key that a log signs with.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    public: VerifyingKey,
    secret: String,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.public.name)
    }
}

impl SigningKey {
    /// A new key for a log of this name.
    ///
    /// # Errors
    /// A name with spaces or `+`.
    pub fn generate(name: &str) -> Result<Self, Malformed> {
        Self::from_seed(name, &crate::clock::random::<32>())
    }

    fn from_seed(name: &str, seed: &[u8]) -> Result<Self, Malformed> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| malformed("no Ed25519 seed"))?;
        let public = VerifyingKey::new(name, Suite::Ed25519, pair.public_key().as_ref())?;
        let key = STANDARD.encode([&[Suite::Ed25519.byte()], seed].concat());
        let secret = format!("PRIVATE+KEY+{name}+{}+{key}", crate::clock::hex(&public.id));
        Ok(SigningKey { pair, public, secret })
    }

    /// Reads `PRIVATE+KEY+name+id+key`.
    ///
    /// # Errors
    /// What is wrong with the text, never the text.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let rest = text.trim().strip_prefix("PRIVATE+KEY+").ok_or_else(|| malformed("no private key"))?;
        let mut parts = rest.splitn(3, '+');
        let (Some(name), Some(_), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(malformed("a private key has a name, an id and a key"));
        };
        let bytes = STANDARD.decode(key).map_err(|_| malformed("the private key isn't base64"))?;
        match bytes.split_first() {
            Some((0x01, seed)) => Self::from_seed(name, seed),
            Some((other, _)) => Err(Suite::of(*other).err().unwrap_or_else(|| malformed("no log's key"))),
            None => Err(malformed("the private key is empty")),
        }
    }

    /// The text that [`SigningKey::parse`] reads.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// The key that others verify with.
    pub fn public(&self) -> &VerifyingKey {
        &self.public
    }

    /// A checkpoint of this log, signed.
    pub fn checkpoint(&self, size: u64, root: &Hash) -> String {
        let text = format!("{}\n{size}\n{}\n{SUITE_LINE}\n", self.public.name, STANDARD.encode(root));
        let signature = self.pair.sign(text.as_bytes());
        let line = signature_line(&self.public.name, &[&self.public.id[..], signature.as_ref()].concat());
        format!("{text}\n{line}")
    }

    /// A witness's line for a note, in tests and for whoever witnesses another log with this key.
    pub fn cosign(&self, text: &str, at: u64) -> String {
        let key = self.public.of(Suite::Cosignature);
        let signature = self.pair.sign(cosigned(text, at).as_bytes());
        signature_line(&key.name, &[&key.id[..], &at.to_be_bytes(), signature.as_ref()].concat())
    }
}

/// A line of a note, from a key's name and its id with the signature.
pub(crate) fn signature_line(name: &str, bytes: &[u8]) -> String {
    format!("\u{2014} {name} {}\n", STANDARD.encode(bytes))
}

fn cosigned(text: &str, at: u64) -> String {
    format!("cosignature/v1\ntime {at}\n{text}")
}

/// The key that a log or a witness is known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyingKey {
    /// The name of the log or witness.
    pub name: String,
    suite: Suite,
    id: [u8; 4],
    key: Vec<u8>,
}

impl VerifyingKey {
    fn new(name: &str, suite: Suite, key: &[u8]) -> Result<Self, Malformed> {
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c == '+') {
            return Err(malformed("a key's name has no spaces and no `+`"));
        }
        let unnamed = VerifyingKey { name: name.to_owned(), suite, id: [0; 4], key: key.to_vec() };
        Ok(unnamed.of(suite))
    }

    /// The same key for signing in another way, under another id.
    pub fn of(&self, suite: Suite) -> Self {
        let digest = hash(&[self.name.as_bytes(), b"\n", &[suite.byte()], &self.key]);
        let id = [digest[0], digest[1], digest[2], digest[3]];
        VerifyingKey { name: self.name.clone(), suite, id, key: self.key.clone() }
    }

    /// Reads `name+id+key`.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(malformed("a key has a name, an id and a key, with `+` between them"));
        };
        let bytes = STANDARD.decode(key).map_err(|_| malformed("the key isn't base64"))?;
        let (suite, key) = bytes.split_first().ok_or_else(|| malformed("the key is empty"))?;
        if key.len() != 32 {
            return Err(malformed("an Ed25519 key has 32 bytes"));
        }
        let parsed = VerifyingKey::new(name, Suite::of(*suite)?, key)?;
        if crate::clock::hex(&parsed.id) != id {
            return Err(malformed("the key's id isn't the key's"));
        }
        Ok(parsed)
    }

    /// When this key signed a note, in seconds since 1970 for a witness and zero for a log; `None`
    /// where it didn't.
    pub fn signed(&self, note: &Note<'_>) -> Option<u64> {
        note.signatures.iter().find_map(|(name, bytes)| self.signed_by_line(note.text, name, bytes))
    }

    /// Whether a line claims to be this key's.
    pub(crate) fn is_by(&self, name: &str, bytes: &[u8]) -> bool {
        name == self.name && bytes.starts_with(&self.id)
    }

    /// How every line of this key begins: its name, and in base64 what of its id fills whole characters.
    pub(crate) fn line_begin(&self) -> String {
        // Three bytes are four characters; the fourth byte shares its characters with the signature.
        format!("\u{2014} {} {}", self.name, STANDARD.encode(&self.id[..3]))
    }

    /// Whether this key signs as witnesses do.
    pub fn is_witness(&self) -> bool {
        self.suite == Suite::Cosignature
    }

    /// As [`VerifyingKey::signed`], of one line.
    pub(crate) fn signed_by_line(&self, text: &str, name: &str, bytes: &[u8]) -> Option<u64> {
        let signature = bytes.strip_prefix(&self.id).filter(|_| self.is_by(name, bytes))?;
        let key = UnparsedPublicKey::new(&ED25519, &self.key);
        match self.suite {
            Suite::Ed25519 => key.verify(text.as_bytes(), signature).ok().map(|()| 0),
            Suite::Cosignature => {
                let (at, signature) = signature.split_first_chunk::<8>()?;
                let at = u64::from_be_bytes(*at);
                key.verify(cosigned(text, at).as_bytes(), signature).ok().map(|()| at)
            }
        }
    }
}

impl std::fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let key = STANDARD.encode([&[self.suite.byte()], &self.key[..]].concat());
        write!(f, "{}+{}+{key}", self.name, crate::clock::hex(&self.id))
    }
}

/// A note, split into its text and its signatures.
#[derive(Debug)]
pub struct Note<'a> {
    /// What is signed, with its last line's end.
    pub text: &'a str,
    /// Names, and ids with signatures.
    pub signatures: Vec<(&'a str, Vec<u8>)>,
}

/// The most signatures of a note that are looked at.
pub const MAX_SIGNATURES: usize = 64;

impl<'a> Note<'a> {
    /// Splits a note.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(note: &'a str) -> Result<Self, Malformed> {
        let end =
            note.rfind("\n\n").ok_or_else(|| malformed("a note has an empty line before its signatures"))?;
        let (text, lines) = (&note[..=end], &note[end + 2..]);
        let signatures: Option<Vec<_>> = lines.lines().take(MAX_SIGNATURES).map(signature).collect();
        match signatures {
            Some(signatures) if !signatures.is_empty() => Ok(Note { text, signatures }),
            _ => Err(malformed("a line of a note is no signature")),
        }
    }
}

/// Reads one line of signatures.
pub(crate) fn signature(line: &str) -> Option<(&str, Vec<u8>)> {
    let (name, signature) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
    Some((name, STANDARD.decode(signature).ok().filter(|bytes| bytes.len() > 4)?))
}

/// What a checkpoint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name.
    pub origin: String,
    /// How many records there are.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

impl Checkpoint {
    /// Reads the text of a note.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let mut lines = text.lines();
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(malformed("a checkpoint has at least three lines"));
        };
        let parsed: u64 = size.parse().map_err(|_| malformed("the checkpoint's size is no number"))?;
        let root = STANDARD.decode(root).ok().and_then(|root| Hash::try_from(root).ok());
        match root {
            Some(root) if parsed.to_string() == size => {
                Ok(Checkpoint { origin: origin.to_owned(), size: parsed, root })
            }
            _ => Err(malformed("the checkpoint's size or root can't be read")),
        }
    }

    /// Reads a checkpoint that a key has signed.
    ///
    /// # Errors
    /// What is wrong with it, the signature included.
    pub fn verified(note: &str, key: &VerifyingKey) -> Result<Self, Malformed> {
        let note = Note::parse(note)?;
        if key.signed(&note).is_none() {
            return Err(Malformed(format!("the checkpoint has no valid signature of `{}`", key.name)));
        }
        let checkpoint = Checkpoint::parse(note.text)?;
        if checkpoint.origin != key.name {
            return Err(malformed("the checkpoint is another log's"));
        }
        Ok(checkpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_read_with_its_key_and_with_no_other() {
        let key = SigningKey::generate("county.example/evidence").unwrap();
        let note = key.checkpoint(7, &[3; 32]);
        let public = VerifyingKey::parse(&key.public().to_string()).unwrap();
        let read = Checkpoint::verified(&note, &public).unwrap();
        assert_eq!((read.size, read.root), (7, [3; 32]));
        let other = SigningKey::generate("county.example/evidence").unwrap();
        assert!(Checkpoint::verified(&note, other.public()).is_err());
        assert!(Checkpoint::verified(&note.replace("\n7\n", "\n8\n"), &public).is_err());
        let same = SigningKey::parse(key.secret()).unwrap();
        assert_eq!(same.public(), key.public());
    }

    #[test]
    fn a_checkpoint_is_one_for_another_library_too() {
        let key = SigningKey::generate("county.example/evidence").unwrap();
        let text = key.checkpoint(7, &[3; 32]);
        let text = Note::parse(&text).unwrap().text;
        let theirs = tlog_tiles::Checkpoint::from_bytes(text.as_bytes()).unwrap();
        assert_eq!((theirs.origin(), theirs.size()), ("county.example/evidence", 7));
    }

    #[test]
    fn an_algorithm_that_isnt_known_is_named() {
        let key = SigningKey::generate("a").unwrap().public().to_string();
        // The key in base64 may hold the separator too.
        let [name, id, body] = key.splitn(3, '+').collect::<Vec<_>>()[..] else { panic!("{key}") };
        let mut bytes = STANDARD.decode(body).unwrap();
        bytes[0] = 0x7f;
        let error = VerifyingKey::parse(&format!("{name}+{id}+{}", STANDARD.encode(bytes))).unwrap_err();
        assert!(error.0.contains("0x7f"), "{error}");
    }

    #[test]
    fn a_witness_signs_text_and_time() {
        let (log, witness) = (SigningKey::generate("log").unwrap(), SigningKey::generate("witness").unwrap());
        let note = log.checkpoint(1, &[1; 32]);
        let text = Note::parse(&note).unwrap().text.to_owned();
        let line = witness.cosign(&text, 1_700_000_000);
        let key = VerifyingKey::parse(&witness.public().of(Suite::Cosignature).to_string()).unwrap();
        let both = format!("{note}{line}");
        assert_eq!(key.signed(&Note::parse(&both).unwrap()), Some(1_700_000_000));
        assert_eq!(key.signed(&Note::parse(&note).unwrap()), None);
        let later = line.replace("witness", "other");
        assert_eq!(key.signed(&Note::parse(&format!("{note}{later}")).unwrap()), None);
    }
}
