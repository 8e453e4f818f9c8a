//! The rows below the header: each alone, then all together.

use super::header::Header;
use super::{Column, RosterError, RosterRow, RowFault, RowFaultKind, RowNote, RowNoteKind};
use super::{cells, too_many};
use crate::names::folded;
use crate::table::{Cell, Row, Sheet};
use booth::{DocumentNumber, Sex};
use std::collections::{HashMap, HashSet};

/// All rows of a roster, sorted into good ones and faults.
pub(super) struct Lint {
    pub(super) count: usize,
    pub(super) rows: Vec<RosterRow>,
    pub(super) faults: Vec<RowFault>,
    pub(super) notes: Vec<RowNote>,
}

/// Reads every row below the header.
pub(super) fn read_rows(sheet: &Sheet, header: &Header) -> Result<Lint, RosterError> {
    let below = sheet.rows.iter().filter(|row| row.line > header.line);
    let below: Vec<&Row> = below.collect();
    if below.is_empty() {
        return Err(RosterError::Empty);
    }
    if too_many(below.len()) {
        return Err(RosterError::TooLarge("rows"));
    }
    let mut lint = Lint {
        count: below.len(),
        rows: Vec::new(),
        faults: Vec::new(),
        notes: Vec::new(),
    };
    for row in &below {
        if let Some(row) = read_row(row, header, &mut lint) {
            lint.rows.push(row);
        }
    }
    note_lost_zeros(&below, header, &mut lint);
    fault_rounded(&below, header, &mut lint);
    fault_repeated(&below, header, &mut lint);
    note_shared(&mut lint);
    settle(&mut lint);
    Ok(lint)
}

/// Notes are about rows that are imported, and everything is in the file's order.
fn settle(lint: &mut Lint) {
    let faulty: HashSet<u32> = lint.faults.iter().map(|fault| fault.line).collect();
    lint.rows.retain(|row| !faulty.contains(&row.line));
    lint.notes.retain(|note| !faulty.contains(&note.line));
    lint.faults.sort_by_key(|fault| fault.line);
    lint.notes.sort_by_key(|note| note.line);
}

/// One row on its own; every fault of it is recorded, so that a person corrects a
/// row once.
fn read_row(row: &Row, header: &Header, lint: &mut Lint) -> Option<RosterRow> {
    let cell = |column| header.place(column).map_or(&Cell::Empty, |at| row.cell(at));
    let line = row.line;
    let faults = &mut lint.faults;
    let extra = row.cells.iter().skip(header.width);
    if extra.clone().any(|cell| !cell.is_empty()) {
        faults.push(RowFault {
            line,
            column: None,
            kind: RowFaultKind::RowTooLong,
        });
    }
    let mut at = Recorder { line, faults };
    let student_number = at.keep(
        Column::StudentNumber,
        cells::student_number(cell(Column::StudentNumber)),
    );
    let name = at.keep(Column::Name, cells::name(cell(Column::Name)));
    let number = at.keep(Column::Number, cells::document_number(cell(Column::Number)));
    let college = at.keep(Column::College, cells::plain(cell(Column::College)));
    let major = at.keep(Column::Major, cells::plain(cell(Column::Major)));
    let class = at.keep(Column::Class, cells::plain(cell(Column::Class)));
    let collection_code = at.keep(
        Column::CollectionCode,
        cells::collection_code(cell(Column::CollectionCode)),
    );
    let (name, name_notes) = name?;
    let number = number?;
    let (sex, sex_note) = match cells::sex(cell(Column::Sex)) {
        Ok(sex) => settled(sex, &number),
        Err(note) => (None, Some(note)),
    };
    let notes = name_notes.into_iter().map(|kind| (Column::Name, kind));
    let notes = notes.chain(sex_note.map(|kind| (Column::Sex, kind)));
    lint.notes
        .extend(notes.map(|(column, kind)| RowNote { line, column, kind }));
    Some(RosterRow {
        line,
        student_number: student_number?,
        name,
        number,
        sex,
        college: college?,
        major: major?,
        class: class?,
        collection_code: collection_code?,
    })
}

/// The number has a check digit and the column has none, so the number decides.
fn settled(sex: Option<Sex>, number: &DocumentNumber) -> (Option<Sex>, Option<RowNoteKind>) {
    match (number, sex) {
        (DocumentNumber::Citizen(number), Some(sex)) if sex != number.sex() => {
            (Some(number.sex()), Some(RowNoteKind::SexContradictsNumber))
        }
        (DocumentNumber::Citizen(_) | DocumentNumber::Other(_), sex) => (sex, None),
    }
}

struct Recorder<'a> {
    line: u32,
    faults: &'a mut Vec<RowFault>,
}

impl Recorder<'_> {
    fn keep<T>(&mut self, column: Column, value: Result<T, RowFaultKind>) -> Option<T> {
        value
            .map_err(|kind| {
                self.faults.push(RowFault {
                    line: self.line,
                    column: Some(column),
                    kind,
                });
            })
            .ok()
    }
}

/// A student number that stands twice makes both rows faulty, also when one of
/// them is faulty for another reason: the last one never wins. Numbers that differ
/// in case only are the same file name at delivery.
fn fault_repeated(below: &[&Row], header: &Header, lint: &mut Lint) {
    let mut lines: HashMap<String, Vec<u32>> = HashMap::new();
    for row in below {
        let cell = header.place(Column::StudentNumber).map(|at| row.cell(at));
        if let Some(Ok(number)) = cell.map(cells::student_number) {
            let lines = lines.entry(folded(number.as_str())).or_default();
            lines.push(row.line);
        }
    }
    let repeated = lines.into_values().filter(|lines| lines.len() > 1);
    lint.faults.extend(repeated.flatten().map(|line| RowFault {
        line,
        column: Some(Column::StudentNumber),
        kind: RowFaultKind::StudentNumberRepeated,
    }));
}

/// A number that Excel rounded ends in 000, and one in eleven of those still has its
/// right check digit. So has one in a thousand of those that nobody rounded. Once a
/// file shows a rounded number, the others that end so are believed no longer.
fn fault_rounded(below: &[&Row], header: &Header, lint: &mut Lint) {
    let at = header.place(Column::Number);
    let cells = || {
        below
            .iter()
            .filter_map(|row| Some((row.line, row.cell(at?))))
    };
    if !cells().any(|(_, cell)| cells::is_rounded(cell) == Some(true)) {
        return;
    }
    let suspect = cells().filter(|(_, cell)| cells::is_rounded(cell) == Some(false));
    lint.faults.extend(suspect.map(|(line, _)| RowFault {
        line,
        column: Some(Column::Number),
        kind: RowFaultKind::NumberMangledByExcel,
    }));
}

/// One document number under two student numbers: two enrolments of one person.
fn note_shared(lint: &mut Lint) {
    let mut lines: HashMap<&str, Vec<u32>> = HashMap::new();
    for row in &lint.rows {
        lines.entry(row.number.as_str()).or_default().push(row.line);
    }
    let shared = lines.into_values().filter(|lines| lines.len() > 1);
    lint.notes.extend(shared.flatten().map(|line| RowNote {
        line,
        column: Column::Number,
        kind: RowNoteKind::NumberShared,
    }));
}

/// A student number kept as a number that is shorter than the longest one may have
/// begun with zeros; nobody can tell from the file.
fn note_lost_zeros(below: &[&Row], header: &Header, lint: &mut Lint) {
    let Some(at) = header.place(Column::StudentNumber) else {
        return;
    };
    let longest = lint
        .rows
        .iter()
        .map(|row| row.student_number.as_str().len())
        .max();
    let numeric = below
        .iter()
        .filter(|row| matches!(row.cell(at), Cell::Number(_)));
    for row in numeric {
        let length = cells::student_number(row.cell(at)).map(|number| number.as_str().len());
        if length.is_ok_and(|length| Some(length) < longest) {
            lint.notes.push(RowNote {
                line: row.line,
                column: Column::StudentNumber,
                kind: RowNoteKind::LeadingZerosMayBeLost,
            });
        }
    }
}
