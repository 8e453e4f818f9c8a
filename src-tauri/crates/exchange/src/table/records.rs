//! The records of an xls (MS-XLS), counted before calamine reads them.
//!
//! calamine reserves what a sheet's DIMENSIONS record names and lays every sheet
//! out densely, from its first cell to its last. Both come from the file, so both
//! are measured here by the same walk.

use super::compound::{Compound, damaged, u16_at, u32_at};
use super::workbook::SHEETS_MAX;
use super::{CELLS_MAX, COLUMNS_MAX, TableError};

/// Cells of the largest sheet that the format knows: 65,536 rows of 256.
const SHEET_CELLS_MAX: u64 = 65_536 * 256;

const EOF: u16 = 0x000A;
const FORMULA: u16 = 0x0006;
const FILE_PASS: u16 = 0x002F;
const BOUND_SHEET: u16 = 0x0085;
const MUL_RK: u16 = 0x00BD;
const RSTRING: u16 = 0x00D6;
const LABEL_SST: u16 = 0x00FD;
const DIMENSIONS: u16 = 0x0200;
const NUMBER: u16 = 0x0203;
const LABEL: u16 = 0x0204;
const BOOL_ERR: u16 = 0x0205;
const RK: u16 = 0x027E;
const BOF: u16 = 0x0809;

/// Refuses an xls that is encrypted, hangs together badly, or would be laid out
/// larger than a roster can be.
pub(super) fn measure(bytes: &[u8]) -> Result<(), TableError> {
    let file = Compound::open(bytes)?;
    // What Excel makes of an xlsx under a password.
    if file.has("EncryptedPackage") {
        return Err(TableError::Password);
    }
    let stream = match file.stream("Workbook")? {
        Some(stream) => stream,
        None => file.stream("Book")?.ok_or_else(damaged)?,
    };
    let mut left = CELLS_MAX as u64;
    for start in sheets(&stream)? {
        let from = stream.get(start as usize..).ok_or_else(damaged)?;
        let cells = sheet_cells(from)?;
        left = left
            .checked_sub(cells)
            .ok_or(TableError::TooLarge("cells"))?;
    }
    Ok(())
}

/// Where the sheets begin, as the global part at the front of the stream says.
fn sheets(stream: &[u8]) -> Result<Vec<u32>, TableError> {
    let mut starts = Vec::new();
    for record in records(stream) {
        let (kind, data) = record?;
        match kind {
            EOF => break,
            FILE_PASS => return Err(TableError::Password),
            BOUND_SHEET => starts.push(u32_at(data, 0)?),
            _ => {}
        }
    }
    if starts.len() > SHEETS_MAX {
        return Err(TableError::TooLarge("sheets"));
    }
    Ok(starts)
}

/// Cells of one sheet when it is laid out from the first that holds something to
/// the last. Charts inside it have cells of their own, which are no cells here. A
/// sheet without its end is one that was cut short.
fn sheet_cells(from: &[u8]) -> Result<u64, TableError> {
    let mut extent: Option<[u64; 4]> = None;
    let mut begun = false;
    let mut charts = 0usize;
    for record in records(from) {
        let (kind, data) = record?;
        match (kind, charts) {
            (BOF, 0) if !begun => begun = true,
            (BOF, _) => charts += 1,
            (EOF, 0) => {
                return Ok(extent.map_or(0, |[top, bottom, left, right]| {
                    (bottom - top + 1) * (right - left + 1)
                }));
            }
            (EOF, _) => charts -= 1,
            (DIMENSIONS, 0) => dimensions(data)?,
            (FORMULA | NUMBER | LABEL | RSTRING | BOOL_ERR | RK | LABEL_SST | MUL_RK, 0) => {
                let last = if kind == MUL_RK {
                    data.len().saturating_sub(2)
                } else {
                    2
                };
                let row = u64::from(u16_at(data, 0)?);
                let (left, right) = (u16_at(data, 2)?, u16_at(data, last)?);
                if u32::from(left.max(right)) >= COLUMNS_MAX {
                    return Err(TableError::TooLarge("columns"));
                }
                let (left, right) = (u64::from(left.min(right)), u64::from(left.max(right)));
                let known = extent.unwrap_or([row, row, left, right]);
                extent = Some([
                    known[0].min(row),
                    known[1].max(row),
                    known[2].min(left),
                    known[3].max(right),
                ]);
            }
            _ => {}
        }
    }
    Err(damaged())
}

/// A DIMENSIONS record: rows and columns from the first to one past the last.
fn dimensions(data: &[u8]) -> Result<(), TableError> {
    let [top, bottom] = if data.len() < 14 {
        [u32::from(u16_at(data, 0)?), u32::from(u16_at(data, 2)?)]
    } else {
        [u32_at(data, 0)?, u32_at(data, 4)?]
    };
    let right = if data.len() < 14 { 6 } else { 10 };
    let right = u64::from(u16_at(data, right)?);
    let rows = bottom.checked_sub(top).ok_or_else(damaged)?;
    // From column 0 on, because calamine counts from there where the first one is odd.
    if u64::from(rows) * right > SHEET_CELLS_MAX {
        return Err(TableError::TooLarge("cells"));
    }
    Ok(())
}

/// Kind and content of each record; what is cut off is an error.
fn records(mut stream: &[u8]) -> impl Iterator<Item = Result<(u16, &[u8]), TableError>> {
    std::iter::from_fn(move || {
        if stream.is_empty() {
            return None;
        }
        let record = record(stream);
        stream = match &record {
            Ok((_, data)) => stream.get(4 + data.len()..).unwrap_or_default(),
            Err(_) => &[],
        };
        Some(record)
    })
}

fn record(stream: &[u8]) -> Result<(u16, &[u8]), TableError> {
    let (kind, length) = (u16_at(stream, 0)?, usize::from(u16_at(stream, 2)?));
    let data = stream.get(4..4 + length).ok_or_else(damaged)?;
    Ok((kind, data))
}
