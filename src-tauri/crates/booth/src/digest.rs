//! Digests: what may leave the station in place of a name, a number or a face.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// A SHA-256 or HMAC-SHA-256 value, 32 bytes.
///
/// A digest names something without telling it, so it may be printed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Wraps 32 bytes that were computed elsewhere, e.g. read back from the store.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({:02x}{:02x}..)", self.0[0], self.0[1])
    }
}

/// SHA-256 of some bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Digest {
    Digest(Sha256::digest(bytes).into())
}

/// The job's own key for digests of numbers and names.
///
/// Identity numbers come from an 18-digit space that can be enumerated, so a
/// plain hash of one is the number. HMAC-SHA-256 with a key that stays in the
/// job folder is not (`facts/storage-and-hub.md` on keys).
pub struct DigestKey([u8; 32]);

impl DigestKey {
    /// A key from 32 random bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// HMAC-SHA-256 over the parts, each preceded by its length so that no two
    /// lists of parts give the same message.
    #[must_use]
    pub fn digest(&self, parts: &[&[u8]]) -> Digest {
        let mut message = Vec::new();
        for part in parts {
            message.extend_from_slice(&(part.len() as u64).to_be_bytes());
            message.extend_from_slice(part);
        }
        // A 32-byte key is within every limit of HMAC; the block is 64 bytes.
        let mut block = [0u8; 64];
        block[..32].copy_from_slice(&self.0);
        let mut mac = Hmac::<Sha256>::new(&block.into());
        mac.update(&message);
        Digest(mac.finalize().into_bytes().into())
    }
}

impl fmt::Debug for DigestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DigestKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hmac_matches_rfc_4231_construction() {
        // Computed with Python: hmac.new(bytes(32), (1).to_bytes(8,'big')+b'a', 'sha256')
        let digest = DigestKey::from_bytes([0; 32]).digest(&[b"a"]);
        assert_eq!(
            digest.to_string(),
            "df763263167c619bd7cdaebfcc476f1c83e99f3982c5c214c7fa677feda60292"
        );
    }

    #[test]
    fn parts_are_not_run_together() {
        let key = DigestKey::from_bytes([7; 32]);
        assert_ne!(key.digest(&[b"ab", b"c"]), key.digest(&[b"a", b"bc"]));
    }

    #[test]
    fn sha256_of_nothing() {
        assert!(sha256(b"").to_string().starts_with("e3b0c44298fc1c14"));
    }
}
