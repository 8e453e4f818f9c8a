//! 名册: a roster file becomes rows, or faults that name line and column.
//!
//! Nothing is repaired by guessing. A number that Excel has rounded cannot be
//! recovered, a row whose student number appears twice has no right one, and a
//! file in which two columns claim to be the name has no name (hazards H19 to H21,
//! H35). What is certain is done silently: surrounding blanks, full-width digits,
//! the apostrophe that marks text.

mod cells;
mod header;
mod lint;

use crate::table::{
    COMPOUND, FILE_BYTES_MAX, ROWS_MAX, Sheet, TableError, read_text, read_workbook,
};
use booth::{CollectionCode, Digest, DocumentNumber, PersonName, Sex, StudentNumber, sha256};
pub use header::{Column, Missing};
use header::{Found, Header};
use std::fmt;
use std::io::Read;
use std::path::Path;

/// One row of the roster: one enrolment.
#[derive(Clone, PartialEq, Eq)]
pub struct RosterRow {
    /// Row of the sheet or line of the file; the first is 1.
    pub line: u32,
    /// 学号.
    pub student_number: StudentNumber,
    /// 姓名, without blanks at its ends or between Han characters.
    pub name: PersonName,
    /// 身份证号, or the number of another document.
    pub number: DocumentNumber,
    /// 性别, where the roster tells it; the number's where that says otherwise.
    pub sex: Option<Sex>,
    /// 学院; empty where the roster does not tell it.
    pub college: String,
    /// 专业; may be empty.
    pub major: String,
    /// 班级; may be empty.
    pub class: String,
    /// 图像采集码, where the roster has one.
    pub collection_code: Option<CollectionCode>,
}

impl fmt::Debug for RosterRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RosterRow")
    }
}

/// Defines an enum of coded kinds with `ALL` and `code()`.
macro_rules! coded {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// Every kind, in the order of the manual.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }
        }
    };
}
pub(crate) use coded;

coded! {
    /// What is wrong with a row, so that it cannot be imported.
    RowFaultKind {
        /// No student number.
        StudentNumberEmpty = "student-number-empty",
        /// Characters that a student number cannot have, or a name that Windows reserves.
        StudentNumberInvalid = "student-number-invalid",
        /// Another row has the same student number, or one that differs in case only.
        StudentNumberRepeated = "student-number-repeated",
        /// No name.
        NameEmpty = "name-empty",
        /// Control characters in the name, or more than 100 characters.
        NameInvalid = "name-invalid",
        /// A question mark or replacement character: an encoding lost a character.
        NameDamaged = "name-damaged",
        /// No document number.
        NumberEmpty = "number-empty",
        /// The check digit of the document number does not fit.
        CheckDigitWrong = "check-digit-wrong",
        /// Length, characters, region or birth date of the number are impossible.
        NumberInvalid = "number-invalid",
        /// Kept as a number by Excel, which keeps 15 digits: the rest is lost.
        NumberMangledByExcel = "number-mangled-by-excel",
        /// The collection code holds control characters or is a number.
        CollectionCodeInvalid = "collection-code-invalid",
        /// A date, truth value or error where text is needed, or too long a text.
        CellUnusable = "cell-unusable",
        /// The row has more cells than the header: its columns may have shifted.
        RowTooLong = "row-too-long",
    }
}

coded! {
    /// What somebody should look at; the row is imported all the same.
    RowNoteKind {
        /// The sex column contradicts the number, which decides.
        SexContradictsNumber = "sex-contradicts-number",
        /// The sex column holds something unknown and is taken as not told.
        SexUnknown = "sex-unknown",
        /// The same document number stands under several student numbers: legal
        /// (two enrolments), and at the booth the typed student number decides.
        NumberShared = "number-shared",
        /// The name holds a private-use character, which other systems show differently.
        NamePrivateUse = "name-private-use",
        /// Blanks between Han characters of the name were dropped.
        NameBlanksDropped = "name-blanks-dropped",
        /// Kept as a number and shorter than others: leading zeros may be lost.
        LeadingZerosMayBeLost = "leading-zeros-may-be-lost",
    }
}

/// A row that cannot be imported: where and why, never who.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RowFault {
    /// Row of the sheet or line of the file; the first is 1.
    pub line: u32,
    /// The column that is wrong; `None` when it is the row as a whole.
    pub column: Option<Column>,
    /// What is wrong.
    pub kind: RowFaultKind,
}

/// A row that somebody should look at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RowNote {
    /// Row of the sheet or line of the file; the first is 1.
    pub line: u32,
    /// The column it is about.
    pub column: Column,
    /// What it is about.
    pub kind: RowNoteKind,
}

/// What the rows came from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RosterSource {
    /// SHA-256 of the file.
    pub sha256: Digest,
    /// Size of the file, bytes.
    pub bytes: u64,
    /// `xlsx`, `xls` or `csv`.
    pub format: &'static str,
    /// Encoding of a csv file, e.g. `UTF-8`, `GB18030`; `None` for workbooks.
    pub encoding: Option<&'static str>,
    /// The encoding is not proven by a mark or by validity and a detector disagrees:
    /// show some names before importing.
    pub encoding_doubtful: bool,
    /// The sheet's name; `None` for csv.
    pub sheet: Option<String>,
    /// Where the header stands; the first line is 1.
    pub header_line: u32,
}

/// 名册文件: a roster file, read in full.
#[derive(Debug)]
pub struct RosterFile {
    /// Where it came from.
    pub source: RosterSource,
    /// The columns that were found, in the order of the file.
    pub columns: Vec<Column>,
    /// Headers of the columns that nothing is taken from, as they stand in the file.
    pub ignored_columns: Vec<String>,
    /// Non-empty rows below the header: those in `rows` and those with faults.
    pub count: usize,
    /// The rows without a fault, in the order of the file.
    pub rows: Vec<RosterRow>,
    /// What is wrong, in the order of the file; a line may stand here several times
    /// and is then in `rows` not once. Importing in spite of faults is the caller's
    /// decision.
    pub faults: Vec<RowFault>,
    /// What somebody should look at, about rows that are in `rows`.
    pub notes: Vec<RowNote>,
}

/// Why nothing at all could be read from a roster file.
#[derive(Debug, thiserror::Error)]
pub enum RosterError {
    /// Wrong path, no permission, disk fault.
    #[error("the roster file cannot be read: check path and permissions")]
    Unreadable(#[source] std::io::Error),
    /// Beyond the limits: 64 MiB, 200,000 rows, 256 columns.
    #[error(
        "the file has more {0} than a roster can have: is it the right file? Split it if it is"
    )]
    TooLarge(&'static str),
    /// A workbook that is not one, or is cut off; a text file with a quotation mark
    /// that is not closed.
    #[error("the file is damaged ({0}): open it in a spreadsheet program and save it as xlsx")]
    Damaged(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A web page that calls itself a workbook, as some campus systems export.
    #[error(
        "the file is a web page and no workbook: open it in a spreadsheet program and save it as xlsx"
    )]
    WebPage,
    /// A workbook under a password.
    #[error("the workbook is protected by a password: save it without one")]
    Password,
    /// Text in no encoding that is supported.
    #[error("the encoding of the text is unknown: save it as xlsx, or as csv in UTF-8")]
    Encoding,
    /// Within the first ten rows no row holds at least two known headers.
    #[error(
        "no header row within the first 10 rows: the first row must name the columns 学号, 姓名 and 身份证号"
    )]
    NoHeader,
    /// A header row without all required columns.
    #[error("{0}")]
    ColumnsMissing(Missing),
    /// Two columns claim to be the same required one.
    #[error("line {line}: more than one column is called {}: delete or rename all but one", column.title())]
    ColumnRepeated {
        /// Line of the header; the first is 1.
        line: u32,
        /// Which one.
        column: Column,
    },
    /// Several sheets hold a roster, or what may be the rest of one; which one is
    /// meant is not guessed.
    #[error("{0} sheets of the workbook hold a roster: keep one sheet in the file")]
    SeveralSheets(usize),
    /// A header and nothing below it.
    #[error("there is no row below the header")]
    Empty,
}

impl RosterError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "file-unreadable",
            Self::TooLarge(_) => "roster-too-large",
            Self::Damaged(_) => "roster-damaged",
            Self::WebPage => "roster-web-page",
            Self::Password => "roster-password",
            Self::Encoding => "roster-encoding",
            Self::NoHeader => "roster-no-header",
            Self::ColumnsMissing(_) => "roster-columns-missing",
            Self::ColumnRepeated { .. } => "roster-column-repeated",
            Self::SeveralSheets(_) => "roster-several-sheets",
            Self::Empty => "roster-empty",
        }
    }
}

impl From<TableError> for RosterError {
    fn from(error: TableError) -> Self {
        match error {
            TableError::TooLarge(what) => Self::TooLarge(what),
            TableError::Password => Self::Password,
            TableError::Damaged(source) => Self::Damaged(source),
            TableError::Encoding => Self::Encoding,
        }
    }
}

/// Reads a roster from xlsx, xls or delimited text (`,` `;` or tab; UTF-8, UTF-16
/// with its mark, GB18030). The content decides what it is, not the extension.
///
/// # Errors
/// [`RosterError`] when no row can be read with certainty; faults of single rows
/// are in the result.
pub fn read_roster(path: &Path) -> Result<RosterFile, RosterError> {
    let bytes = bounded(path)?;
    let (sheets, format, encoding, encoding_doubtful) = tables(&bytes)?;
    let (sheet, header) = choose(sheets, format != "csv")?;
    let read = lint::read_rows(&sheet, &header)?;
    Ok(RosterFile {
        source: RosterSource {
            sha256: sha256(&bytes),
            bytes: bytes.len() as u64,
            format,
            encoding,
            encoding_doubtful,
            sheet: sheet.name,
            header_line: header.line,
        },
        columns: header.columns(),
        ignored_columns: header.ignored,
        count: read.count,
        rows: read.rows,
        faults: read.faults,
        notes: read.notes,
    })
}

fn bounded(path: &Path) -> Result<Vec<u8>, RosterError> {
    let file = std::fs::File::open(path).map_err(RosterError::Unreadable)?;
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(RosterError::Unreadable)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(RosterError::TooLarge("bytes"));
    }
    Ok(bytes)
}

type Tables = (Vec<Sheet>, &'static str, Option<&'static str>, bool);

fn tables(bytes: &[u8]) -> Result<Tables, RosterError> {
    if bytes.starts_with(b"PK") {
        return Ok((read_workbook(bytes)?, "xlsx", None, false));
    }
    if bytes.starts_with(COMPOUND) {
        return Ok((read_workbook(bytes)?, "xls", None, false));
    }
    if is_web_page(bytes) {
        return Err(RosterError::WebPage);
    }
    let text = read_text(bytes)?;
    Ok((text.readings, "csv", Some(text.encoding), text.doubtful))
}

/// A tag, or the head of a page saved with its pictures; neither begins a roster.
fn is_web_page(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(1024)).unwrap_or_default();
    let head = String::from_utf8_lossy(head).to_lowercase();
    let head = head.trim_start_matches(['\u{FEFF}', ' ', '\r', '\n', '\t']);
    head.starts_with('<') || head.starts_with("mime-version")
}

/// The one sheet with a complete header. Beside it, no sheet of a workbook may hold
/// people: half a school would be missing from the roster, and nobody would be told.
/// Of a text file's readings the one with the most known columns is the right one.
fn choose(sheets: Vec<Sheet>, is_workbook: bool) -> Result<(Sheet, Header), RosterError> {
    let mut complete = Vec::new();
    let mut people = 0;
    let mut worst = None;
    let mut unclosed = None;
    for sheet in sheets {
        unclosed = unclosed.or(sheet.unclosed);
        match header::find(&sheet) {
            Found::Complete(header) => complete.push((sheet, header)),
            Found::Repeated(line, column) => {
                people += 1;
                worst = Some(RosterError::ColumnRepeated { line, column });
            }
            Found::Incomplete(missing) => {
                let required = missing.found.iter().filter(|column| column.is_required());
                people += usize::from(required.count() >= 2);
                worst.get_or_insert(RosterError::ColumnsMissing(missing));
            }
            Found::None => {}
        }
    }
    let several = complete.len() + people;
    if is_workbook && !complete.is_empty() && several > 1 {
        return Err(RosterError::SeveralSheets(several));
    }
    let best = complete
        .into_iter()
        .max_by_key(|(_, header)| header.columns().len());
    let unclosed = best.as_ref().map_or(unclosed, |(sheet, _)| sheet.unclosed);
    if let Some(line) = unclosed {
        let why = format!("a quotation mark in line {line} is not closed");
        return Err(RosterError::Damaged(why.into()));
    }
    best.ok_or(worst.unwrap_or(RosterError::NoHeader))
}

/// Whether so many rows are more than a roster may have.
const fn too_many(rows: usize) -> bool {
    rows > ROWS_MAX as usize
}
