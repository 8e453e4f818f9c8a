//! Rosters as delimited text: encodings, delimiters, quotation marks, limits.

use crate::kit::{faults, joined, names, notes, number, read, short, students, table};
use encoding_rs::GB18030;
use exchange::{Column, RosterError, RowFaultKind as Fault, RowNoteKind as Note};
use proptest::prelude::*;

fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(to_bytes).collect()
}

fn gb18030(text: &str) -> Vec<u8> {
    let (bytes, _, lossy) = GB18030.encode(text);
    assert!(!lossy);
    bytes.into_owned()
}

#[test]
fn one_roster_in_every_encoding_is_one_roster() {
    let mut rows = table(1..6);
    for (row, name) in rows[1..].iter_mut().zip([
        "样本甲",
        "\u{20BB7}样",
        "样\u{36C3}\u{4DAE}",
        "阿依\u{B7}样本",
        "Anna Muster",
    ]) {
        row[1] = name.into();
    }
    let text = joined(&rows, ",");
    let files = [
        ("UTF-8", text.clone().into_bytes()),
        ("UTF-8", format!("\u{FEFF}{text}").into_bytes()),
        ("GB18030", gb18030(&text)),
        (
            "UTF-16LE",
            [&[0xFF, 0xFE][..], &utf16(&text, u16::to_le_bytes)].concat(),
        ),
        (
            "UTF-16BE",
            [&[0xFE, 0xFF][..], &utf16(&text, u16::to_be_bytes)].concat(),
        ),
    ];
    let first = read(&text).unwrap();
    assert_eq!(names(&first)[1], "\u{20BB7}样");
    for (encoding, bytes) in files {
        let roster = read(bytes).unwrap();
        assert_eq!(roster.source.encoding, Some(encoding));
        assert_eq!(
            (roster.source.format, roster.source.sheet.as_deref()),
            ("csv", None)
        );
        assert!(!roster.source.encoding_doubtful, "{encoding}");
        assert!(roster.rows == first.rows, "{encoding}");
    }
}

#[test]
fn legacy_bytes_become_the_characters_of_today() {
    let mut bytes = gb18030("学号,姓名,身份证号\n2022001,样");
    bytes.extend([0xFE, 0x9F, b',']);
    bytes.extend(number(1).bytes());
    // The separator of names is A1A4, which some programs take for another dot.
    bytes.extend(gb18030("\n2022002,阿依"));
    bytes.extend([0xA1, 0xA4]);
    bytes.extend(gb18030(&format!("样本,{}\n", number(2))));
    let roster = read(bytes).unwrap();
    assert_eq!(names(&roster), ["样\u{4DAE}", "阿依\u{B7}样本"]);
    assert!(roster.notes.is_empty());
}

#[test]
fn a_private_code_point_in_a_gb_file_is_kept_and_noted() {
    let text = format!("学号,姓名,身份证号\n2022001,样\u{E863},{}\n", number(1));
    let roster = read(text).unwrap();
    assert_eq!(names(&roster), ["样\u{E863}"]);
    // AAA1 is the first of the user-defined places of GBK.
    let mut bytes = gb18030("学号,姓名,身份证号\n2022001,样");
    bytes.extend([0xAA, 0xA1, b',']);
    bytes.extend(number(1).bytes());
    let roster = read(bytes).unwrap();
    assert_eq!(names(&roster), ["样\u{E000}"]);
    assert_eq!(notes(&roster), [(2, Column::Name, Note::NamePrivateUse)]);
}

#[test]
fn gb_text_that_is_nearly_utf8_is_read_as_what_it_is() {
    // Every one of these is two bytes that are one letter of UTF-8.
    let names_of = ["模样", "膜模", "模膜"];
    for name in names_of {
        let bytes = gb18030(name);
        let text = format!("学号,姓名,身份证号\n2022001,{name},{}\n", number(1));
        let roster = read(gb18030(&text)).unwrap();
        assert_eq!(names(&roster), [name], "{bytes:?}");
        assert_eq!(roster.source.encoding, Some("GB18030"));
    }
    // Under English headers nothing is left that UTF-8 could not be: said aloud.
    let text = format!("student number,name,id number\n2022001,模,{}\n", number(1));
    let bytes = gb18030(&text);
    assert!(std::str::from_utf8(&bytes).is_ok());
    let roster = read(bytes).unwrap();
    assert!(roster.source.encoding_doubtful);
    // The positive twin: the same roster in UTF-8 leaves no doubt.
    let roster = read(&text).unwrap();
    assert_eq!(names(&roster), ["模"]);
    assert!(!roster.source.encoding_doubtful);
}

#[test]
fn text_that_lost_a_byte_or_its_mark_is_refused() {
    let text = joined(&table(1..4), ",");
    let mut broken = text.clone().into_bytes();
    let at = text.find("样本丁").unwrap();
    broken.remove(at);
    let files = [
        ("UTF-8 with a byte lost", broken),
        ("UTF-16LE without its mark", utf16(&text, u16::to_le_bytes)),
        ("UTF-16BE without its mark", utf16(&text, u16::to_be_bytes)),
        (
            "UTF-16 cut in a character",
            [&[0xFF, 0xFE, 0x66][..]].concat(),
        ),
        ("UTF-32", [0xFF, 0xFE, 0, 0, b'a', 0, 0, 0].to_vec()),
        (
            "GB18030 cut in a character",
            gb18030("学号,姓名")[..8].to_vec(),
        ),
        ("bytes of no text", vec![0x80, 0xFF, 0xFF, 0x80]),
    ];
    for (what, bytes) in files {
        let error = read(bytes).unwrap_err();
        assert!(matches!(error, RosterError::Encoding), "{what}: {error:?}");
        assert!(error.to_string().contains("save it as xlsx"), "{what}");
    }
}

#[test]
fn commas_semicolons_and_tabs_divide() {
    for delimiter in [",", ";", "\t"] {
        let roster = read(joined(&table(1..4), delimiter)).unwrap();
        assert_eq!(
            students(&roster),
            ["20220001", "20220002", "20220003"],
            "{delimiter:?}"
        );
    }
    // The delimiter that stands in cells is not the one that divides them.
    let text = format!(
        "学号;姓名;身份证号;班级\n2022001;样本甲;{};1班,2班,3班\n",
        number(1)
    );
    let roster = read(text).unwrap();
    assert_eq!(roster.rows[0].class, "1班,2班,3班");
}

#[test]
fn quotation_marks_hold_cells_together() {
    let text = format!(
        "学号,备注,姓名,身份证号,班级\n\
         \"2022001\",\"第一行\n第二行\",\"样本甲\",{},\"1班, \"\"重点\"\"\"\n\
         2022002,\"\",样本乙,\"{}\",2班\n",
        number(1),
        number(2),
    );
    for text in [
        text.clone(),
        text.replace('\n', "\r\n"),
        text.replace('\n', "\r"),
    ] {
        let roster = read(text).unwrap();
        assert_eq!(students(&roster), ["2022001", "2022002"]);
        assert_eq!(roster.rows[0].class, "1班, \"重点\"");
        let lines: Vec<u32> = roster.rows.iter().map(|row| row.line).collect();
        assert_eq!(lines, [2, 4]);
    }
}

#[test]
fn a_mark_that_is_not_closed_swallows_nobody() {
    let good = short(&[
        ["1", "样本甲", &number(1)],
        ["2", "样本乙", &number(2)],
        ["3", "样本丙", &number(3)],
    ]);
    assert_eq!(read(&good).unwrap().rows.len(), 3);
    let header = good.replace("身份证号", "身份证号,备注");
    let with = |at: &str, remark: &str| header.replace(at, &format!("{at},{remark}"));
    let (first, third) = (number(1), number(3));
    let both = with(&first, "\"高").replace(&third, &format!("{third},\"低"));
    for text in [with(&first, "\"高"), both, with(&first, "\"高\"低")] {
        let error = read(&text).unwrap_err();
        assert!(matches!(error, RosterError::Damaged(_)), "{text}");
        assert!(error.to_string().contains("line 2"), "{error}");
    }
    // Within a cell it is a sign like another.
    let roster = read(with(&first, "5\" 高")).unwrap();
    assert_eq!(roster.rows.len(), 3);
    // In the header itself.
    let error = read(good.replace("学号", "\"学号")).unwrap_err();
    assert!(error.to_string().contains("line 1"), "{error}");
}

#[test]
fn a_line_break_inside_a_key_is_a_fault_and_inside_a_name_a_blank() {
    let text = short(&[
        ["\"20\n22\"", "样本甲", &number(1)],
        ["2", "\"样\n本\"", &number(2)],
    ]);
    let roster = read(text).unwrap();
    let expected = [(2, Some(Column::StudentNumber), Fault::StudentNumberInvalid)];
    assert_eq!(faults(&roster), expected);
    assert_eq!(names(&roster), ["样本"]);
    assert_eq!(notes(&roster), [(4, Column::Name, Note::NameBlanksDropped)]);
}

#[test]
fn more_than_a_roster_can_have_is_refused() {
    let person = format!(",样本甲,{}\n", number(1));
    let long: String = (0..200_011).map(|at| format!("{at}{person}")).collect();
    let wide = short(&[]).trim_end().to_owned() + &",x".repeat(254) + "\n1" + &person;
    let (header, _) = wide.split_once('\n').unwrap();
    assert_eq!(header.matches(',').count() + 1, 257);
    for (text, what) in [(short(&[]) + &long, "rows"), (wide.clone(), "columns")] {
        let error = read(text).unwrap_err();
        assert!(
            matches!(error, RosterError::TooLarge(found) if found == what),
            "{error:?}"
        );
    }
    assert!(
        read(wide.replacen(",x", "", 1)).is_ok(),
        "256 columns are not too many"
    );
}

#[test]
fn a_file_too_large_is_refused_by_its_size() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("large.csv");
    let file = std::fs::File::create(&path).unwrap();
    // Sparse: it takes no room on the disk.
    file.set_len(64 * 1024 * 1024 + 1).unwrap();
    let error = exchange::read_roster(&path).unwrap_err();
    assert!(matches!(error, RosterError::TooLarge("bytes")), "{error:?}");
    // One byte less is read, and is no text.
    file.set_len(64 * 1024 * 1024).unwrap();
    let error = exchange::read_roster(&path).unwrap_err();
    assert!(matches!(error, RosterError::Encoding), "{error:?}");
}

#[test]
fn a_cell_too_long_is_a_fault() {
    let code = |length: usize| {
        let text = format!("学号,姓名,身份证号,采集码\n1,样本甲,{},", number(1));
        read(text + &"c".repeat(length) + "\n").unwrap()
    };
    assert_eq!(code(4096).rows.len(), 1);
    let expected = [(2, Some(Column::CollectionCode), Fault::CellUnusable)];
    assert_eq!(faults(&code(4097)), expected);
}

#[test]
fn pages_of_the_web_are_named_as_such() {
    let table = format!(
        "<table><tr><td>学号</td></tr><tr><td>{}</td></tr></table>",
        number(1)
    );
    let pages = [
        table.clone(),
        format!("<!DOCTYPE html>\n<html>{table}</html>"),
        format!("\u{FEFF}\r\n <HTML>{table}</HTML>"),
        format!("<?xml version=\"1.0\"?><Workbook>{table}</Workbook>"),
        format!("<!-- export --><div>{table}</div>"),
        format!("MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n{table}"),
    ];
    for page in pages {
        let error = read(&page).unwrap_err();
        assert!(matches!(error, RosterError::WebPage), "{page}: {error:?}");
        assert!(error.to_string().contains("save it as xlsx"));
        let error = read(gb18030(&page.replace('\u{FEFF}', ""))).unwrap_err();
        assert!(matches!(error, RosterError::WebPage), "{error:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever is called a roster, reading it ends.
    #[test]
    fn no_bytes_make_reading_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let header = "学号,姓名,身份证号\n".as_bytes();
        for file in [bytes.clone(), [header, &bytes].concat(), [&gb18030("学号,姓名,身份证号\n"), &bytes[..]].concat()] {
            if let Ok(roster) = read(file) {
                prop_assert!(roster.rows.len() <= roster.count);
            }
        }
    }

    /// What a csv writer quotes comes back as it was.
    #[test]
    fn cells_come_back_as_they_went_in(
        classes in proptest::collection::vec("[a-c,;\"样 ]{0,6}", 1..8),
        delimiter in prop_oneof![Just(b','), Just(b';'), Just(b'\t')],
        gb in any::<bool>(),
    ) {
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
        writer.write_record(["学号", "姓名", "身份证号", "班级"]).unwrap();
        for (serial, class) in (1..).zip(&classes) {
            let (student, number) = (serial.to_string(), number(serial));
            writer.write_record([&student, "样本", &number, class]).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap();
        let roster = read(if gb { gb18030(&text) } else { bytes }).unwrap();
        let read: Vec<&str> = roster.rows.iter().map(|row| row.class.as_str()).collect();
        let cleaned = |class: &String| class.trim().to_owned();
        let expected: Vec<String> = classes.iter().map(cleaned).collect();
        prop_assert_eq!(read, expected);
    }
}
