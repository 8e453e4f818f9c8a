//! Rosters as workbooks: what is damaged, locked, forged or not what it says.

use crate::kit::{
    faults, joined, number, read, students, table, with_parts, write_rows, xlsx, xlsx_of,
};
use crate::old_excel::{
    DIRECTORY, Old, SECTOR, STREAM, cell, compound, dimensions, lead, record, workbook, xls,
};
use exchange::{Column, RosterError, RowFaultKind as Fault};
use proptest::prelude::*;
use rust_xlsxwriter::Workbook;
use std::fmt::Write as _;

fn old_table(people: std::ops::Range<u32>) -> Vec<Vec<Old>> {
    let rows = table(people).into_iter();
    rows.map(|row| row.into_iter().map(Old::Text).collect())
        .collect()
}

/// The records of a sheet's cells.
fn cells_of(rows: &[Vec<Old>]) -> Vec<u8> {
    (0u16..)
        .zip(rows)
        .flat_map(|(row, values)| {
            let cells = (0u16..).zip(values);
            cells.flat_map(move |(column, value)| cell(row, column, value))
        })
        .collect()
}

#[test]
fn the_same_roster_in_xlsx_xls_and_csv_is_the_same() {
    let csv = read(joined(&table(1..9), ",")).unwrap();
    let xlsx = read(xlsx_of(&table(1..9))).unwrap();
    let xls = read(xls(&old_table(1..9))).unwrap();
    assert_eq!(csv.rows.len(), 8);
    assert!(csv.rows == xlsx.rows && csv.rows == xls.rows);
    let formats = [csv.source.format, xlsx.source.format, xls.source.format];
    assert_eq!(formats, ["csv", "xlsx", "xls"]);
    assert_eq!(xlsx.source.encoding, None);
    assert_eq!(xls.source.sheet.as_deref(), Some("names"));
}

#[test]
fn old_sheets_lose_digits_as_new_ones_do() {
    let id = number(2);
    let rows = vec![
        Vec::from(["学号", "姓名", "身份证号"].map(Old::from)),
        Vec::from([
            Old::Number(2_022_001.0),
            "样本甲".into(),
            Old::Number(1.1e17),
        ]),
        Vec::from([
            Old::Number(2_022_002.0),
            "样本乙".into(),
            id.as_str().into(),
        ]),
    ];
    let roster = read(xls(&rows)).unwrap();
    let expected = [(2, Some(Column::Number), Fault::NumberMangledByExcel)];
    assert_eq!(faults(&roster), expected);
    assert_eq!(students(&roster), ["2022002"]);
}

#[test]
fn an_encrypted_workbook_says_what_to_do() {
    // What Excel makes of an xlsx under a password is a compound file with this.
    let new = compound("EncryptedPackage", &[7; 5000]);
    let pass = record(0x002F, &[1, 0, 1, 0, 1, 0]);
    let xor = record(0x002F, &[0, 0, 5, 5, 5, 5]);
    let old = [pass, xor].map(|pass| compound("Workbook", &workbook(&pass, &[])));
    for file in [new].into_iter().chain(old) {
        let error = read(file).unwrap_err();
        assert!(matches!(error, RosterError::Password), "{error:?}");
        assert_eq!(error.code(), "roster-password");
        assert!(error.to_string().contains("save it without one"));
    }
}

#[test]
fn a_workbook_cut_short_is_damaged_wherever_it_ends() {
    let new = xlsx_of(&table(1..9));
    // Long enough that a sixteenth of it is more than the padding at its end.
    let old = xls(&old_table(1..60));
    assert!(read(&new).is_ok() && read(&old).is_ok());
    for (file, least) in [(new, 2), (old, 8)] {
        let ends = (0..16).map(|part| least + (file.len() - least) * part / 16);
        for end in ends {
            let error = read(&file[..end]).unwrap_err();
            let refused = matches!(error, RosterError::Damaged(_));
            assert!(refused, "{end} of {}: {error:?}", file.len());
            assert!(error.to_string().contains("save it as xlsx"));
        }
    }
}

#[test]
fn a_sheet_without_its_end_is_cut_short() {
    let rows = old_table(1..3);
    let mut cells = cells_of(&rows);
    // Zeros follow in the file: so many that they are whole records of nothing.
    let odd = workbook(&[], &cells).len() % 4;
    cells.extend(record(0x1234, &[0; 4][odd..]));
    let whole = workbook(&[], &cells);
    assert_eq!(whole.len() % 4, 0);
    assert_eq!(read(compound("Workbook", &whole)).unwrap().rows.len(), 2);
    // Without its last record; no record is half.
    let error = read(compound("Workbook", &whole[..whole.len() - 4])).unwrap_err();
    assert!(matches!(error, RosterError::Damaged(_)), "{error:?}");
}

#[test]
fn chains_of_sectors_that_never_end_are_refused() {
    let whole = xls(&old_table(1..60));
    assert_eq!(read(&whole).unwrap().rows.len(), 59);
    for (from, to) in [
        (DIRECTORY, DIRECTORY),
        (STREAM, STREAM),
        (STREAM + 3, STREAM + 1),
        (STREAM + 3, 5000),
        (DIRECTORY, 5000),
    ] {
        let mut file = whole.clone();
        lead(&mut file, from, to);
        let error = read(&file).unwrap_err();
        assert!(
            matches!(error, RosterError::Damaged(_)),
            "{from} to {to}: {error:?}"
        );
    }
    // The list of the tables that leads to itself.
    let mut file = whole;
    file[68..72].copy_from_slice(&STREAM.to_le_bytes());
    let at = SECTOR * (STREAM as usize + 2) - 4;
    file[at..at + 4].copy_from_slice(&STREAM.to_le_bytes());
    let error = read(&file).unwrap_err();
    assert!(matches!(error, RosterError::Damaged(_)), "{error:?}");
}

#[test]
fn an_old_sheet_that_would_fill_the_memory_is_refused() {
    let text = Old::from("x");
    let corner = |row, column| cell(row, column, &text);
    let sheets = [
        ("cells", dimensions(u32::MAX, u16::MAX)),
        ("cells", dimensions(65_537, 256)),
        ("cells", [corner(0, 0), corner(65_535, 255)].concat()),
        ("columns", [corner(0, 0), corner(0, 256)].concat()),
    ];
    for (what, sheet) in sheets {
        let file = compound("Workbook", &workbook(&[], &sheet));
        let error = read(file).unwrap_err();
        let refused = matches!(error, RosterError::TooLarge(found) if found == what);
        assert!(refused, "{what}: {error:?}");
    }
    // The first row after the last, as a forged record has it.
    let mut backwards = 9u32.to_le_bytes().to_vec();
    backwards.extend(3u32.to_le_bytes());
    backwards.extend([0; 6]);
    let backwards = workbook(&[], &record(0x0200, &backwards));
    let error = read(compound("Workbook", &backwards)).unwrap_err();
    assert!(matches!(error, RosterError::Damaged(_)), "{error:?}");
    // The largest sheet that the format knows is a sheet; this one has no header.
    let widest = [dimensions(65_536, 256), corner(9_000, 255)].concat();
    let error = read(compound("Workbook", &workbook(&[], &widest))).unwrap_err();
    assert!(matches!(error, RosterError::NoHeader), "{error:?}");
}

#[test]
fn cells_of_charts_are_no_cells() {
    let rows = old_table(1..3);
    let cells = cells_of(&rows);
    let chart = [
        record(0x0809, &[0; 16]),
        cell(60_000, 900, &Old::from("x")),
        record(0x000A, &[]),
    ];
    let sheet = [chart.concat(), cells].concat();
    let roster = read(compound("Workbook", &workbook(&[], &sheet))).unwrap();
    assert_eq!(students(&roster), ["20220001", "20220002"]);
}

#[test]
fn a_workbook_that_inflates_beyond_measure_is_refused_by_its_size() {
    let zeros = vec![0; 257 * 1024 * 1024];
    let bomb = with_parts(&xlsx_of(&table([1])), &[("xl/media/image1.bin", &zeros)]);
    assert!(bomb.len() < 2 * 1024 * 1024, "{} bytes", bomb.len());
    let error = read(bomb).unwrap_err();
    assert!(matches!(error, RosterError::TooLarge("bytes")), "{error:?}");
    // The positive twin: a large picture in a roster is no harm.
    let large = with_parts(
        &xlsx_of(&table([1])),
        &[("xl/media/image1.bin", &zeros[..9_000_000])],
    );
    assert_eq!(read(large).unwrap().rows.len(), 1);
}

#[test]
fn a_number_of_texts_that_nobody_has_is_refused_before_it_is_reserved() {
    let book = xlsx_of(&table([1]));
    let strings = |count: &str| {
        let part = format!("<sst xmlns=\"x\" uniqueCount{count}><si><t>学号</t></si></sst>");
        with_parts(&book, &[("xl/sharedStrings.xml", part.as_bytes())])
    };
    for count in ["=\"8000001\"", " = '99999999999999999999'"] {
        let error = read(strings(count)).unwrap_err();
        assert!(
            matches!(error, RosterError::TooLarge("texts")),
            "{count}: {error:?}"
        );
    }
    let error = read(strings("=\"1\"")).unwrap_err();
    assert!(!matches!(error, RosterError::TooLarge(_)), "{error:?}");
}

#[test]
fn one_long_text_in_very_many_cells_is_refused() {
    let text = "x".repeat(4000);
    let strings = format!("<sst xmlns=\"x\"><si><t>{text}</t></si></sst>");
    let sheet = |rows: u32| {
        let mut sheet = String::from("<worksheet xmlns=\"x\"><sheetData>");
        for row in 1..=rows {
            write!(
                sheet,
                "<row r=\"{row}\"><c r=\"A{row}\" t=\"s\"><v>0</v></c></row>"
            )
            .unwrap();
        }
        sheet + "</sheetData></worksheet>"
    };
    let file = |rows: u32| {
        let parts = [
            ("xl/sharedStrings.xml", strings.as_bytes()),
            ("xl/worksheets/sheet1.xml", sheet(rows).as_bytes()),
        ]
        .map(|(name, content)| (name, content.to_vec()));
        let parts = parts
            .each_ref()
            .map(|(name, content)| (*name, &content[..]));
        with_parts(&xlsx_of(&table([1])), &parts)
    };
    let error = read(file(68_000)).unwrap_err();
    assert!(matches!(error, RosterError::TooLarge("text")), "{error:?}");
    let error = read(file(1_000)).unwrap_err();
    assert!(matches!(error, RosterError::NoHeader), "{error:?}");
}

#[test]
fn a_cell_far_away_is_refused_and_an_empty_one_is_not() {
    let far = |row: u32, column: u16, text: &'static str| {
        read(xlsx(|sheet| {
            write_rows(sheet, 0, &table([1, 2]));
            let bold = rust_xlsxwriter::Format::new().set_bold();
            sheet
                .write_string_with_format(row, column, text, &bold)
                .unwrap();
        }))
    };
    let error = far(1_000_000, 0, "x").unwrap_err();
    assert!(matches!(error, RosterError::TooLarge("rows")), "{error:?}");
    let error = far(0, 16_000, "x").unwrap_err();
    assert!(
        matches!(error, RosterError::TooLarge("columns")),
        "{error:?}"
    );
    // Formats reach to the end of many a sheet.
    assert_eq!(far(1_000_000, 16_000, "").unwrap().rows.len(), 2);
}

#[test]
fn one_sheet_holds_the_roster_and_no_other_people() {
    let book = |second: &[&[&str]]| {
        let mut book = Workbook::new();
        write_rows(book.add_worksheet(), 0, &table([1, 2]));
        let rows: Vec<Vec<String>> = second
            .iter()
            .map(|row| row.iter().map(|cell| (*cell).to_owned()).collect())
            .collect();
        write_rows(book.add_worksheet(), 0, &rows);
        read(book.save_to_buffer().unwrap())
    };
    let id = number(9);
    // A whole roster, and the rest of one under a title that is not known.
    for title in ["身份证号", "新证号"] {
        let error = book(&[&["学号", "姓名", title], &["2022009", "样本", &id]]).unwrap_err();
        assert!(matches!(error, RosterError::SeveralSheets(2)), "{error:?}");
    }
    // A table of colleges holds nobody.
    let roster = book(&[
        &["学院", "专业", "专业代码"],
        &["样本学院", "样本专业", "01"],
    ])
    .unwrap();
    assert_eq!(roster.source.sheet.as_deref(), Some("Sheet1"));
    assert_eq!(students(&roster), ["20220001", "20220002"]);
}

#[test]
fn an_archive_that_is_no_workbook_is_damaged() {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("readme.txt", zip::write::SimpleFileOptions::default())
        .unwrap();
    let error = read(zip.finish().unwrap().into_inner()).unwrap_err();
    assert!(matches!(error, RosterError::Damaged(_)), "{error:?}");
    let error = read(compound("WordDocument", b"text")).unwrap_err();
    assert!(matches!(error, RosterError::Damaged(_)), "{error:?}");
}

#[test]
fn what_a_parser_says_of_a_damaged_cell_is_not_passed_on() {
    let secret = number(1);
    let sheet = format!(
        "<worksheet xmlns=\"x\"><sheetData><row r=\"1\"><c r=\"A1\" t=\"b\"><v>{secret}</v></c></row></sheetData></worksheet>"
    );
    let parts = [("xl/worksheets/sheet1.xml", sheet.as_bytes())];
    let error = read(with_parts(&xlsx_of(&table([1])), &parts)).unwrap_err();
    assert!(matches!(error, RosterError::Damaged(_)), "{error:?}");
    assert!(!format!("{error} {error:?}").contains(&secret));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Wherever a workbook is damaged, reading it ends, in rows or in a refusal.
    #[test]
    fn damage_anywhere_ends_in_rows_or_a_refusal(
        hits in proptest::collection::vec((0.0..1.0f64, any::<u8>()), 1..6),
        old in any::<bool>(),
    ) {
        let mut file = if old { xls(&old_table(1..5)) } else { xlsx_of(&table(1..5)) };
        // Most of the old file is padding: hit its tables and its records.
        let reach = if old { file.len().min(2600) } else { file.len() };
        for (place, byte) in hits {
            file[(place * reach as f64) as usize] = byte;
        }
        if let Ok(roster) = read(file) {
            prop_assert!(roster.rows.len() <= roster.count);
        }
    }
}
