//! A folder with the fake library and the documents that lie on its reader.

use booth::{DocumentFields, DocumentKind, PersonName, sha256};
use simulator::library::Library;
use simulator::papers;
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Invented people: one with a document of each kind, and one more of the first kind.
pub(crate) const PEOPLE: usize = 5;
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_likeness-vendor");

pub(crate) fn kind_of(person: usize) -> DocumentKind {
    DocumentKind::ALL[person % DocumentKind::ALL.len()]
}

pub(crate) fn text_of(person: usize) -> [u8; 256] {
    let kind = kind_of(person);
    if person < DocumentKind::ALL.len() {
        return papers::text(kind);
    }
    let fields = DocumentFields {
        name: PersonName::parse("试验戊").unwrap(),
        number: "110105188001070044".to_owned(),
        ..papers::fields(kind)
    };
    card::layout::encode(kind, &fields).unwrap()
}

/// Whose document these bytes are; nobody's when anything in them is another's.
pub(crate) fn owner(raw: booth::Digest) -> Option<usize> {
    (0..PEOPLE).find(|person| raw == sha256(&text_of(*person)))
}

/// A library of the examples.
pub(crate) fn example(name: &str) -> PathBuf {
    let name = format!("{DLL_PREFIX}{name}{DLL_SUFFIX}");
    Path::new(PROGRAM).with_file_name("examples").join(name)
}

pub(crate) struct Bench {
    folder: TempDir,
    library: Library,
}

impl Bench {
    /// A library whose reader is on port 1001, empty.
    pub(crate) fn new() -> Self {
        let bench = Self::without_a_library();
        bench.install();
        bench
    }

    pub(crate) fn without_a_library() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let documents: Vec<_> = (0..PEOPLE).map(text_of).collect();
        let library = Library::prepare(folder.path(), &documents).unwrap();
        Self { folder, library }
    }

    /// A library that has all functions but this one.
    pub(crate) fn without(function: &str) -> Self {
        let bench = Self::new();
        let mut code = std::fs::read(bench.library()).unwrap();
        let name = format!("{function}\0");
        let wanted = name.as_bytes();
        let places: Vec<usize> = (0..code.len() - wanted.len())
            .filter(|at| code[*at..].starts_with(wanted))
            .collect();
        assert!(!places.is_empty(), "{function} is not in the library");
        for at in places {
            code[at] = b'X';
        }
        bench.put_library(&code);
        bench
    }

    pub(crate) fn install(&self) {
        let code = std::fs::read(example("fake_sdtapi"));
        let code = code.expect("the fake library is not built: cargo build --workspace --examples");
        self.put_library(&code);
    }

    pub(crate) fn put_library(&self, code: &[u8]) {
        self.library.install(code).unwrap();
    }

    pub(crate) fn library(&self) -> PathBuf {
        self.library.path()
    }

    pub(crate) fn lay_down(&mut self, person: usize) {
        self.library.lay_down(person).unwrap();
    }

    pub(crate) fn lift(&self) {
        self.library.lift();
    }

    pub(crate) fn once(&self, function: &str, what: &str) {
        self.library
            .spoil(function, &format!("once {what}"))
            .unwrap();
    }

    pub(crate) fn always(&self, function: &str, what: &str) {
        self.library
            .spoil(function, &format!("always {what}"))
            .unwrap();
    }

    pub(crate) fn well_again(&self) {
        self.library.well_again().unwrap();
    }

    pub(crate) fn set_port(&self, port: u16) {
        self.library.set_port(port).unwrap();
    }

    pub(crate) fn calls(&self, function: &str) -> usize {
        self.library.calls(function)
    }

    /// A program that plays the child: a shell script.
    pub(crate) fn script(&self, text: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let script = self.folder.path().join("script.sh");
        std::fs::write(&script, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).unwrap();
        script
    }
}
