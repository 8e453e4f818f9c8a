//! A folder with the fake library and the documents that lie on its reader.

use booth::{Date, DocumentFields, DocumentKind, PersonName, Sex, Validity, sha256};
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
    let (nation, number) = match kind {
        DocumentKind::ResidentCard if person == 4 => ("01", "110105188001070044"),
        DocumentKind::ResidentCard => ("01", "110105188001070018"),
        DocumentKind::HmtPermit => ("", "810000188001070012"),
        DocumentKind::ForeignerCard2017 => ("XXA", "XXA110080010701"),
        DocumentKind::ForeignerCard2023 => ("XXA", "911999188001070012"),
    };
    let name = format!("试验{}", ["甲", "乙", "丙", "丁", "戊"][person]);
    let latin = PersonName::parse(&format!("EXAMPLE, {person}")).unwrap();
    let fields = DocumentFields {
        name: PersonName::parse(&name).unwrap(),
        latin_name: (nation == "XXA").then_some(latin),
        sex: Sex::Female,
        nation: nation.into(),
        birth: Date::new(1880, 1, 7).unwrap(),
        address: String::new(),
        number: number.into(),
        travel_permit: None,
        issuer: String::new(),
        valid_from: Date::new(2020, 1, 1).unwrap(),
        valid_to: Validity::Until(Date::new(2040, 1, 1).unwrap()),
    };
    card::layout::encode(kind, &fields).unwrap()
}

/// Whose document these bytes are; nobody's when anything in them is another's.
pub(crate) fn owner(raw: booth::Digest) -> Option<usize> {
    (0..PEOPLE).find(|person| raw == sha256(&text_of(*person)))
}

pub(crate) struct Bench {
    folder: TempDir,
    laid_down: u64,
}

impl Bench {
    /// A library whose reader is on port 1001, empty.
    pub(crate) fn new() -> Self {
        let bench = Self::without_a_library();
        bench.install();
        bench
    }

    pub(crate) fn without_a_library() -> Self {
        let bench = Self {
            folder: tempfile::tempdir().unwrap(),
            laid_down: 0,
        };
        for person in 0..PEOPLE {
            bench.put(&format!("document-{person}"), &text_of(person));
        }
        bench.put("port", b"1001");
        bench
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
        let name = format!("{DLL_PREFIX}fake_sdtapi{DLL_SUFFIX}");
        let built = Path::new(PROGRAM).with_file_name("examples").join(name);
        let code = std::fs::read(&built);
        let code = code.expect("the fake library is not built: cargo build -p vendor --examples");
        self.put_library(&code);
    }

    pub(crate) fn put_library(&self, code: &[u8]) {
        self.put("libsdtapi.so", code);
    }

    pub(crate) fn library(&self) -> PathBuf {
        self.folder.path().join("libsdtapi.so")
    }

    pub(crate) fn lay_down(&mut self, person: usize) {
        self.laid_down += 1;
        self.put("card", format!("{person} {}", self.laid_down).as_bytes());
    }

    pub(crate) fn lift(&self) {
        drop(std::fs::remove_file(self.folder.path().join("card")));
    }

    pub(crate) fn once(&self, function: &str, what: &str) {
        self.put(
            &format!("mishap-{function}"),
            format!("once {what}").as_bytes(),
        );
    }

    pub(crate) fn always(&self, function: &str, what: &str) {
        self.put(
            &format!("mishap-{function}"),
            format!("always {what}").as_bytes(),
        );
    }

    pub(crate) fn well_again(&self) {
        for file in std::fs::read_dir(self.folder.path()).unwrap() {
            let file = file.unwrap();
            if file.file_name().to_string_lossy().starts_with("mishap-") {
                drop(std::fs::remove_file(file.path()));
            }
        }
    }

    pub(crate) fn set_port(&self, port: u16) {
        self.put("port", port.to_string().as_bytes());
    }

    pub(crate) fn calls(&self, function: &str) -> usize {
        let calls = std::fs::read_to_string(self.folder.path().join("calls"));
        let calls = calls.unwrap_or_default();
        calls.lines().filter(|line| *line == function).count()
    }

    /// A program that plays the child: a shell script.
    pub(crate) fn script(&self, text: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let script = self.folder.path().join("script.sh");
        std::fs::write(&script, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).unwrap();
        script
    }

    /// At once: nobody ever sees half of a file.
    fn put(&self, name: &str, bytes: &[u8]) {
        let new = self.folder.path().join(format!("new-{name}"));
        std::fs::write(&new, bytes).unwrap();
        std::fs::rename(new, self.folder.path().join(name)).unwrap();
    }
}
