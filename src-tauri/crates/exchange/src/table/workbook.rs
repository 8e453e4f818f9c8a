//! xlsx and xls through calamine, within limits.
//!
//! calamine 0.38 bounds nothing: it inflates shared strings before a caller can
//! ask how large they are, and its ranges are dense, so that two cells in
//! opposite corners of a sheet become 17 thousand million. Hence an xlsx is
//! inflated once into nothing, counting, before calamine sees it, and its cells
//! are streamed. An xls is not compressed, and its dense ranges are left to
//! calamine: see [`read_workbook`].

use super::{CELLS_MAX, COLUMNS_MAX, Cell, LINES_MAX, Row, Sheet, TableError};
use calamine::{Data, DataRef, Reader, SheetType, Xls, XlsError, Xlsx, XlsxError};
use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Most bytes that all parts of an xlsx may inflate to.
const INFLATED_MAX: u64 = 256 * 1024 * 1024;
/// Most parts of an xlsx.
const PARTS_MAX: usize = 4096;
/// Most work sheets that are looked at.
const SHEETS_MAX: usize = 256;

/// The work sheets of a workbook, empty ones left out.
///
/// A panic inside calamine is a damaged file and not the end of the station. What
/// stays open: a forged xls can name a dense range of some gigabytes.
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
    let mut left = CELLS_MAX;
    let mut sheets = Vec::new();
    for name in work_sheets(&book)? {
        let mut rows: BTreeMap<u32, Vec<Cell>> = BTreeMap::new();
        let mut cells = book.worksheet_cells_reader(&name).map_err(xlsx_error)?;
        while let Some(cell) = cells.next_cell().map_err(xlsx_error)? {
            let value = from_reference(cell.get_value());
            put(&mut rows, cell.get_position(), value, &mut left)?;
        }
        push_sheet(&mut sheets, name, rows);
    }
    Ok(sheets)
}

fn read_xls(bytes: &[u8]) -> Result<Vec<Sheet>, TableError> {
    let mut book: Xls<_> = Xls::new(Cursor::new(bytes)).map_err(|error| match error {
        XlsError::Password => TableError::Password,
        error => TableError::damaged(error),
    })?;
    let mut left = CELLS_MAX;
    let mut sheets = Vec::new();
    for name in work_sheets(&book)? {
        let range = book.worksheet_range(&name).map_err(TableError::damaged)?;
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

/// Inflates every part into nothing and counts. The sizes that the archive itself
/// names are not believed.
fn measure(bytes: &[u8]) -> Result<(), TableError> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(TableError::damaged)?;
    if archive.len() > PARTS_MAX {
        return Err(TableError::TooLarge("parts"));
    }
    let mut left = INFLATED_MAX;
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(TableError::damaged)?;
        let mut part = part.take(left + 1);
        let size = std::io::copy(&mut part, &mut std::io::sink()).map_err(TableError::damaged)?;
        left = left
            .checked_sub(size)
            .ok_or(TableError::TooLarge("bytes"))?;
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

fn put(
    rows: &mut BTreeMap<u32, Vec<Cell>>,
    (row, column): (u32, u32),
    value: Cell,
    left: &mut usize,
) -> Result<(), TableError> {
    if value.is_empty() {
        return Ok(());
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
        *left = left
            .checked_sub(column + 1 - cells.len())
            .ok_or(TableError::TooLarge("cells"))?;
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
    });
}

/// Positions inside a range fit 32 bits, because its corners do.
fn within(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX / 2)
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

fn xlsx_error(error: XlsxError) -> TableError {
    match error {
        XlsxError::Password => TableError::Password,
        error => TableError::damaged(error),
    }
}
