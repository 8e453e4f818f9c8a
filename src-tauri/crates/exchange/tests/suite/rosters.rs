//! What is read from rosters, whatever they come in: headers, cells, rows.

use crate::kit::{
    COLUMNS, HEADER, faults, joined, names, notes, number, number_where, person, read, short,
    students, table, write_rows, xlsx, xlsx_of,
};
use booth::{DocumentNumber, Sex};
use exchange::{Column, RosterError, RowFaultKind as Fault, RowNoteKind as Note};
use proptest::prelude::*;
use rust_xlsxwriter::Format;

#[test]
fn a_whole_row_is_read_as_it_stands() {
    for file in [
        joined(&table([1, 2]), ",").into_bytes(),
        xlsx_of(&table([1, 2])),
    ] {
        let roster = read(file).unwrap();
        assert!(roster.faults.is_empty() && roster.notes.is_empty());
        assert_eq!((roster.count, roster.source.header_line), (2, 1));
        assert_eq!(roster.columns, COLUMNS);
        let row = &roster.rows[1];
        assert_eq!(row.line, 3);
        assert_eq!(row.student_number.as_str(), "20220002");
        assert_eq!(row.name.as_str(), "样本丂");
        assert_eq!(row.number, DocumentNumber::parse(&number(2)).unwrap());
        assert_eq!(row.sex, Some(Sex::Female));
        assert_eq!(row.college, "样本学院");
        assert_eq!(row.major, "样本专业");
        assert_eq!(row.class, "2202");
        let code = row.collection_code.as_ref().unwrap();
        assert_eq!(code.as_str(), "code-2");
    }
}

#[test]
fn headers_are_known_in_the_spellings_of_schools() {
    let id = number(1);
    let spellings: [[&str; 5]; 7] = [
        ["学号", "姓名", "身份证号", "性别", "班级"],
        [
            "学生学号",
            "学生姓名",
            "身份证件号码",
            "学生性别",
            "行政班级",
        ],
        ["Student No.", "Name", "ID Card No.", "Sex", "Class"],
        [
            "STUDENT_ID",
            "full name",
            "Identity Number",
            "GENDER",
            "class name",
        ],
        ["ＸＨ", "ＸＭ", "ＳＦＺＨ", "ＸＢ", "ＢＪ"],
        [
            " 学　号 ",
            "姓\n名",
            "身份\r\n证号",
            "性 别\u{200B}",
            "\u{FEFF}班级",
        ],
        [
            "*学号（必填）",
            "姓名[必填]",
            "公民身份号码(18位)：",
            "性别",
            "班级（全称）",
        ],
    ];
    for titles in spellings {
        let rows = [titles, ["2022001", "样本甲", &id, "男", "2201"]];
        let rows: Vec<Vec<String>> = rows
            .iter()
            .map(|row| row.map(str::to_owned).to_vec())
            .collect();
        let roster = read(xlsx_of(&rows)).unwrap();
        assert_eq!(students(&roster), ["2022001"], "{titles:?}");
        assert_eq!(roster.columns.len(), 5, "{titles:?}");
        assert_eq!(roster.rows[0].class, "2201", "{titles:?}");
    }
}

#[test]
fn titles_above_the_header_are_passed_over_and_lines_are_the_sheets_own() {
    let mut people = table([1, 2]);
    people[2][3] = number(3).replace(|c: char| c.is_ascii_digit(), "1");
    let book = xlsx(|sheet| {
        let title = Format::new().set_bold();
        sheet
            .merge_range(0, 0, 0, 7, "样本大学 2022 级 毕业生 名册", &title)
            .unwrap();
        sheet.write_string(1, 0, "学院").unwrap();
        sheet.write_string(1, 1, "样本学院").unwrap();
        write_rows(sheet, 2, &people);
    });
    let roster = read(book).unwrap();
    assert_eq!(roster.source.header_line, 3);
    assert_eq!(students(&roster), ["20220001"]);
    assert_eq!(
        faults(&roster),
        [(5, Some(Column::Number), Fault::CheckDigitWrong)]
    );
}

#[test]
fn what_is_missing_from_a_header_is_named_and_nobody_with_it() {
    // Rows of people that look a little like a header: labels beside values.
    let text = "学号,2022001,姓名,欧阳样本,辅导员\n学院,样本学院,班级,2201,司徒样本\n";
    let error = read(text).unwrap_err();
    let RosterError::ColumnsMissing(missing) = &error else {
        panic!("{error}");
    };
    assert_eq!(missing.missing, [Column::Number]);
    assert_eq!(missing.found, [Column::StudentNumber, Column::Name]);
    assert_eq!(missing.unknown, ["column 2", "column 4", "column 5"]);
    let said = format!("{error} {error:?}");
    assert!(
        said.contains("line 1") && said.contains("身份证号"),
        "{said}"
    );
    for secret in ["2022001", "欧阳样本", "司徒样本"] {
        assert!(!said.contains(secret), "{said}");
    }
    // The positive twin.
    let good = format!("学号,姓名,身份证号\n2022001,欧阳样本,{}\n", number(1));
    assert_eq!(names(&read(good).unwrap()), ["欧阳样本"]);
}

#[test]
fn a_file_without_a_header_is_no_roster() {
    let people = format!("2022001,样本甲,{}\n", number(1));
    for text in [people.as_str(), "", "\n\n", "学号\n2022001\n"] {
        let error = read(text).unwrap_err();
        assert!(
            matches!(error, RosterError::NoHeader),
            "{text:?}: {error:?}"
        );
    }
    let late = "\n".repeat(10) + &short(&[["2022001", "样本甲", &number(1)]]);
    assert!(matches!(read(&late).unwrap_err(), RosterError::NoHeader));
    assert!(read(&late[1..]).is_ok(), "the tenth line is not too late");
}

#[test]
fn a_header_alone_is_an_empty_roster() {
    for text in [short(&[]), short(&[]) + ",,\n ,\u{3000},\n"] {
        let error = read(&text).unwrap_err();
        assert!(matches!(error, RosterError::Empty), "{error:?}");
    }
}

#[test]
fn two_columns_of_one_name_are_refused() {
    let text = format!("学号,姓名,身份证号,证件号码\n1,样本甲,{0},{0}\n", number(1));
    let error = read(text).unwrap_err();
    let expected = RosterError::ColumnRepeated {
        line: 1,
        column: Column::Number,
    };
    assert_eq!(error.to_string(), expected.to_string());
    assert_eq!(error.code(), "roster-column-repeated");
}

#[test]
fn columns_that_nothing_is_taken_from_are_named() {
    let text = format!(
        "序号,学号,民族,姓名,身份证号\n1,2022001,汉族,样本甲,{}\n",
        number(1)
    );
    let roster = read(text).unwrap();
    assert_eq!(roster.ignored_columns, ["序号", "民族"]);
    assert_eq!(students(&roster), ["2022001"]);
}

#[test]
fn a_number_that_excel_keeps_as_a_number_is_named_and_never_guessed() {
    let people = table([1, 2, 3]);
    let book = xlsx(|sheet| {
        write_rows(sheet, 0, &people);
        sheet.write_number(1, 3, 1.1e17).unwrap();
        // Shown in full by the sheet, and its last digits are gone all the same.
        let full = Format::new().set_num_format("0");
        let rounded: f64 = number(2).replace('X', "0").parse().unwrap();
        sheet
            .write_number_with_format(2, 3, rounded, &full)
            .unwrap();
    });
    let roster = read(book).unwrap();
    let mangled = |line| (line, Some(Column::Number), Fault::NumberMangledByExcel);
    assert_eq!(faults(&roster), [mangled(2), mangled(3)]);
    assert_eq!(students(&roster), ["20220003"]);

    let text = short(&[
        ["1", "样本甲", "1.10105E+17"],
        ["2", "样本乙", "1.1E+17"],
        ["3", "样本丙", &number(3)],
        ["4.04E+11", "样本丁", &number(4)],
        ["2022001.0", "样本戊", &number(5)],
    ]);
    let roster = read(text).unwrap();
    let student = |line| {
        (
            line,
            Some(Column::StudentNumber),
            Fault::NumberMangledByExcel,
        )
    };
    assert_eq!(
        faults(&roster),
        [mangled(2), mangled(3), student(5), student(6)]
    );
    assert_eq!(students(&roster), ["3"]);
}

#[test]
fn a_number_that_ends_in_zeros_is_believed_until_the_file_shows_a_rounded_one() {
    // One in a thousand people has such a number.
    let genuine = number_where(100, |number| number.ends_with("000"));
    let fine = number(3);
    let roster = read(short(&[["1", "样本甲", &genuine], ["2", "样本乙", &fine]])).unwrap();
    assert_eq!(
        (faults(&roster), students(&roster)),
        (vec![], vec!["1", "2"])
    );

    let rounded = number_where(500, |number| !number.ends_with('0'));
    let rounded = format!("{}000", &rounded[..15]);
    let rows = [
        ["1", "样本甲", &genuine],
        ["2", "样本乙", &rounded],
        ["3", "样本丙", &fine],
    ];
    let roster = read(short(&rows)).unwrap();
    let mangled = |line| (line, Some(Column::Number), Fault::NumberMangledByExcel);
    assert_eq!(faults(&roster), [mangled(2), mangled(3)]);
    assert_eq!(students(&roster), ["3"]);
}

#[test]
fn spellings_of_one_number_are_one_number() {
    let with_x = number_where(1, |number| number.ends_with('X'));
    let full_width = |text: &str| -> String {
        let wide = |c: char| char::from_u32(u32::from(c) + 0xFEE0).unwrap();
        text.chars().map(wide).collect()
    };
    let spellings = [
        with_x.clone(),
        with_x.to_lowercase(),
        with_x.replace('X', "Ｘ"),
        with_x.replace('X', "ｘ"),
        full_width(&with_x),
        format!("'{with_x}"),
        format!("‘{with_x}"),
        format!(" {with_x}\u{3000}"),
        format!("\u{FEFF}{with_x}\u{200B}"),
        format!("{} {}", &with_x[..6], &with_x[6..]),
        format!("=\"{with_x}\""),
        format!("\t{with_x}"),
    ];
    for (at, spelling) in (1..).zip(&spellings) {
        let roster = read(short(&[["2022001", "样本甲", spelling]])).unwrap();
        assert!(roster.faults.is_empty(), "spelling {at}");
        assert_eq!(roster.rows[0].number.as_str(), with_x, "spelling {at}");
    }
    let wrong = with_x.replace('X', "0");
    let roster = read(short(&[["2022001", "样本甲", &wrong]])).unwrap();
    assert_eq!(
        faults(&roster),
        [(2, Some(Column::Number), Fault::CheckDigitWrong)]
    );
}

#[test]
fn every_wrong_digit_of_a_number_is_a_fault() {
    let good = number_where(1, |number| !number.ends_with('X'));
    let wrong: Vec<String> = (0..18)
        .map(|at| {
            let digit = (good.as_bytes()[at] - b'0' + 1) % 10;
            format!("{}{digit}{}", &good[..at], &good[at + 1..])
        })
        .collect();
    let students: Vec<String> = (0..18).map(|at| format!("2022{at:03}")).collect();
    let rows: Vec<[&str; 3]> = wrong
        .iter()
        .zip(&students)
        .map(|(number, student)| [student.as_str(), "样本甲", number.as_str()])
        .collect();
    let roster = read(short(&rows)).unwrap();
    assert_eq!((roster.rows.len(), roster.count), (0, 18));
    for (line, (at, column, kind)) in (2..).zip(faults(&roster)) {
        assert_eq!((at, column), (line, Some(Column::Number)));
        assert!(matches!(
            kind,
            Fault::CheckDigitWrong | Fault::NumberInvalid
        ));
    }
    assert_eq!(roster.faults.len(), 18);
}

#[test]
fn documents_of_other_kinds_are_taken_and_impossible_numbers_are_not() {
    let rows = [
        ["1", "样本甲", "E12345678"],
        ["2", "样本乙", "e1234 5678"],
        ["3", "样本丙", "110105490101001"],
        ["4", "样本丁", "12345"],
        ["5", "样本戊", "护照E123"],
    ];
    let roster = read(short(&rows)).unwrap();
    let invalid = |line| (line, Some(Column::Number), Fault::NumberInvalid);
    assert_eq!(faults(&roster), [invalid(4), invalid(5), invalid(6)]);
    let numbers: Vec<&str> = roster.rows.iter().map(|row| row.number.as_str()).collect();
    assert_eq!(numbers, ["E12345678", "E12345678"]);
}

#[test]
fn leading_zeros_are_kept_where_they_are_and_noted_where_they_may_be_lost() {
    let people = table([1, 2, 3]);
    let book = xlsx(|sheet| {
        write_rows(sheet, 0, &people);
        sheet.write_string(1, 0, "00220001").unwrap();
        // Shown as 00220002, kept as 220002 with a format of zeros.
        let zeros = Format::new().set_num_format("00000000");
        sheet
            .write_number_with_format(2, 0, 220_002.0, &zeros)
            .unwrap();
        sheet.write_number(3, 0, 220_003.0).unwrap();
    });
    let roster = read(book).unwrap();
    assert_eq!(students(&roster), ["00220001", "00220002", "220003"]);
    let lost = (4, Column::StudentNumber, Note::LeadingZerosMayBeLost);
    assert_eq!(notes(&roster), [lost]);
}

#[test]
fn a_number_of_full_length_is_no_lost_zero() {
    let people = table([1, 2]);
    let book = xlsx(|sheet| {
        write_rows(sheet, 0, &people);
        sheet.write_number(1, 0, 20_220_001.0).unwrap();
    });
    let roster = read(book).unwrap();
    assert_eq!(students(&roster), ["20220001", "20220002"]);
    assert!(roster.notes.is_empty());
}

#[test]
fn a_repeated_student_number_makes_all_its_rows_faulty() {
    let rows = [
        ["b-7", "样本甲", &number(1)],
        ["2022002", "样本乙", &number(2)],
        ["B-7", "样本丙", &number(3)],
        ["Ｂ-７", "样本丁", "12345"],
    ];
    let roster = read(short(&rows)).unwrap();
    let repeated = |line| {
        (
            line,
            Some(Column::StudentNumber),
            Fault::StudentNumberRepeated,
        )
    };
    let expected = [
        repeated(2),
        repeated(4),
        (5, Some(Column::Number), Fault::NumberInvalid),
        repeated(5),
    ];
    assert_eq!(faults(&roster), expected);
    assert_eq!(students(&roster), ["2022002"]);
}

#[test]
fn one_person_may_be_enrolled_twice_and_both_rows_say_so() {
    let rows = [
        ["2022001", "样本甲", &number(1)],
        ["2022002", "样本乙", &number(2)],
        ["Z2022001", "样本甲", &number(1)],
    ];
    let roster = read(short(&rows)).unwrap();
    assert!(roster.faults.is_empty());
    let shared = |line| (line, Column::Number, Note::NumberShared);
    assert_eq!(notes(&roster), [shared(2), shared(4)]);
    assert_eq!(roster.rows.len(), 3);
}

#[test]
fn the_same_name_is_no_fault_and_no_note() {
    let rows = [["1", "样本甲", &number(1)], ["2", "样本甲", &number(2)]];
    let roster = read(short(&rows)).unwrap();
    assert_eq!(names(&roster), ["样本甲", "样本甲"]);
    assert!(roster.faults.is_empty() && roster.notes.is_empty());
}

#[test]
fn rare_names_arrive_whole_and_damaged_ones_do_not() {
    let whole = [
        "\u{20BB7}样",
        "样\u{36C3}",
        "\u{2BD56}\u{4DAE}",
        "阿依\u{B7}样本",
        "Anna Muster",
    ];
    for name in whole {
        let roster = read(xlsx_of(&{
            let mut rows = table([1]);
            rows[1][1] = name.to_owned();
            rows
        }))
        .unwrap();
        assert_eq!(names(&roster), [name]);
        assert!(roster.notes.is_empty(), "{name}");
    }
    for name in ["样?", "样？本", "样\u{FFFD}", "样&#8226;本", "□样"] {
        let roster = read(short(&[["1", name, &number(1)]])).unwrap();
        assert_eq!(
            faults(&roster),
            [(2, Some(Column::Name), Fault::NameDamaged)],
            "{name}"
        );
    }
    let roster = read(short(&[["1", "样\u{E863}", &number(1)]])).unwrap();
    assert_eq!(names(&roster), ["样\u{E863}"], "stored as it was read");
    assert_eq!(notes(&roster), [(2, Column::Name, Note::NamePrivateUse)]);
}

#[test]
fn blanks_inside_han_names_go_with_a_note() {
    let rows = [
        ["1", "样　本", &number(1)],
        ["2", " Anna  Muster ", &number(2)],
    ];
    let roster = read(short(&rows)).unwrap();
    assert_eq!(names(&roster), ["样本", "Anna  Muster"]);
    assert_eq!(notes(&roster), [(2, Column::Name, Note::NameBlanksDropped)]);
}

#[test]
fn empty_rows_are_nobody_and_empty_keys_are_faults() {
    let text = format!(
        "学号,姓名,身份证号\n\n,,\n2022001,样本甲,{0}\n \u{3000},\u{200B},\n,样本乙,{1}\n2022003,,{2}\n2022004,样本丁,\n' ,样本戊,{3}\n",
        number(1),
        number(2),
        number(3),
        number(5),
    );
    let roster = read(text).unwrap();
    assert_eq!(students(&roster), ["2022001"]);
    assert_eq!((roster.rows[0].line, roster.count), (4, 5));
    let expected = [
        (6, Some(Column::StudentNumber), Fault::StudentNumberEmpty),
        (7, Some(Column::Name), Fault::NameEmpty),
        (8, Some(Column::Number), Fault::NumberEmpty),
        (9, Some(Column::StudentNumber), Fault::StudentNumberEmpty),
    ];
    assert_eq!(faults(&roster), expected);
}

#[test]
fn student_numbers_that_cannot_be_file_names_are_refused_at_the_door() {
    for bad in [
        "CON",
        "nul.1",
        "2022/1",
        "2022 1",
        "2022.",
        ".2022",
        "学号一",
        "a:b",
        "COM1",
    ] {
        let roster = read(short(&[[bad, "样本甲", &number(1)]])).unwrap();
        let expected = [(2, Some(Column::StudentNumber), Fault::StudentNumberInvalid)];
        assert_eq!(faults(&roster), expected, "{bad}");
    }
    let roster = read(short(&[["CON2", "样本甲", &number(1)]])).unwrap();
    assert_eq!(students(&roster), ["CON2"]);
}

#[test]
fn a_sex_that_contradicts_the_number_is_noted_and_the_number_decides() {
    let text = format!(
        "学号,姓名,身份证号,性别\n1,样本甲,{},女\n2,样本乙,{},2\n3,样本丙,{},?\n4,样本丁,E12345678,F\n5,样本戊,{},\n",
        number(1),
        number(2),
        number(3),
        number(5),
    );
    let roster = read(text).unwrap();
    let sexes: Vec<_> = roster.rows.iter().map(|row| row.sex).collect();
    let (male, female) = (Some(Sex::Male), Some(Sex::Female));
    assert_eq!(sexes, [male, female, None, female, None]);
    let expected = [
        (2, Column::Sex, Note::SexContradictsNumber),
        (4, Column::Sex, Note::SexUnknown),
    ];
    assert_eq!(notes(&roster), expected);
}

#[test]
fn a_row_longer_than_its_header_may_have_shifted() {
    let text = short(&[["1", "样本甲", &number(1)], ["2", "样本乙", &number(2)]]);
    let text = text.replace("样本乙,", "样,本乙,");
    let roster = read(text).unwrap();
    assert_eq!(students(&roster), ["1"]);
    assert!(faults(&roster).contains(&(3, None, Fault::RowTooLong)));
}

#[test]
fn dates_and_truths_are_no_text() {
    let people = table([1, 2, 3]);
    let book = xlsx(|sheet| {
        write_rows(sheet, 0, &people);
        let date = Format::new().set_num_format("yyyy-mm-dd");
        sheet
            .write_number_with_format(1, 6, 45_000.0, &date)
            .unwrap();
        sheet.write_boolean(2, 0, true).unwrap();
        sheet.write_number(3, 7, 123.0).unwrap();
    });
    let roster = read(book).unwrap();
    let expected = [
        (2, Some(Column::Class), Fault::CellUnusable),
        (3, Some(Column::StudentNumber), Fault::CellUnusable),
        (
            4,
            Some(Column::CollectionCode),
            Fault::CollectionCodeInvalid,
        ),
    ];
    assert_eq!(faults(&roster), expected);
}

#[test]
fn nothing_that_is_said_about_a_roster_names_anybody() {
    let mut rows = table([1, 2, 3, 4]);
    rows[1][3] = "110105199001011111".into();
    rows[2][1] = "样?".into();
    rows[3][2] = "样本性别".into();
    rows[4][0] = "20220001".into();
    let roster = read(joined(&rows, ",")).unwrap();
    assert_eq!(roster.faults.len(), 4);
    assert_eq!(roster.notes.len(), 1);
    let said = format!("{roster:?}");
    for cell in rows[1..]
        .iter()
        .flatten()
        .filter(|cell| cell.chars().count() > 1)
    {
        assert!(!said.contains(cell.as_str()), "{cell}");
    }
}

#[test]
fn a_file_that_cannot_be_opened_says_so() {
    let dir = tempfile::tempdir().unwrap();
    for path in [dir.path().join("nobody.xlsx"), dir.path().to_owned()] {
        let error = exchange::read_roster(&path).unwrap_err();
        assert_eq!(error.code(), "file-unreadable");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Columns are found by their titles, never by their places.
    #[test]
    fn the_order_of_the_columns_does_not_matter(
        order in Just((0..HEADER.len()).collect::<Vec<_>>()).prop_shuffle(),
        workbook in any::<bool>(),
    ) {
        let straight = read(joined(&table(1..5), ",")).unwrap();
        let shuffled: Vec<Vec<String>> = table(1..5)
            .into_iter()
            .map(|row| order.iter().map(|at| row[*at].clone()).collect())
            .collect();
        let file = if workbook { xlsx_of(&shuffled) } else { joined(&shuffled, ",").into_bytes() };
        let read = read(file).unwrap();
        prop_assert!(read.rows == straight.rows);
        let columns: Vec<Column> = order.iter().map(|at| COLUMNS[*at]).collect();
        prop_assert_eq!(read.columns, columns);
    }

    /// Every person of a roster is either a row or has a fault on their line.
    #[test]
    fn nobody_disappears(cells in proptest::collection::vec(
        [
            prop_oneof!["", "[0-9]{1,3}", "[a-b]{1,2}", "1\\.2E\\+11"].boxed(),
            prop_oneof!["", "[样本甲]{1,3}", "样\\?", "\"样\n本\""].boxed(),
            prop_oneof![(1u32..40).prop_map(number), "[0-9]{18}".prop_map(|text| text)].boxed(),
        ], 1..12)
    ) {
        let text: String = cells.iter().map(|row| row.join(",") + "\n").collect();
        let people = cells.iter().filter(|row| row.iter().any(|cell| !cell.is_empty())).count();
        match read(format!("学号,姓名,身份证号\n{text}")) {
            Ok(roster) => {
                prop_assert_eq!(roster.count, people);
                let faulty: std::collections::HashSet<u32> =
                    roster.faults.iter().map(|fault| fault.line).collect();
                prop_assert_eq!(roster.rows.len() + faulty.len(), people);
                let mut keys: Vec<String> =
                    students(&roster).iter().map(|key| key.to_lowercase()).collect();
                keys.sort();
                keys.dedup();
                prop_assert_eq!(keys.len(), roster.rows.len());
            }
            Err(error) => {
                prop_assert!(matches!(error, RosterError::Empty));
                prop_assert_eq!(people, 0);
            }
        }
    }
}

#[test]
fn people_of_the_kit_are_sound() {
    assert!((0..3000).all(|serial| DocumentNumber::parse(&number(serial)).is_ok()));
    assert_eq!(person(7).len(), HEADER.len());
}
