//! A sheet of cells, read from a workbook or from delimited text.
//!
//! Both ways end in the same rows, so that the rules of the roster are written
//! once. Limits are those of a large university with room to spare; they exist so
//! that a damaged or hostile file is refused and not swallowed.

mod compound;
mod records;
mod text;
mod workbook;

pub(crate) use compound::MAGIC as COMPOUND;
pub(crate) use text::read_text;
pub(crate) use workbook::read_workbook;

/// Largest roster file, bytes.
pub(crate) const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Most rows of a roster below its header.
pub(crate) const ROWS_MAX: u32 = 200_000;
/// Within how many rows from the top the header must stand.
pub(crate) const HEADER_WITHIN: u32 = 10;
/// Rows that may carry anything at all.
const LINES_MAX: u32 = ROWS_MAX + HEADER_WITHIN;
/// Most columns that are looked at; Excel 97 had 256.
const COLUMNS_MAX: u32 = 256;
/// Longest cell of any column, characters (the collection code of `booth`).
pub(crate) const CELL_CHARS_MAX: usize = 4096;
/// Most cells of one file that hold something.
const CELLS_MAX: usize = 8_000_000;
/// Most bytes of text in all cells of a workbook together. A workbook keeps a text
/// once and names it in any number of cells, so its size says nothing about this.
const TEXT_BYTES_MAX: usize = 256 * 1024 * 1024;

/// What stands in one cell.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// Text as it stands in the file.
    Text(String),
    /// A number, which Excel keeps with 15 digits of precision and no leading zeros.
    Number(f64),
    /// A date, a truth value, an error, or a text beyond [`CELL_CHARS_MAX`]: nothing
    /// that a roster's text can be taken from.
    Unusable,
}

impl Cell {
    fn text(text: &str) -> Self {
        if text.chars().all(is_blank) {
            Self::Empty
        } else if text.len() > CELL_CHARS_MAX && text.chars().nth(CELL_CHARS_MAX).is_some() {
            Self::Unusable
        } else {
            Self::Text(text.to_owned())
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }
}

/// White space, and the invisible characters that copying from web pages leaves.
pub(crate) fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{FEFF}')
}

/// One row, with the line a person finds it at.
pub(crate) struct Row {
    /// Row number of the sheet, or line of the text file; the first is 1.
    pub(crate) line: u32,
    /// Cells from the left.
    pub(crate) cells: Vec<Cell>,
}

impl Row {
    pub(crate) fn cell(&self, at: usize) -> &Cell {
        self.cells.get(at).unwrap_or(&Cell::Empty)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.cells.iter().all(Cell::is_empty)
    }
}

/// One sheet of a workbook, or a whole text file.
pub(crate) struct Sheet {
    /// The sheet's name; `None` for text files.
    pub(crate) name: Option<String>,
    /// Rows that hold something, from the top.
    pub(crate) rows: Vec<Row>,
    /// Line of the first quotation mark of a text file that is not closed where its
    /// cell ends: what follows may be one swallowed cell, so no row is certain.
    pub(crate) unclosed: Option<u32>,
}

/// Why no table came out of a file. A source is said in our words: the parser's own
/// may quote a cell.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TableError {
    /// More of something than a roster can have.
    #[error("more {0} than a roster can have")]
    TooLarge(&'static str),
    /// A workbook under a password.
    #[error("the workbook is protected by a password")]
    Password,
    /// Not readable as what its first bytes say it is.
    #[error("the file is damaged ({0})")]
    Damaged(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Bytes that are text in no supported encoding.
    #[error("the encoding of the text is unknown")]
    Encoding,
}

impl TableError {
    fn damaged(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Damaged(source.into())
    }
}
