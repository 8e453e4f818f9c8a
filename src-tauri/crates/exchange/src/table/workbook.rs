//! xlsx and xls through calamine, within limits.
//!
//! calamine 0.38 bounds nothing: it inflates shared strings before a caller can
//! ask how large they are, it reserves as many as the file says there are, and its
//! ranges are dense, so that two cells in opposite corners of a sheet become 17
//! thousand million. Memory that runs out ends the station and not the import, so
//! both kinds are measured before calamine sees them, and an xlsx is streamed.

use super::{
    CELLS_MAX, COLUMNS_MAX, Cell, LINES_MAX, Row, Sheet, TEXT_BYTES_MAX, TableError, records,
};
use calamine::{Data, DataRef, Reader, SheetType, Style, Xls, XlsError, Xlsx, XlsxError};
use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Most bytes that all parts of an xlsx may inflate to.
const INFLATED_MAX: u64 = 256 * 1024 * 1024;
/// Most parts of an xlsx.
const PARTS_MAX: usize = 4096;
/// Most work sheets that are looked at.
pub(super) const SHEETS_MAX: usize = 256;

/// The work sheets of a workbook, empty ones left out.
///
/// A panic inside calamine is a damaged file and not the end of the station. What
/// stays open: calamine copies an xls's text into every cell that names it, so a
/// forged one can ask for some gigabytes.
pub(crate) fn read_workbook(bytes: &[u8]) -> Result<Vec<Sheet>, TableError> {
    let read = || {
        if bytes.starts_with(b"PK") {
            read_xlsx(bytes)
        } else {
            read_xls(bytes)
        }
    };
    // Only locals live inside, so nothing half-changed is seen after a panic.
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(TableError::damaged("the workbook reader gave up")))
}

fn read_xlsx(bytes: &[u8]) -> Result<Vec<Sheet>, TableError> {
    measure(bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(xlsx_error)?;
    let mut left = Left::default();
    let mut sheets = Vec::new();
    for name in work_sheets(&book)? {
        let mut rows: BTreeMap<u32, Vec<Cell>> = BTreeMap::new();
        let mut cells = book.worksheet_cells_reader(&name).map_err(xlsx_error)?;
        while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(xlsx_error)? {
            let value = from_reference(cell.get_value());
            let value = as_shown(value, cells.styles().get(style));
            put(&mut rows, cell.get_position(), value, &mut left)?;
        }
        push_sheet(&mut sheets, name, rows);
    }
    Ok(sheets)
}

fn read_xls(bytes: &[u8]) -> Result<Vec<Sheet>, TableError> {
    records::measure(bytes)?;
    let mut book: Xls<_> = Xls::new(Cursor::new(bytes)).map_err(xls_error)?;
    let mut left = Left::default();
    let mut sheets = Vec::new();
    for name in work_sheets(&book)? {
        let range = book.worksheet_range(&name).map_err(xls_error)?;
        let (top, side) = range.start().unwrap_or_default();
        let mut rows = BTreeMap::new();
        for (row, column, value) in range.used_cells() {
            let at = (top + within(row), side + within(column));
            put(&mut rows, at, from_value(value), &mut left)?;
        }
        push_sheet(&mut sheets, name, rows);
    }
    Ok(sheets)
}

/// Inflates every part and counts, keeping none. The sizes that the archive itself
/// names are not believed, nor is the number of shared strings.
fn measure(bytes: &[u8]) -> Result<(), TableError> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(TableError::damaged)?;
    if archive.len() > PARTS_MAX {
        return Err(TableError::TooLarge("parts"));
    }
    let mut left = INFLATED_MAX;
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(TableError::damaged)?;
        let name = part.name().map_err(TableError::damaged)?;
        let holds_strings = name.to_ascii_lowercase().ends_with("sharedstrings.xml");
        let mut part = part.take(left + 1);
        let size = if holds_strings {
            let mut strings = Vec::new();
            part.read_to_end(&mut strings)
                .map_err(TableError::damaged)?;
            refuse_many_strings(&strings)?;
            strings.len() as u64
        } else {
            std::io::copy(&mut part, &mut std::io::sink()).map_err(TableError::damaged)?
        };
        left = left
            .checked_sub(size)
            .ok_or(TableError::TooLarge("bytes"))?;
    }
    Ok(())
}

/// Refuses a count of shared strings that no roster has: calamine reserves memory
/// for as many before it has seen one.
fn refuse_many_strings(part: &[u8]) -> Result<(), TableError> {
    const COUNT: &[u8] = b"uniqueCount";
    for at in 0..part.len().saturating_sub(COUNT.len()) {
        let rest = part.get(at..).unwrap_or_default();
        let Some(value) = rest.strip_prefix(COUNT) else {
            continue;
        };
        let digits = value
            .iter()
            .skip_while(|byte| b" \t\r\n=\"'".contains(byte))
            .take_while(|byte| byte.is_ascii_digit());
        let count = digits.fold(0usize, |count, digit| {
            count
                .saturating_mul(10)
                .saturating_add(usize::from(digit - b'0'))
        });
        if count > CELLS_MAX {
            return Err(TableError::TooLarge("texts"));
        }
    }
    Ok(())
}

fn work_sheets<R: Reader<Cursor<B>>, B: AsRef<[u8]>>(book: &R) -> Result<Vec<String>, TableError> {
    let sheets = book.sheets_metadata().iter();
    let names: Vec<String> = sheets
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect();
    if names.len() > SHEETS_MAX {
        return Err(TableError::TooLarge("sheets"));
    }
    Ok(names)
}

/// How much one workbook may still hold.
struct Left {
    cells: usize,
    text_bytes: usize,
}

impl Default for Left {
    fn default() -> Self {
        Self {
            cells: CELLS_MAX,
            text_bytes: TEXT_BYTES_MAX,
        }
    }
}

fn put(
    rows: &mut BTreeMap<u32, Vec<Cell>>,
    (row, column): (u32, u32),
    value: Cell,
    left: &mut Left,
) -> Result<(), TableError> {
    if value.is_empty() {
        return Ok(());
    }
    if let Cell::Text(text) = &value {
        let bytes = left.text_bytes.checked_sub(text.len());
        left.text_bytes = bytes.ok_or(TableError::TooLarge("text"))?;
    }
    if row >= LINES_MAX {
        return Err(TableError::TooLarge("rows"));
    }
    if column >= COLUMNS_MAX {
        return Err(TableError::TooLarge("columns"));
    }
    let cells = rows.entry(row).or_default();
    let column = column as usize;
    if cells.len() <= column {
        let more = left.cells.checked_sub(column + 1 - cells.len());
        left.cells = more.ok_or(TableError::TooLarge("cells"))?;
        cells.resize(column + 1, Cell::Empty);
    }
    if let Some(cell) = cells.get_mut(column) {
        *cell = value;
    }
    Ok(())
}

fn push_sheet(sheets: &mut Vec<Sheet>, name: String, rows: BTreeMap<u32, Vec<Cell>>) {
    if rows.is_empty() {
        return;
    }
    let rows = rows
        .into_iter()
        .map(|(row, cells)| Row {
            line: row + 1,
            cells,
        })
        .collect();
    sheets.push(Sheet {
        name: Some(name),
        rows,
        unclosed: None,
    });
}

/// Positions inside a range fit 32 bits, because its corners do.
fn within(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX / 2)
}

/// A number under a format of zeros, such as `00000000`, as the sheet shows it: with
/// its leading zeros, which belong to it for everybody who reads the sheet. calamine
/// tells formats of an xlsx only.
fn as_shown(value: Cell, style: Option<&Style>) -> Cell {
    let format = style.and_then(|style| style.number_format.as_ref());
    let (Cell::Number(number), Some(format)) = (&value, format) else {
        return value;
    };
    let width = format.format_code.len();
    let zeros = format.format_code.bytes().all(|byte| byte == b'0');
    let digits = format!("{number:.0}");
    // Excel is exact up to 15 digits; a longer number stays one, and is refused.
    let exact = (0.0..1e15).contains(number) && number.fract() == 0.0;
    if zeros && exact && width <= 64 && digits.len() < width {
        Cell::text(&format!("{digits:0>width$}"))
    } else {
        value
    }
}

fn from_reference(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::String(text) => Cell::text(text),
        DataRef::SharedString(text) => Cell::text(text),
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::Bool(_)
        | DataRef::DateTime(_)
        | DataRef::DateTimeIso(_)
        | DataRef::DurationIso(_)
        | DataRef::Error(_) => Cell::Unusable,
    }
}

fn from_value(value: &Data) -> Cell {
    match value {
        Data::Empty => Cell::Empty,
        Data::String(text) => Cell::text(text),
        Data::Int(number) => Cell::Number(*number as f64),
        Data::Float(number) => Cell::Number(*number),
        Data::Bool(_)
        | Data::DateTime(_)
        | Data::DateTimeIso(_)
        | Data::DurationIso(_)
        | Data::Error(_) => Cell::Unusable,
    }
}

/// In our words: some of calamine's errors quote the cell that they are about.
fn xlsx_error(error: XlsxError) -> TableError {
    if matches!(error, XlsxError::Password) {
        return TableError::Password;
    }
    TableError::damaged(if matches!(error, XlsxError::Zip(_) | XlsxError::Io(_)) {
        "a part of the archive cannot be read"
    } else if matches!(error, XlsxError::Xml(_) | XlsxError::XmlEof(_)) {
        "a part of the workbook is cut off or malformed"
    } else {
        "a part of the workbook is missing or has unexpected content"
    })
}

fn xls_error(error: XlsError) -> TableError {
    if matches!(error, XlsError::Password) {
        return TableError::Password;
    }
    TableError::damaged("a record of the xls is cut off or malformed")
}
