//! The two sheets of a package: every cell is text, because a spreadsheet that
//! takes an identity number for a number destroys it (hazard H21).

use super::{DeliveredRecord, MissingEntry, MissingReason, PackageError};
use crate::table::{CELL_CHARS_MAX, Cell, Row, is_blank, read_workbook};
use booth::Sex;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

/// Columns of `index.xlsx`.
pub(super) const INDEX_HEADER: [&str; 9] = [
    "学号",
    "姓名",
    "性别",
    "身份证号",
    "学院",
    "专业",
    "班级",
    "文件名",
    "代次",
];
/// Columns of `missing.xlsx`.
pub(super) const MISSING_HEADER: [&str; 7] =
    ["学号", "姓名", "学院", "专业", "班级", "状态", "原因"];
/// Widths of the columns, characters; the last holds for all that follow.
const WIDTHS: [f64; 4] = [16.0, 14.0, 8.0, 22.0];

/// One row of `index.xlsx`, the cells in the order of its header.
pub(super) fn index_row(record: &DeliveredRecord, file: &str) -> Vec<String> {
    let sex = match record.sex {
        Some(Sex::Male) => "男",
        Some(Sex::Female) => "女",
        None => "",
    };
    vec![
        record.student_number.as_str().to_owned(),
        record.name.as_str().to_owned(),
        sex.to_owned(),
        record.number.as_str().to_owned(),
        record.college.clone(),
        record.major.clone(),
        record.class.clone(),
        file.to_owned(),
        record.generation.0.to_string(),
    ]
}

/// One row of `missing.xlsx`.
pub(super) fn missing_row(entry: &MissingEntry) -> Vec<String> {
    let why = match entry.reason {
        MissingReason::NotShot | MissingReason::Referred => "",
        MissingReason::Flagged(reason) => reason.code(),
    };
    vec![
        entry.student_number.as_str().to_owned(),
        entry.name.as_str().to_owned(),
        entry.college.clone(),
        entry.major.clone(),
        entry.class.clone(),
        entry.reason.code().to_owned(),
        why.to_owned(),
    ]
}

/// Whether a text comes back from a sheet as it went in: no control characters, none
/// that XML cannot hold, not too long, and not blank where it is not empty.
pub(super) fn is_writable(text: &str) -> bool {
    let odd = |c: char| c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}');
    !text.chars().any(odd)
        && text.chars().count() <= CELL_CHARS_MAX
        && (text.is_empty() || !text.chars().all(is_blank))
}

/// A workbook of one sheet. The same rows and moment give the same bytes.
pub(super) fn workbook(
    title: &str,
    header: &[&str],
    rows: &[Vec<String>],
    created_ms: i64,
) -> Result<Vec<u8>, PackageError> {
    build(title, header, rows, created_ms).map_err(PackageError::Index)
}

fn build(
    title: &str,
    header: &[&str],
    rows: &[Vec<String>],
    created_ms: i64,
) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let created = ExcelDateTime::from_timestamp(created_ms.div_euclid(1000))?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let text = Format::new().set_num_format("@");
    let bold = Format::new().set_num_format("@").set_bold();
    let sheet = book.add_worksheet();
    sheet.set_name(title)?;
    sheet.set_freeze_panes(1, 0)?;
    for (column, title) in (0u16..).zip(header) {
        let at = usize::from(column).min(WIDTHS.len() - 1);
        sheet.set_column_width(column, WIDTHS[at])?;
        sheet.write_string_with_format(0, column, *title, &bold)?;
    }
    for (line, row) in (1u32..).zip(rows) {
        for (column, cell) in (0u16..).zip(row) {
            if !cell.is_empty() {
                sheet.write_string_with_format(line, column, cell, &text)?;
            }
        }
    }
    book.save_to_buffer()
}

/// The rows below the header of a workbook as [`workbook`] writes it; `None` when
/// it is none: another header, several sheets, a cell that is not text.
pub(super) fn read(bytes: &[u8], header: &[&str]) -> Option<Vec<Vec<String>>> {
    let sheets = read_workbook(bytes).ok()?;
    let [sheet] = &sheets[..] else { return None };
    let mut rows = Vec::new();
    for (line, row) in (1..).zip(&sheet.rows) {
        if row.line != line || row.cells.len() > header.len() {
            return None;
        }
        rows.push(texts(row, header.len())?);
    }
    if rows.is_empty() || rows.remove(0) != header {
        return None;
    }
    Some(rows)
}

fn texts(row: &Row, width: usize) -> Option<Vec<String>> {
    (0..width)
        .map(|at| match row.cell(at) {
            Cell::Text(text) => Some(text.clone()),
            Cell::Empty => Some(String::new()),
            Cell::Number(_) | Cell::Unusable => None,
        })
        .collect()
}
