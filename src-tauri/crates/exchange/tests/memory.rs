//! How much memory a roster takes, hostile ones and the largest real one.
//!
//! The peak of a process never falls, so this is one test in a process of its own,
//! from the least to the most.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use rust_xlsxwriter::Workbook;
use std::io::{Cursor, Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// Most rows that a test reads; the largest universities graduate fewer in a year.
const PEOPLE: u32 = 50_000;

#[test]
fn a_roster_takes_no_more_memory_than_it_needs() {
    let dir = tempfile::tempdir().unwrap();
    let bomb = dir.path().join("bomb.xlsx");
    let large = dir.path().join("large.xlsx");
    write_bomb(&bomb);
    let before = peak_mib();
    let error = exchange::read_roster(&bomb).unwrap_err();
    assert_eq!(error.code(), "roster-too-large");
    let grown = peak_mib() - before;
    assert!(
        grown <= 16,
        "refusing 1 GiB in {} bytes took {grown} MiB",
        size(&bomb)
    );

    write_large(&large);
    let before = peak_mib();
    let begun = Instant::now();
    let roster = exchange::read_roster(&large).unwrap();
    let took = begun.elapsed();
    assert_eq!(
        (roster.rows.len(), roster.faults.len()),
        (PEOPLE as usize, 0)
    );
    let grown = peak_mib() - before;
    println!(
        "{PEOPLE} rows, {} bytes: {took:?}, {grown} MiB",
        size(&large)
    );
    assert!(grown <= 128, "{PEOPLE} rows took {grown} MiB");
    assert!(took < Duration::from_secs(120), "{took:?}");
}

/// Replaces a part of a workbook by what is written in pieces, so that the writer's
/// own memory stays below the reader's.
type Part<'a> = (&'a str, &'a dyn Fn(&mut dyn Write));

/// A workbook of one cell with parts replaced.
fn write_book(path: &Path, parts: &[Part<'_>]) {
    let mut book = Workbook::new();
    book.add_worksheet().write_string(0, 0, "学号").unwrap();
    let book = book.save_to_buffer().unwrap();
    let mut from = zip::ZipArchive::new(Cursor::new(book)).unwrap();
    let mut to = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    for at in 0..from.len() {
        let mut part = from.by_index(at).unwrap();
        let name = part.name().unwrap().into_owned();
        let options = zip::write::SimpleFileOptions::default();
        to.start_file(&name, options).unwrap();
        match parts.iter().find(|(end, _)| name.ends_with(end)) {
            Some((_, write)) => write(&mut to),
            None => {
                let mut content = Vec::new();
                part.read_to_end(&mut content).unwrap();
                to.write_all(&content).unwrap();
            }
        }
    }
    to.finish().unwrap();
}

/// A workbook whose one sheet inflates to 1 GiB of blanks.
fn write_bomb(path: &Path) {
    let blanks = |to: &mut dyn Write| {
        let blanks = vec![b' '; 1 << 20];
        (0..1024).for_each(|_| to.write_all(&blanks).unwrap());
    };
    write_book(path, &[("sheet1.xml", &blanks)]);
}

/// A roster in which no two cells share their text.
fn write_large(path: &Path) {
    let sheet = |to: &mut dyn Write| {
        write!(to, "<worksheet xmlns=\"x\"><sheetData>").unwrap();
        for row in 0..=PEOPLE {
            write!(to, "<row r=\"{}\">", row + 1).unwrap();
            for (column, letter) in (0..).zip("ABCDEFG".chars()) {
                let text = row * 7 + column;
                write!(to, "<c r=\"{letter}{}\" t=\"s\"><v>{text}</v></c>", row + 1).unwrap();
            }
            write!(to, "</row>").unwrap();
        }
        write!(to, "</sheetData></worksheet>").unwrap();
    };
    let texts = |to: &mut dyn Write| {
        write!(to, "<sst xmlns=\"x\" uniqueCount=\"{}\">", (PEOPLE + 1) * 7).unwrap();
        let header = ["学号", "姓名", "身份证号", "性别", "学院", "专业", "班级"];
        let header = header.map(str::to_owned);
        for text in std::iter::once(header)
            .chain((0..PEOPLE).map(person))
            .flatten()
        {
            write!(to, "<si><t>{text}</t></si>").unwrap();
        }
        write!(to, "</sst>").unwrap();
    };
    write_book(
        path,
        &[("sheet1.xml", &sheet), ("sharedStrings.xml", &texts)],
    );
}

fn person(serial: u32) -> [String; 7] {
    let (number, male) = number(serial);
    [
        format!("2022{serial:06}"),
        format!("样本{}", char::from_u32(0x4E00 + serial % 20_000).unwrap()),
        number,
        if male { "男" } else { "女" }.to_owned(),
        format!("样本学院{}", serial % 30),
        format!("样本专业{}", serial % 200),
        format!("22{:03}", serial % 1000),
    ]
}

/// An identity number of nobody, and whether it is a man's.
fn number(serial: u32) -> (String, bool) {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let (day, month) = (serial / 1000 % 28 + 1, serial / 28_000 % 12 + 1);
    let body = format!("1101051900{month:02}{day:02}{:03}", serial % 1000);
    let digits = body.chars().map(|digit| digit.to_digit(10).unwrap());
    let sum: u32 = digits
        .zip(WEIGHTS)
        .map(|(digit, weight)| digit * weight)
        .sum();
    let check = "10X98765432".chars().nth((sum % 11) as usize).unwrap();
    (format!("{body}{check}"), serial % 2 == 1)
}

/// Most memory that this process ever had, MiB.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    let kib = line.split_whitespace().nth(1).unwrap();
    kib.parse::<u64>().unwrap() / 1024
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).unwrap().len()
}
