//! Invented people, and the files they come in.

use booth::{
    DocumentNumber, FlagReason, Generation, JobKind, PersonName, Sex, StudentNumber, sha256,
};
use ed25519_dalek::{Signer, SigningKey};
use exchange::{
    Column, DeliveredCopy, RosterError, RosterFile, RowFaultKind, RowNoteKind, read_roster,
};
use exchange::{
    DeliveredRecord, JournalHead, MissingEntry, MissingReason, PackageError, PackageReport,
    PackageSpec, Progress, write_package,
};
use rust_xlsxwriter::{Workbook, Worksheet};
use std::io::{Cursor, Read, Write};
use std::ops::ControlFlow;
use std::path::Path;
use zip::write::SimpleFileOptions;

/// The columns that our own files have, in their order.
pub(crate) const HEADER: [&str; 8] = [
    "学号",
    "姓名",
    "性别",
    "身份证号",
    "学院",
    "专业",
    "班级",
    "图像采集码",
];

/// What these are.
pub(crate) const COLUMNS: [Column; 8] = [
    Column::StudentNumber,
    Column::Name,
    Column::Sex,
    Column::Number,
    Column::College,
    Column::Major,
    Column::Class,
    Column::CollectionCode,
];

/// An identity number of nobody: born in 1900, with its right check digit. Odd
/// serials are men.
pub(crate) fn number(serial: u32) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let (day, month) = (serial / 1000 % 28 + 1, serial / 28_000 % 12 + 1);
    let body = format!("1101051900{month:02}{day:02}{:03}", serial % 1000);
    let digits = body.chars().map(|digit| digit.to_digit(10).unwrap());
    let sum: u32 = digits
        .zip(WEIGHTS)
        .map(|(digit, weight)| digit * weight)
        .sum();
    let check = "10X98765432".chars().nth((sum % 11) as usize).unwrap();
    format!("{body}{check}")
}

/// The first serial number from `from` on whose identity number fits.
pub(crate) fn number_where(from: u32, fits: impl Fn(&str) -> bool) -> String {
    (from..).map(number).find(|number| fits(number)).unwrap()
}

/// One row under [`HEADER`].
pub(crate) fn person(serial: u32) -> Vec<String> {
    let sex = if serial % 2 == 1 { "男" } else { "女" };
    [
        &format!("2022{serial:04}"),
        &format!("样本{}", char::from_u32(0x4E00 + serial).unwrap()),
        sex,
        &number(serial),
        "样本学院",
        "样本专业",
        &format!("220{}", serial % 3),
        &format!("code-{serial}"),
    ]
    .map(str::to_owned)
    .to_vec()
}

/// A header and people, as rows of text.
pub(crate) fn table(people: impl IntoIterator<Item = u32>) -> Vec<Vec<String>> {
    let header = HEADER.map(str::to_owned).to_vec();
    std::iter::once(header)
        .chain(people.into_iter().map(person))
        .collect()
}

/// Rows as delimited text without quotation marks.
pub(crate) fn joined(rows: &[Vec<String>], delimiter: &str) -> String {
    rows.iter()
        .map(|row| row.join(delimiter) + "\r\n")
        .collect()
}

/// Three columns that suffice: the header, and what stands below.
pub(crate) fn short(rows: &[[&str; 3]]) -> String {
    let header = ["学号", "姓名", "身份证号"];
    std::iter::once(&header)
        .chain(rows)
        .map(|row| row.join(",") + "\n")
        .collect()
}

/// A workbook of one sheet.
pub(crate) fn xlsx(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(book.add_worksheet());
    book.save_to_buffer().unwrap()
}

/// A workbook of one sheet of text.
pub(crate) fn xlsx_of(rows: &[Vec<String>]) -> Vec<u8> {
    xlsx(|sheet| write_rows(sheet, 0, rows))
}

/// Writes rows of text from the given row on, nothing for empty cells.
pub(crate) fn write_rows(sheet: &mut Worksheet, from: u32, rows: &[Vec<String>]) {
    for (line, row) in (from..).zip(rows) {
        for (column, cell) in (0u16..).zip(row) {
            if !cell.is_empty() {
                sheet.write_string(line, column, cell).unwrap();
            }
        }
    }
}

/// A workbook with some of its parts replaced, or added.
pub(crate) fn with_parts(bytes: &[u8], parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut from = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    for at in 0..from.len() {
        let mut part = from.by_index(at).unwrap();
        let name = part.name().unwrap().into_owned();
        if parts.iter().all(|(replaced, _)| *replaced != name) {
            let mut content = Vec::new();
            part.read_to_end(&mut content).unwrap();
            to.start_file(name, options).unwrap();
            to.write_all(&content).unwrap();
        }
    }
    for (name, content) in parts {
        to.start_file(*name, options).unwrap();
        to.write_all(content).unwrap();
    }
    to.finish().unwrap().into_inner()
}

/// Reads a file with this content. Its name says nothing about it.
#[expect(
    clippy::unwrap_in_result,
    reason = "the refusal is the result, a full disk is not"
)]
pub(crate) fn read(bytes: impl AsRef<[u8]>) -> Result<RosterFile, RosterError> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("名册.xls");
    std::fs::write(&path, bytes).unwrap();
    read_roster(&path)
}

/// Line, column and kind of each fault.
pub(crate) fn faults(file: &RosterFile) -> Vec<(u32, Option<Column>, RowFaultKind)> {
    let faults = file.faults.iter();
    faults
        .map(|fault| (fault.line, fault.column, fault.kind))
        .collect()
}

/// Line, column and kind of each note.
pub(crate) fn notes(file: &RosterFile) -> Vec<(u32, Column, RowNoteKind)> {
    let notes = file.notes.iter();
    notes
        .map(|note| (note.line, note.column, note.kind))
        .collect()
}

/// Student numbers of the good rows.
pub(crate) fn students(file: &RosterFile) -> Vec<&str> {
    let rows = file.rows.iter();
    rows.map(|row| row.student_number.as_str()).collect()
}

/// Names of the good rows.
pub(crate) fn names(file: &RosterFile) -> Vec<&str> {
    file.rows.iter().map(|row| row.name.as_str()).collect()
}

/// A picture of nobody, another one for each seed.
pub(crate) fn picture(seed: u32, format: image::ImageFormat) -> Vec<u8> {
    let picture = image::RgbImage::from_fn(48, 64, |x, y| {
        let shade = |a: u32| (seed.wrapping_mul(2_654_435_761).rotate_left(a) ^ (x * a + y)) as u8;
        image::Rgb([shade(3), shade(11), shade(23)])
    });
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// The station's key.
pub(crate) fn station() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

/// What is delivered of somebody.
pub(crate) fn record(serial: u32) -> DeliveredRecord {
    let portrait = picture(serial, image::ImageFormat::Jpeg);
    let [student, name, _, number, college, major, class, _] = person(serial).try_into().unwrap();
    DeliveredRecord {
        student_number: StudentNumber::parse(&student).unwrap(),
        name: PersonName::parse(&name).unwrap(),
        number: DocumentNumber::parse(&number).unwrap(),
        sex: [None, Some(Sex::Male), Some(Sex::Female)][serial as usize % 3],
        college,
        major,
        class,
        generation: Generation(serial % 4 + 1),
        sitting: format!("sitting-{serial}"),
        acceptance: vec![serial as u8; 64],
        portrait_sha256: sha256(&portrait),
        portrait,
        normalised: None,
    }
}

/// The same package with a copy with an even background beside the portraits of these people.
pub(crate) fn with_copies(mut spec: PackageSpec, of: &[u32]) -> PackageSpec {
    for serial in of {
        let portrait = record(*serial).portrait_sha256;
        let found = spec
            .records
            .iter_mut()
            .find(|record| record.portrait_sha256 == portrait);
        let jpeg = picture(1000 + serial, image::ImageFormat::Jpeg);
        found.unwrap().normalised = Some(DeliveredCopy {
            sha256: sha256(&jpeg),
            jpeg,
        });
    }
    spec
}

/// Somebody who is not delivered.
pub(crate) fn missing(serial: u32, reason: MissingReason) -> MissingEntry {
    let of = record(serial);
    MissingEntry {
        student_number: of.student_number,
        name: of.name,
        college: of.college,
        major: of.major,
        class: of.class,
        reason,
    }
}

/// A package of these people; 91 to 93 are missing, each for another reason.
pub(crate) fn spec(people: impl IntoIterator<Item = u32>) -> PackageSpec {
    PackageSpec {
        job: "01234567-89ab-4cde-8f01-23456789abcd".into(),
        kind: JobKind::Production,
        profile: "national".into(),
        created_ms: 1_700_000_000_000,
        records: people.into_iter().map(record).collect(),
        missing: vec![
            missing(91, MissingReason::NotShot),
            missing(92, MissingReason::Flagged(FlagReason::EyesClosed)),
            missing(93, MissingReason::Referred),
        ],
        journal: JournalHead {
            seq: 41,
            hash: sha256(b"journal"),
        },
        station_key: station().verifying_key().to_bytes(),
    }
}

/// Writes a package as the station does.
pub(crate) fn deliver(out: &Path, spec: &PackageSpec) -> Result<PackageReport, PackageError> {
    let sign = |bytes: &[u8]| station().sign(bytes).to_bytes();
    write_package(
        out,
        spec,
        sign,
        &mut |_: Progress| ControlFlow::Continue(()),
    )
}

/// Every cell of a workbook's first sheet, row by row.
pub(crate) fn cells(workbook: &Path) -> Vec<Vec<String>> {
    use calamine::Reader as _;
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(workbook).unwrap();
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    let rows = range.rows();
    rows.map(|row| row.iter().map(ToString::to_string).collect())
        .collect()
}
