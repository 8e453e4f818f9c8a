//! The folder of a fake vendor's library: its file, the documents that lie on its reader,
//! and what its functions do wrong.
//!
//! The library itself is the example `fake_sdtapi` of `vendor`, whose table says what each
//! file means; it is loaded by the same child process as a true one.

use card::TEXT_BYTES;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The port that opens, as USB readers have it.
const PORT: u16 = 1001;

/// A folder with the library in it.
pub struct Library {
    folder: PathBuf,
    laid_down: u64,
}

impl Library {
    /// A folder without the library, and with nothing on the reader. `documents` are those
    /// that can be laid down, by their place in this list.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn prepare(folder: &Path, documents: &[[u8; TEXT_BYTES]]) -> io::Result<Self> {
        let library = Self {
            folder: folder.to_owned(),
            laid_down: 0,
        };
        for (at, text) in documents.iter().enumerate() {
            library.put(&format!("document-{at}"), text)?;
        }
        library.set_port(PORT)?;
        Ok(library)
    }

    /// What it is loaded by.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.join("libsdtapi.so")
    }

    /// Puts this library there.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn install(&self, code: &[u8]) -> io::Result<()> {
        self.put("libsdtapi.so", code)
    }

    /// Lays a document down, in the place of what lies there.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn lay_down(&mut self, document: usize) -> io::Result<()> {
        self.laid_down += 1;
        self.put("card", format!("{document} {}", self.laid_down).as_bytes())
    }

    /// Takes away what lies there.
    pub fn lift(&self) {
        drop(fs::remove_file(self.folder.join("card")));
    }

    /// What goes wrong with a function: `once hang`, `always status 65`.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn spoil(&self, function: &str, what: &str) -> io::Result<()> {
        self.put(&format!("mishap-{function}"), what.as_bytes())
    }

    /// What a decoder makes of every portrait from now on: the portrait's first byte.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn set_portrait_kind(&self, kind: u8) -> io::Result<()> {
        self.put("portrait-kind", kind.to_string().as_bytes())
    }

    /// Nothing goes wrong any more.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn well_again(&self) -> io::Result<()> {
        for file in fs::read_dir(&self.folder)? {
            let file = file?;
            if file.file_name().to_string_lossy().starts_with("mishap-") {
                drop(fs::remove_file(file.path()));
            }
        }
        Ok(())
    }

    /// The only port that opens from now on.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn set_port(&self, port: u16) -> io::Result<()> {
        self.put("port", port.to_string().as_bytes())
    }

    /// How often a function was called.
    #[must_use]
    pub fn calls(&self, function: &str) -> usize {
        let calls = fs::read_to_string(self.folder.join("calls"));
        let calls = calls.unwrap_or_default();
        calls.lines().filter(|line| *line == function).count()
    }

    /// At once: nobody ever sees half of a file.
    fn put(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let new = self.folder.join(format!("new-{name}"));
        fs::write(&new, bytes)?;
        fs::rename(new, self.folder.join(name))
    }
}
