//! Numbers and names of people: parsed once, never printed.

use crate::time::Date;
use std::fmt;

/// `Debug` of personal data prints the type's name and nothing else.
macro_rules! redacted {
    ($($type:ident),+) => {$(
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($type))
            }
        }
    )+};
}
pub(crate) use redacted;

/// Sex as GB/T 2261.1 codes it on identity documents.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sex {
    /// 男, code 1.
    Male,
    /// 女, code 2.
    Female,
}

/// Why a text cannot be a student number or a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TextFault {
    /// Nothing but white space.
    #[error("it is empty")]
    Empty,
    /// Longer than the limit of its kind.
    #[error("it is too long")]
    TooLong,
    /// Control characters, or characters its kind does not allow.
    #[error("it holds a character that does not belong there")]
    Character,
}

/// A student's number at the school (学号): 1 to 32 letters, digits, `-`, `_` or `.`.
///
/// The set is narrow on purpose: the number becomes a file name in the delivery
/// package, and two numbers must never fall together there (hazard H22).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StudentNumber(String);

impl StudentNumber {
    /// Reads a student number; surrounding white space is dropped, full-width
    /// digits and letters become plain ones.
    ///
    /// # Errors
    /// [`TextFault`] when the text is empty, too long or holds other characters.
    pub fn parse(text: &str) -> Result<Self, TextFault> {
        let text: String = text.trim().chars().map(narrow).collect();
        if text.is_empty() {
            return Err(TextFault::Empty);
        }
        if text.len() > 32 {
            return Err(TextFault::TooLong);
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if !text.chars().all(allowed) || text.starts_with('.') {
            return Err(TextFault::Character);
        }
        Ok(Self(text))
    }

    /// The number as text, for the roster's screens and the delivery package only.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// All but the last four characters hidden.
    #[must_use]
    pub fn masked(&self) -> String {
        mask(&self.0)
    }
}

/// A person's name as a document or the roster spells it (1 to 100 characters).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PersonName(String);

impl PersonName {
    /// Reads a name; surrounding white space is dropped, nothing else is changed.
    ///
    /// # Errors
    /// [`TextFault`] when it is empty, longer than 100 characters or holds control characters.
    pub fn parse(text: &str) -> Result<Self, TextFault> {
        let text = text.trim();
        if text.is_empty() {
            return Err(TextFault::Empty);
        }
        if text.chars().count() > 100 {
            return Err(TextFault::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(TextFault::Character);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The collection code (图像采集码): an opaque token, one per enrolment.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CollectionCode(String);

impl CollectionCode {
    /// Keeps the code as it is; it must be 1 to 4096 printable characters.
    ///
    /// # Errors
    /// [`TextFault`] otherwise.
    pub fn parse(text: &str) -> Result<Self, TextFault> {
        let text = text.trim();
        match text.chars().count() {
            0 => Err(TextFault::Empty),
            1..=4096 if !text.chars().any(char::is_control) => Ok(Self(text.to_owned())),
            1..=4096 => Err(TextFault::Character),
            _ => Err(TextFault::TooLong),
        }
    }

    /// The code as it was read.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is not a citizen identity number.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum IdNumberFault {
    /// Not 18 characters.
    #[error("an identity number has 18 characters")]
    Length,
    /// Something else than 17 digits and a digit or X.
    #[error("an identity number is 17 digits and a digit or X")]
    Character,
    /// The first two digits are no province, region or foreigner prefix.
    #[error("the first two digits name no known region")]
    Region,
    /// Digits 7 to 14 are no day of the calendar.
    #[error("the birth date inside the number does not exist")]
    Birth,
    /// ISO 7064 MOD 11-2 does not come out.
    #[error("the check digit does not fit the other digits")]
    CheckDigit,
}

/// A citizen identity number (公民身份号码, GB 11643): 18 characters, checked.
///
/// Residents, Hong Kong/Macao/Taiwan residence permits (81, 82, 83) and the
/// foreigners' card of 2023 (leading 9) share the form and the check digit
/// (`facts/cards.md` 1.2, `facts/photo-and-roster.md` section 3).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IdNumber(String);

/// Weights of ISO 7064 MOD 11-2 as GB 11643 prints them.
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_CHARACTERS: &[u8; 11] = b"10X98765432";

impl IdNumber {
    /// Reads and checks a number. White space around and between is dropped,
    /// full-width characters become plain, `x` becomes `X`.
    ///
    /// # Errors
    /// [`IdNumberFault`] names the first rule that does not hold.
    pub fn parse(text: &str) -> Result<Self, IdNumberFault> {
        let text: String = text
            .chars()
            .map(narrow)
            .filter(|c| !c.is_whitespace())
            .map(|c| c.to_ascii_uppercase())
            .collect();
        if text.chars().count() != 18 {
            return Err(IdNumberFault::Length);
        }
        let (body, check) = text.as_bytes().split_at(17.min(text.len()));
        let digits = body.iter().all(u8::is_ascii_digit);
        if !digits || check.len() != 1 || !(check[0].is_ascii_digit() || check[0] == b'X') {
            return Err(IdNumberFault::Character);
        }
        if !is_region(&text[..2]) {
            return Err(IdNumberFault::Region);
        }
        let sum: u32 = body
            .iter()
            .zip(WEIGHTS)
            .map(|(digit, weight)| u32::from(digit - b'0') * weight)
            .sum();
        if CHECK_CHARACTERS[(sum % 11) as usize] != check[0] {
            return Err(IdNumberFault::CheckDigit);
        }
        if Date::parse_compact(&text[6..14]).is_none() {
            return Err(IdNumberFault::Birth);
        }
        Ok(Self(text))
    }

    /// The 18 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// All but the last four characters hidden.
    #[must_use]
    pub fn masked(&self) -> String {
        mask(&self.0)
    }

    /// The birth date inside the number.
    #[must_use]
    pub fn birth(&self) -> Option<Date> {
        Date::parse_compact(&self.0[6..14])
    }

    /// The sex that the sequence number's parity says (odd: male).
    #[must_use]
    pub fn sex(&self) -> Sex {
        if self.0.as_bytes()[16] % 2 == 1 {
            Sex::Male
        } else {
            Sex::Female
        }
    }
}

/// The number a roster entry is found by: a citizen number, or the number of
/// another document (passport, the foreigners' card of 2017).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DocumentNumber {
    /// 18 characters, checked.
    Citizen(IdNumber),
    /// 5 to 20 letters and digits that begin with a letter.
    Other(String),
}

impl DocumentNumber {
    /// Reads a number of either kind. What begins with a digit must be a citizen number.
    ///
    /// # Errors
    /// [`IdNumberFault`] when it begins with a digit and is no valid citizen
    /// number, or is no plausible document number at all (`Character`).
    pub fn parse(text: &str) -> Result<Self, IdNumberFault> {
        let plain: String = text
            .chars()
            .map(narrow)
            .filter(|c| !c.is_whitespace())
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let letter_first = plain.starts_with(|c: char| c.is_ascii_alphabetic());
        if !letter_first {
            return IdNumber::parse(&plain).map(Self::Citizen);
        }
        if !plain.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(IdNumberFault::Character);
        }
        if (5..=20).contains(&plain.len()) {
            Ok(Self::Other(plain))
        } else {
            Err(IdNumberFault::Length)
        }
    }

    /// The number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Citizen(number) => number.as_str(),
            Self::Other(number) => number,
        }
    }

    /// All but the last four characters hidden.
    #[must_use]
    pub fn masked(&self) -> String {
        mask(self.as_str())
    }
}

redacted!(
    StudentNumber,
    PersonName,
    CollectionCode,
    IdNumber,
    DocumentNumber
);

/// Full-width forms (U+FF01..U+FF5E) and the ideographic space become ASCII.
fn narrow(c: char) -> char {
    match u32::from(c) {
        code @ 0xFF01..=0xFF5E => char::from_u32(code - 0xFEE0).unwrap_or(c),
        0x3000 => ' ',
        _ => c,
    }
}

/// All but the last four characters hidden, and of four or fewer all: the queue can see
/// the screen.
#[must_use]
pub fn mask(text: &str) -> String {
    let length = text.chars().count();
    text.chars()
        .enumerate()
        .map(|(at, c)| {
            if length > 4 && at + 4 >= length {
                c
            } else {
                '*'
            }
        })
        .collect()
}

/// Province-level prefixes of GB/T 2260, the permits of 81, 82, 83, and the
/// foreigners' numbers that begin with 9.
fn is_region(prefix: &str) -> bool {
    const REGIONS: &str = "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 \
                           50 51 52 53 54 61 62 63 64 65 71 81 82 83";
    prefix.starts_with('9') || REGIONS.split(' ').any(|region| region == prefix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_standards_own_example_holds() {
        let number = IdNumber::parse(" 11010519491231002x ").unwrap();
        assert_eq!(number.as_str(), "11010519491231002X");
        assert_eq!(number.birth().unwrap().to_string(), "1949-12-31");
        assert_eq!(number.sex(), Sex::Female);
        assert_eq!(number.masked(), "**************002X");
    }

    #[test]
    fn each_rule_is_named() {
        assert_eq!(
            IdNumber::parse("1101051949123100"),
            Err(IdNumberFault::Length)
        );
        assert_eq!(
            IdNumber::parse("1101051949123100XX"),
            Err(IdNumberFault::Character)
        );
        assert_eq!(
            IdNumber::parse("110105194912310021"),
            Err(IdNumberFault::CheckDigit)
        );
        assert_eq!(
            IdNumber::parse("010105194912310021"),
            Err(IdNumberFault::Region)
        );
        assert_eq!(
            IdNumber::parse("身份证号码身份证号码身份证号码身份证"),
            Err(IdNumberFault::Character)
        );
    }

    #[test]
    fn full_width_digits_are_digits() {
        let wide: String = "11010519491231002X"
            .chars()
            .map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap())
            .collect();
        assert!(IdNumber::parse(&wide).is_ok());
    }

    #[test]
    fn personal_data_does_not_print() {
        let shown = format!(
            "{:?} {:?} {:?}",
            IdNumber::parse("11010519491231002X").unwrap(),
            PersonName::parse("张三").unwrap(),
            StudentNumber::parse("2022001").unwrap()
        );
        assert_eq!(shown, "IdNumber PersonName StudentNumber");
    }

    #[test]
    fn student_numbers_are_safe_file_names() {
        for bad in ["", " ", "../x", ".hidden", "a/b", "a b", "学号一", "a\u{0}"] {
            assert!(StudentNumber::parse(bad).is_err(), "{bad:?}");
        }
        assert_eq!(
            StudentNumber::parse(" ２０２２001 ").unwrap().as_str(),
            "2022001"
        );
        assert_eq!(StudentNumber::parse("2022001").unwrap().masked(), "***2001");
    }

    #[test]
    fn passports_are_numbers_of_another_kind() {
        assert!(matches!(
            DocumentNumber::parse("e12345678"),
            Ok(DocumentNumber::Other(_))
        ));
        assert!(DocumentNumber::parse("E1").is_err());
        assert!(DocumentNumber::parse("110105194912310021").is_err());
    }

    proptest! {
        /// GB 11643 detects every single wrong digit and every adjacent swap.
        #[test]
        fn one_wrong_digit_is_always_seen(sequence in 0u32..1000, at in 0usize..17, add in 1u8..10) {
            let body = format!("11010519900307{sequence:03}");
            let sum: u32 = body.bytes().zip(WEIGHTS).map(|(d, w)| u32::from(d - b'0') * w).sum();
            let good = format!("{body}{}", CHECK_CHARACTERS[(sum % 11) as usize] as char);
            prop_assert!(IdNumber::parse(&good).is_ok());
            let mut wrong = good.into_bytes();
            wrong[at] = (wrong[at] - b'0' + add) % 10 + b'0';
            prop_assert!(IdNumber::parse(std::str::from_utf8(&wrong).unwrap()).is_err());
        }

        #[test]
        fn parsing_never_panics(text in any::<String>()) {
            let _ = (IdNumber::parse(&text).is_ok(), DocumentNumber::parse(&text).is_ok(),
                StudentNumber::parse(&text).is_ok(), PersonName::parse(&text).is_ok());
        }
    }
}
