//! Delimited text: what encoding it is in, what separates its cells.

use super::{CELLS_MAX, COLUMNS_MAX, Cell, LINES_MAX, Row, Sheet, TableError};
use encoding_rs::{Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};
use std::borrow::Cow;

/// Delimiters that spreadsheets write.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// A text file as a table.
pub(crate) struct TextTable {
    /// The whole file, once for each delimiter that may be meant; the caller takes
    /// the one in which a header stands.
    pub(crate) readings: Vec<Sheet>,
    /// Name of the encoding, e.g. `UTF-8`.
    pub(crate) encoding: &'static str,
    /// The bytes would also pass for something else: a person should look at a name.
    pub(crate) doubtful: bool,
}

/// Reads delimited text.
pub(crate) fn read_text(bytes: &[u8]) -> Result<TextTable, TableError> {
    let (text, encoding, doubtful) = decode(bytes)?;
    if text.contains('\0') {
        // UTF-16 without its mark, or no text at all.
        return Err(TableError::Encoding);
    }
    let text = with_line_feeds(text);
    // The first lines show which delimiters occur at all; parsing the whole file
    // for one that does not would only cost time.
    let head: String = text.lines().take(10).collect();
    let mut readings = Vec::new();
    for delimiter in DELIMITERS {
        if head.as_bytes().contains(&delimiter) {
            readings.push(split(&text, delimiter)?);
        }
    }
    if readings.is_empty() {
        readings.push(split(&text, b',')?);
    }
    Ok(TextTable {
        readings,
        encoding: if encoding == GB18030 {
            "GB18030"
        } else {
            encoding.name()
        },
        doubtful,
    })
}

/// Text, its encoding, and whether that is in doubt.
///
/// A byte-order mark is proof. Without one, bytes that are valid UTF-8 are UTF-8:
/// GB18030 text with the header 学号 never is (its bytes D1 A7 BA C5 hold a
/// continuation byte without a lead). Under English headers it can be, by chance, and
/// then shows letters in place of Han characters; hence the doubt where there is not
/// one of these. What is left must be GB18030 without a single malformed sequence, and
/// no UTF-8 that lost a byte, which can pass for that. A detector cannot prove more, so
/// its opinion only raises the doubt.
fn decode(bytes: &[u8]) -> Result<(Cow<'_, str>, &'static Encoding, bool), TableError> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let text = strict(encoding, bytes.get(mark..).unwrap_or_default())?;
        return Ok((text, encoding, false));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let doubtful = !text.is_ascii() && !text.contains(is_han) && strict(GB18030, bytes).is_ok();
        return Ok((Cow::Borrowed(text), UTF_8, doubtful));
    }
    if is_broken_utf8(bytes) {
        return Err(TableError::Encoding);
    }
    let text = strict(GB18030, bytes)?;
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guess = detector.guess(Some(b"cn"), chardetng::Utf8Detection::Deny);
    Ok((text, GB18030, guess != GBK && guess != GB18030))
}

fn strict<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Result<Cow<'a, str>, TableError> {
    debug_assert!([UTF_8, UTF_16LE, UTF_16BE, GB18030].contains(&encoding));
    encoding
        .decode_without_bom_handling_and_without_replacement(bytes)
        .ok_or(TableError::Encoding)
}

/// Whether there are more Han characters of UTF-8 than places where it is none. In
/// GB18030 nearly every character is such a place.
fn is_broken_utf8(bytes: &[u8]) -> bool {
    let (mut han, mut broken) = (0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        han += chunk.valid().chars().filter(|c| is_han(*c)).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    han > broken
}

const fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// Every line ends in a line feed, so that lines are counted as editors count them;
/// files of old Macs end them with a carriage return alone.
fn with_line_feeds(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        text
    }
}

fn split(text: &str, delimiter: u8) -> Result<Sheet, TableError> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    let mut left = CELLS_MAX;
    for record in reader.records() {
        let record = record.map_err(TableError::damaged)?;
        let line = line_of(text, &record)?;
        if record.len() > COLUMNS_MAX as usize {
            return Err(TableError::TooLarge("columns"));
        }
        left = left
            .checked_sub(record.len())
            .ok_or(TableError::TooLarge("cells"))?;
        let cells: Vec<Cell> = record.iter().map(Cell::text).collect();
        let row = Row { line, cells };
        if row.is_empty() {
            continue;
        }
        if rows.len() >= LINES_MAX as usize {
            return Err(TableError::TooLarge("rows"));
        }
        rows.push(row);
    }
    Ok(Sheet {
        name: None,
        rows,
        unclosed: unclosed(text, delimiter),
    })
}

/// The line a record begins on. csv's position stands where the last record ended,
/// before any blank lines that it skipped.
fn line_of(text: &str, record: &csv::StringRecord) -> Result<u32, TableError> {
    let (byte, line) = record
        .position()
        .map_or((0, 0), |position| (position.byte(), position.line()));
    let from = usize::try_from(byte).unwrap_or(usize::MAX);
    let rest = text.as_bytes().get(from..).unwrap_or_default();
    let skipped = rest.iter().take_while(|byte| **byte == b'\n').count();
    u32::try_from(line + skipped as u64).map_err(|_| TableError::TooLarge("rows"))
}

/// The line of the first cell that begins with a quotation mark and does not end
/// with one. csv forgives that: it takes every row up to the next mark, wherever it
/// stands, for part of the cell, and people disappear from the roster unseen.
fn unclosed(text: &str, delimiter: u8) -> Option<u32> {
    let mut bytes = text.bytes().peekable();
    let mut line = 1;
    let mut at_start = true;
    while let Some(byte) = bytes.next() {
        if at_start && byte == b'"' {
            let opened = line;
            loop {
                match bytes.next() {
                    None => return Some(opened),
                    Some(b'"') if bytes.peek() == Some(&b'"') => {
                        bytes.next();
                    }
                    Some(b'"') => break,
                    Some(b'\n') => line += 1,
                    Some(_) => {}
                }
            }
            if bytes
                .peek()
                .is_some_and(|next| *next != delimiter && *next != b'\n')
            {
                return Some(opened);
            }
        }
        line += u32::from(byte == b'\n');
        at_start = byte == delimiter || byte == b'\n';
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<u32> {
        let sheet = split(text, b',').unwrap();
        sheet.rows.iter().map(|row| row.line).collect()
    }

    #[test]
    fn lines_are_those_of_an_editor() {
        assert_eq!(lines("a,b\nc,d\n"), [1, 2]);
        assert_eq!(lines("\n\na,b\n\n\nc,d"), [3, 6]);
        assert_eq!(lines("a,\"b\nb\"\nc,d\n"), [1, 3]);
        assert_eq!(
            lines(&with_line_feeds("a,b\r\rc,d\r\ne\n".into())),
            [1, 3, 4]
        );
    }

    #[test]
    fn a_quotation_mark_that_is_not_closed_is_found() {
        let broken = [
            ("a,\"b\nc,d\n", 1),
            ("a,b\n\"c,d\ne,\"f\n", 2),
            ("a,\"b\"c\n", 1),
            ("a\nb\n\"", 3),
        ];
        for (text, line) in broken {
            assert_eq!(unclosed(text, b','), Some(line), "{text:?}");
        }
        let whole = [
            "a,\"b\nb\",c\n",
            "\"a\",\"\"\n\"\"\"\",b",
            "a,5\" b\n",
            "=\"1\",b\n",
            "",
        ];
        for text in whole {
            assert_eq!(unclosed(text, b','), None, "{text:?}");
        }
    }

    #[test]
    fn utf8_that_lost_a_byte_is_not_taken_for_gb18030() {
        // An even number of bytes in every name, so that GB18030 has nothing against it.
        let text = "name\n样本甲\n样本\n";
        let mut bytes = text.as_bytes().to_vec();
        bytes.remove(6);
        assert!(strict(GB18030, &bytes).is_ok() && is_broken_utf8(&bytes));
        assert!(matches!(decode(&bytes), Err(TableError::Encoding)));
        let (gb, _, _) = GB18030.encode(text);
        assert!(!is_broken_utf8(&gb));
        let (read, encoding, _) = decode(&gb).unwrap();
        assert_eq!((read.as_ref(), encoding), (text, GB18030));
    }
}
