//! One cell becomes one value, or a fault.

use super::{RowFaultKind, RowNoteKind};
use crate::names;
use crate::table::{Cell, is_blank};
use booth::{
    CollectionCode, DocumentNumber, IdNumberFault, PersonName, Sex, StudentNumber, TextFault,
};
use unicode_normalization::UnicodeNormalization;

/// Longest text in any column but the collection code, characters.
const TEXT_CHARS_MAX: usize = 500;
/// Excel keeps 15 decimal digits of a number; with 16 the last may be made up.
const SAFE_DIGITS: u32 = 15;

/// A student number from text, or from a number that is whole and short enough
/// to be exact.
pub(super) fn student_number(cell: &Cell) -> Result<StudentNumber, RowFaultKind> {
    let text = match cell {
        Cell::Empty => return Err(RowFaultKind::StudentNumberEmpty),
        Cell::Unusable => return Err(RowFaultKind::CellUnusable),
        Cell::Number(number) => whole(*number).ok_or(RowFaultKind::NumberMangledByExcel)?,
        Cell::Text(text) => cleaned(text),
    };
    if is_scientific(&text) || is_decimal(&text) {
        return Err(RowFaultKind::NumberMangledByExcel);
    }
    let number = StudentNumber::parse(&text).map_err(|fault| match fault {
        TextFault::Empty => RowFaultKind::StudentNumberEmpty,
        TextFault::TooLong | TextFault::Character => RowFaultKind::StudentNumberInvalid,
    })?;
    // It becomes a file name at delivery; better refused now than after the shoot.
    if names::is_usable(number.as_str()) {
        Ok(number)
    } else {
        Err(RowFaultKind::StudentNumberInvalid)
    }
}

/// A document number. A number of 16 or more digits that Excel kept as one has
/// lost its end and is never completed.
pub(super) fn document_number(cell: &Cell) -> Result<DocumentNumber, RowFaultKind> {
    let text = match cell {
        Cell::Empty => return Err(RowFaultKind::NumberEmpty),
        Cell::Unusable => return Err(RowFaultKind::CellUnusable),
        Cell::Number(number) => whole(*number).ok_or(RowFaultKind::NumberMangledByExcel)?,
        Cell::Text(text) => cleaned(text),
    };
    if text.is_empty() {
        return Err(RowFaultKind::NumberEmpty);
    }
    if is_scientific(&text) || is_decimal(&text) {
        return Err(RowFaultKind::NumberMangledByExcel);
    }
    DocumentNumber::parse(&text).map_err(|fault| match fault {
        IdNumberFault::CheckDigit if ends_rounded(&text) => RowFaultKind::NumberMangledByExcel,
        IdNumberFault::CheckDigit => RowFaultKind::CheckDigitWrong,
        IdNumberFault::Length
        | IdNumberFault::Character
        | IdNumberFault::Region
        | IdNumberFault::Birth => RowFaultKind::NumberInvalid,
    })
}

/// A name with what somebody should know about it.
pub(super) fn name(cell: &Cell) -> Result<(PersonName, Vec<RowNoteKind>), RowFaultKind> {
    let text = match cell {
        Cell::Empty => return Err(RowFaultKind::NameEmpty),
        Cell::Unusable => return Err(RowFaultKind::CellUnusable),
        Cell::Number(_) => return Err(RowFaultKind::NameInvalid),
        Cell::Text(text) => cleaned(text),
    };
    if text.contains(['?', '\u{FF1F}', '\u{FFFD}', '\u{25A1}']) || text.contains("&#") {
        return Err(RowFaultKind::NameDamaged);
    }
    let mut notes = Vec::new();
    let (text, dropped) = without_inner_blanks(&text);
    if dropped {
        notes.push(RowNoteKind::NameBlanksDropped);
    }
    if text.chars().any(is_private_use) {
        notes.push(RowNoteKind::NamePrivateUse);
    }
    let name = PersonName::parse(&text).map_err(|fault| match fault {
        TextFault::Empty => RowFaultKind::NameEmpty,
        TextFault::TooLong | TextFault::Character => RowFaultKind::NameInvalid,
    })?;
    Ok((name, notes))
}

/// The sex; `Err` where the cell says something else than a sex.
pub(super) fn sex(cell: &Cell) -> Result<Option<Sex>, RowNoteKind> {
    let text = match cell {
        Cell::Empty => return Ok(None),
        Cell::Unusable => return Err(RowNoteKind::SexUnknown),
        Cell::Number(number) => whole(*number).ok_or(RowNoteKind::SexUnknown)?,
        Cell::Text(text) => cleaned(text),
    };
    let text: String = text.nfkc().collect::<String>().to_lowercase();
    match text.as_str() {
        "" => Ok(None),
        "男" | "男性" | "male" | "m" | "1" => Ok(Some(Sex::Male)),
        "女" | "女性" | "female" | "f" | "2" => Ok(Some(Sex::Female)),
        _ => Err(RowNoteKind::SexUnknown),
    }
}

/// College, major or class: text that is only shown, sorted and handed over.
pub(super) fn plain(cell: &Cell) -> Result<String, RowFaultKind> {
    let text = match cell {
        Cell::Empty => String::new(),
        Cell::Unusable => return Err(RowFaultKind::CellUnusable),
        Cell::Number(number) => whole(*number).ok_or(RowFaultKind::CellUnusable)?,
        Cell::Text(text) => cleaned(text),
    };
    if text.chars().nth(TEXT_CHARS_MAX).is_some() || text.chars().any(char::is_control) {
        return Err(RowFaultKind::CellUnusable);
    }
    Ok(text)
}

/// The collection code, kept as it is.
pub(super) fn collection_code(cell: &Cell) -> Result<Option<CollectionCode>, RowFaultKind> {
    match cell {
        Cell::Empty => Ok(None),
        Cell::Text(text) => CollectionCode::parse(text)
            .map(Some)
            .map_err(|_| RowFaultKind::CollectionCodeInvalid),
        // An opaque token that a spreadsheet took for a number is no longer itself.
        Cell::Number(_) => Err(RowFaultKind::CollectionCodeInvalid),
        Cell::Unusable => Err(RowFaultKind::CellUnusable),
    }
}

/// Text without blanks at its ends and without the marks that spreadsheets and
/// exporting programs use to say "this is text": `'1`, `="1"`.
fn cleaned(text: &str) -> String {
    let mut text = text.trim_matches(is_blank);
    if let Some(inner) = text
        .strip_prefix("=\"")
        .and_then(|rest| rest.strip_suffix('"'))
    {
        text = inner.trim_matches(is_blank);
    }
    let bare = text
        .strip_prefix(['\'', '\u{2018}', '\u{2019}', '`'])
        .unwrap_or(text);
    let visible = |c: &char| !is_blank(*c) || c.is_whitespace();
    bare.trim_matches(is_blank)
        .chars()
        .filter(visible)
        .collect()
}

/// The digits of a number that is whole, not negative and exact.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "bounded on the line before"
)]
fn whole(number: f64) -> Option<String> {
    let exact = number >= 0.0 && number.fract() == 0.0 && number < 10f64.powi(SAFE_DIGITS as i32);
    exact.then(|| (number as u64).to_string())
}

/// `1.10105E+17`: what Excel shows, and writes to csv, for a long number.
fn is_scientific(text: &str) -> bool {
    let text: String = text.nfkc().collect();
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else {
        return false;
    };
    let digits =
        |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let signed = exponent.starts_with(['+', '-']);
    digits(mantissa)
        && digits(exponent.trim_start_matches(['+', '-']))
        && (signed || mantissa.contains('.'))
}

/// `2022001.0`: a number that a program wrote as one.
fn is_decimal(text: &str) -> bool {
    text.split_once('.').is_some_and(|(whole, rest)| {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        digits(whole) && !rest.is_empty() && rest.bytes().all(|b| b == b'0')
    })
}

/// Whether a text cell holds a document number that Excel rounded: certainly, where
/// the check digit is wrong as well; perhaps, where it fits; `None` where not at all.
pub(super) fn is_rounded(cell: &Cell) -> Option<bool> {
    let Cell::Text(text) = cell else { return None };
    let text = cleaned(text);
    ends_rounded(&text).then(|| DocumentNumber::parse(&text).is_err())
}

/// 18 digits of which Excel kept 15: the rest came back as zeros.
fn ends_rounded(text: &str) -> bool {
    let text: String = text.nfkc().filter(|c| !c.is_whitespace()).collect();
    let digits = text.len() == 18 && text.bytes().all(|b| b.is_ascii_digit());
    digits && text.ends_with("000")
}

/// Drops blanks that stand between two characters which are both not Latin: two
/// characters long names are often padded in the middle, and no blank belongs into
/// the index of a delivery.
fn without_inner_blanks(text: &str) -> (String, bool) {
    let latin =
        |c: Option<char>| c.is_none_or(|c| c.is_ascii() || c.is_lowercase() || c.is_uppercase());
    let characters: Vec<char> = text.chars().collect();
    let mut kept = String::new();
    let mut dropped = false;
    for (at, c) in characters.iter().enumerate() {
        let before = kept.chars().rev().find(|c| !is_blank(*c));
        let after = characters.iter().skip(at).copied().find(|c| !is_blank(*c));
        if is_blank(*c) && !latin(before) && !latin(after) {
            dropped = true;
        } else {
            kept.push(*c);
        }
    }
    (kept, dropped)
}

fn is_private_use(c: char) -> bool {
    matches!(u32::from(c), 0xE000..=0xF8FF | 0xF_0000..=0x10_FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    #[test]
    fn student_numbers_of_all_spellings() {
        let spellings = [
            text(" 2022001 "),
            text("'2022001"),
            text("=\"2022001\""),
            text("２０２２００１"),
            text("2022001\t"),
            text("\u{FEFF}2022001\u{200B}"),
            Cell::Number(2_022_001.0),
        ];
        for cell in spellings {
            let number = student_number(&cell).map(|number| number.as_str().to_owned());
            assert_eq!(number, Ok("2022001".to_owned()), "{cell:?}");
        }
    }

    #[test]
    fn what_excel_did_to_a_student_number_is_named() {
        let mangled = [
            Cell::Number(2022.5),
            Cell::Number(-1.0),
            Cell::Number(1e15),
            Cell::Number(f64::NAN),
            text("2.02E+11"),
            text("2022001.0"),
        ];
        for cell in mangled {
            assert_eq!(
                student_number(&cell),
                Err(RowFaultKind::NumberMangledByExcel),
                "{cell:?}"
            );
        }
        assert!(student_number(&Cell::Number(999_999_999_999_999.0)).is_ok());
        assert!(student_number(&text("2E10")).is_ok());
        assert_eq!(
            student_number(&text("CON")),
            Err(RowFaultKind::StudentNumberInvalid)
        );
        assert_eq!(
            student_number(&text("张")),
            Err(RowFaultKind::StudentNumberInvalid)
        );
        assert_eq!(
            student_number(&text("'")),
            Err(RowFaultKind::StudentNumberEmpty)
        );
    }

    #[test]
    fn what_excel_did_to_an_identity_number_is_named_and_never_mended() {
        let mangled = [
            Cell::Number(1.101_051_899_010_1e17),
            text("1.10105E+17"),
            text("１.１E+１７"),
            text("110105189901010000"),
            Cell::Number(1_234_567_890_123_456.0),
        ];
        for cell in mangled {
            assert_eq!(
                document_number(&cell),
                Err(RowFaultKind::NumberMangledByExcel),
                "{cell:?}"
            );
        }
    }

    #[test]
    fn identity_numbers_are_checked() {
        // The example that GB 11643 prints.
        for spelling in [
            "11010519491231002X",
            "'11010519491231002x",
            "110105 19491231 002Ｘ",
        ] {
            let number = document_number(&text(spelling)).unwrap();
            assert_eq!(number.as_str(), "11010519491231002X", "{spelling}");
        }
        let wrong = [
            ("110105194912310021", RowFaultKind::CheckDigitWrong),
            ("1101051949123100", RowFaultKind::NumberInvalid),
            ("010105194912310021", RowFaultKind::NumberInvalid),
            ("110105491231002", RowFaultKind::NumberInvalid),
            ("  ", RowFaultKind::NumberEmpty),
        ];
        for (number, fault) in wrong {
            assert_eq!(document_number(&text(number)), Err(fault), "{number}");
        }
        assert_eq!(
            document_number(&Cell::Number(110_105_491_231_002.0)),
            Err(RowFaultKind::NumberInvalid)
        );
        assert!(document_number(&text("E12345678")).is_ok());
    }

    #[test]
    fn blanks_inside_han_names_go_and_inside_latin_names_stay() {
        let read =
            |given: &str| name(&text(given)).map(|(name, notes)| (name.as_str().to_owned(), notes));
        let dropped = vec![RowNoteKind::NameBlanksDropped];
        assert_eq!(read("丁　一"), Ok(("丁一".to_owned(), dropped.clone())));
        assert_eq!(read(" 丁  一 "), Ok(("丁一".to_owned(), dropped)));
        assert_eq!(
            read("Anna Beispiel"),
            Ok(("Anna Beispiel".to_owned(), Vec::new()))
        );
        assert_eq!(
            read("阿依\u{B7}样本"),
            Ok(("阿依\u{B7}样本".to_owned(), Vec::new()))
        );
        assert_eq!(
            read("样\u{E863}"),
            Ok(("样\u{E863}".to_owned(), vec![RowNoteKind::NamePrivateUse]))
        );
    }

    #[test]
    fn a_name_that_lost_a_character_is_refused() {
        for damaged in ["样?", "样？", "样\u{FFFD}", "样&#8226;本", "样□"] {
            assert_eq!(
                name(&text(damaged)).err(),
                Some(RowFaultKind::NameDamaged),
                "{damaged}"
            );
        }
        assert_eq!(
            name(&Cell::Number(3.0)).err(),
            Some(RowFaultKind::NameInvalid)
        );
    }

    #[test]
    fn sexes() {
        for (given, expected) in [
            ("男", Sex::Male),
            ("Ｆ", Sex::Female),
            ("1", Sex::Male),
            (" 女性 ", Sex::Female),
        ] {
            assert_eq!(sex(&text(given)), Ok(Some(expected)));
        }
        assert_eq!(sex(&Cell::Number(2.0)), Ok(Some(Sex::Female)));
        assert_eq!(sex(&text("9")), Err(RowNoteKind::SexUnknown));
        assert_eq!(sex(&Cell::Empty), Ok(None));
    }
}
