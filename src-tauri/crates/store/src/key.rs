//! The station's key: Ed25519, kept outside every job folder.
//!
//! Whoever can write a job folder could rewrite its whole chain of hashes. They
//! cannot sign it again without this key, and `verify` with a pinned public key
//! notices one that was signed by another.

use crate::error::StoreError;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use std::fmt;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

/// The station's private key. `Debug` prints the type's name.
#[derive(Clone)]
pub struct StationKey(SigningKey);

impl StationKey {
    /// Reads `station.key` from `dir`, or draws a new key and writes it there
    /// (mode 0600, 64 hexadecimal digits) with `station.pub` beside it.
    ///
    /// # Errors
    /// [`StoreError::Key`] when the file is no key or others may read it,
    /// [`StoreError::File`] when it cannot be read or written.
    pub fn load_or_create(dir: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(dir).map_err(StoreError::file(dir))?;
        let path = dir.join("station.key");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let mut seed = [0u8; 32];
                getrandom::fill(&mut seed).map_err(StoreError::Random)?;
                write_new(dir, &path, &hex::encode(seed))?;
                // Another process may have been first; its key is the station's then.
                fs::read_to_string(&path).map_err(StoreError::file(&path))?
            }
            Err(source) => return Err(StoreError::File { path, source }),
        };
        refuse_exposed(&path)?;
        let seed = parse_hex(&text).ok_or_else(|| StoreError::Key {
            path: path.clone(),
            why: "it is not 64 hexadecimal digits",
        })?;
        let key = Self(SigningKey::from_bytes(&seed));
        let public = dir.join("station.pub");
        if !public.exists() {
            write_new(dir, &public, &format!("{}\n", key.public()))?;
        }
        Ok(key)
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> StationPublicKey {
        StationPublicKey(self.0.verifying_key())
    }

    /// Signs a message. It must begin with a tag of its purpose, as the store's own
    /// do (`likeness-journal-v1`), so that no signature serves two purposes.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl fmt::Debug for StationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StationKey")
    }
}

/// The station's public key; prints as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct StationPublicKey(VerifyingKey);

impl StationPublicKey {
    /// Reads a `station.pub`.
    ///
    /// # Errors
    /// [`StoreError::File`] when it cannot be read, [`StoreError::Key`] when it
    /// holds no Ed25519 public key.
    pub fn read(path: &Path) -> Result<Self, StoreError> {
        let text = fs::read_to_string(path).map_err(StoreError::file(path))?;
        let bytes = parse_hex(&text);
        bytes
            .and_then(|bytes| Self::from_bytes(&bytes))
            .ok_or_else(|| StoreError::Key {
                path: path.to_owned(),
                why: "it is not a public key in 64 hexadecimal digits",
            })
    }

    /// The key with these 32 bytes, where they are a point of the curve.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        VerifyingKey::from_bytes(bytes).ok().map(Self)
    }

    /// The 32 bytes.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// Whether this key's station signed the message.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.0.verify_strict(message, &signature).is_ok())
    }
}

impl fmt::Display for StationPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0.to_bytes()))
    }
}

impl fmt::Debug for StationPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StationPublicKey({self})")
    }
}

fn parse_hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0u8; 32];
    hex::decode_to_slice(text.trim(), &mut bytes).ok()?;
    Some(bytes)
}

/// Writes a file that is either complete or not there, and never replaces one.
fn write_new(dir: &Path, path: &Path, text: &str) -> Result<(), StoreError> {
    let temporary = dir.join(format!(".station-{}", hex::encode(random::<8>()?)));
    let written = create_private(&temporary)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| match fs::hard_link(&temporary, path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            other => other,
        });
    let removed = fs::remove_file(&temporary);
    written.and(removed).map_err(StoreError::file(path))
}

/// Random bytes of the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0u8; N];
    getrandom::fill(&mut bytes).map_err(StoreError::Random)?;
    Ok(bytes)
}

#[cfg(unix)]
fn create_private(path: &Path) -> std::io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

#[cfg(not(unix))]
fn create_private(path: &Path) -> std::io::Result<fs::File> {
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
}

#[cfg(unix)]
fn refuse_exposed(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path)
        .map_err(StoreError::file(path))?
        .permissions()
        .mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(StoreError::Key {
        path: path.to_owned(),
        why: "others may read it; set its mode to 0600",
    })
}

#[cfg(not(unix))]
fn refuse_exposed(_path: &Path) -> Result<(), StoreError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_drawn_once_and_stays() {
        let dir = tempfile::tempdir().unwrap();
        let first = StationKey::load_or_create(dir.path()).unwrap();
        let again = StationKey::load_or_create(dir.path()).unwrap();
        assert_eq!(first.public(), again.public());
        let public = StationPublicKey::read(&dir.path().join("station.pub")).unwrap();
        let signature = again.sign(b"tag message");
        assert!(public.verifies(b"tag message", &signature));
        assert!(!public.verifies(b"tag massage", &signature));
        assert_eq!(
            fs::read_dir(dir.path()).unwrap().count(),
            2,
            "nothing is left behind"
        );
        assert_eq!(format!("{first:?}"), "StationKey");
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        StationKey::load_or_create(dir.path()).unwrap();
        let path = dir.path().join("station.key");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let error = StationKey::load_or_create(dir.path()).unwrap_err();
        assert_eq!(error.code(), "station-key-unusable");
    }

    #[test]
    fn garbage_is_no_key() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("station.key");
        create_private(&path)
            .unwrap()
            .write_all(b"not a key")
            .unwrap();
        let error = StationKey::load_or_create(dir.path()).unwrap_err();
        assert_eq!(error.code(), "station-key-unusable");
    }
}
