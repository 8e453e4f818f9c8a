//! The text block of a Chinese identity document: 256 bytes of UTF-16, little endian.
//!
//! One reader with a security module reads four documents; which one lies there is
//! told by the type flag, which stands at 248..250 in all of them.
//!
//! | | resident card, blank | permit of Hong Kong, Macao and Taiwan, `J` | foreigner 2017, `I` | foreigner 2023, `Y` |
//! |---|---|---|---|---|
//! | name | 0..30 | 0..30 | 158..188, may be blank | 0..30, may be blank |
//! | Latin name | | | 0..120 | 52..122 and 220..242 |
//! | sex, 1 男 or 2 女 | 30..32 | 30..32 | 120..122 | 30..32 |
//! | nation | 32..36, GB/T 3304 | | 152..158, three letters | 242..248, three letters |
//! | birth, `YYYYMMDD` | 36..52 | 36..52 | 220..236 | 36..52 |
//! | address | 52..122 | 52..122 | | |
//! | number | 122..158, 18 | 122..158, 18 | 122..152, 15 | 122..158, 18 |
//! | issuing authority | 158..188 | 158..188 | 240..248, a code | |
//! | valid from, `YYYYMMDD` | 188..204 | 188..204 | 188..204 | 188..204 |
//! | valid to, `YYYYMMDD` | 204..220, or 长期 | 204..220 | 204..220 | 204..220 |
//! | travel permit, up to 9 | | 220..238 | | |
//! | not taken over | | issue count 238..242 | version 236..240 | renewals 32..36, link to the old number 250..256 |
//!
//! **How sure the offsets are.** The resident card: GA/T 490 as published, and many
//! programs. `I`: two readers' manuals and a program that agree. `J` and `Y`: the code of two
//! vendors' samples, which may have copied from each other; no published table. What
//! a wrong table would do: fields that fail their own rules, and so a refusal.
//!
//! **What is checked where.** Here: text, dates and their order, the form of each
//! field. In the rules, with refusals of their own: check digit, and birth and sex
//! against the number. Resident card, `J` and `Y` carry an 18-character number of one national
//! standard that holds both, so both are checked. The number of `I` (three letters, twelve
//! digits) has another check digit, which no source publishes, no sex, and a birth of two-digit
//! years that one program alone vouches for: only its form is checked.
//!
//! Reserved bytes are **tolerated**, whatever they hold: the standard calls them
//! reserved, not blank, and no source says what issuers put there. Refusing them could shut
//! out real cards and protects nobody: no field is taken from them, a new layout
//! announces itself by its flag, and they count when two reads are compared.
//!
//! Blank is U+0020 or U+0000: both are met as padding.

use crate::page::TEXT_BYTES;
use booth::{Date, DocumentFields, DocumentKind, PersonName, Sex, Validity};
use std::fmt;
use std::ops::Range;

/// A field of a layout.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Field {
    /// 姓名
    Name,
    /// 英文姓名
    LatinName,
    /// 性别
    Sex,
    /// 民族, or the nationality of a foreigner
    Nation,
    /// 出生
    Birth,
    /// 住址
    Address,
    /// 公民身份号码, or the number of the card
    Number,
    /// 签发机关
    Issuer,
    /// 有效期起始
    ValidFrom,
    /// 有效期截止
    ValidTo,
    /// 通行证号码
    TravelPermit,
}

/// Where a field stands. One that is listed twice goes on in the second place.
type Place = (Field, Range<usize>);

const RESIDENT: &[Place] = &[
    (Field::Name, 0..30),
    (Field::Sex, 30..32),
    (Field::Nation, 32..36),
    (Field::Birth, 36..52),
    (Field::Address, 52..122),
    (Field::Number, 122..158),
    (Field::Issuer, 158..188),
    (Field::ValidFrom, 188..204),
    (Field::ValidTo, 204..220),
];

const HMT_PERMIT: &[Place] = &[
    (Field::Name, 0..30),
    (Field::Sex, 30..32),
    (Field::Birth, 36..52),
    (Field::Address, 52..122),
    (Field::Number, 122..158),
    (Field::Issuer, 158..188),
    (Field::ValidFrom, 188..204),
    (Field::ValidTo, 204..220),
    (Field::TravelPermit, 220..238),
];

const FOREIGNER_2017: &[Place] = &[
    (Field::LatinName, 0..120),
    (Field::Sex, 120..122),
    (Field::Number, 122..152),
    (Field::Nation, 152..158),
    (Field::Name, 158..188),
    (Field::ValidFrom, 188..204),
    (Field::ValidTo, 204..220),
    (Field::Birth, 220..236),
    (Field::Issuer, 240..248),
];

const FOREIGNER_2023: &[Place] = &[
    (Field::Name, 0..30),
    (Field::Sex, 30..32),
    (Field::Birth, 36..52),
    (Field::LatinName, 52..122),
    (Field::LatinName, 220..242),
    (Field::Number, 122..158),
    (Field::ValidFrom, 188..204),
    (Field::ValidTo, 204..220),
    (Field::Nation, 242..248),
];

const fn places(kind: DocumentKind) -> &'static [Place] {
    match kind {
        DocumentKind::ResidentCard => RESIDENT,
        DocumentKind::HmtPermit => HMT_PERMIT,
        DocumentKind::ForeignerCard2017 => FOREIGNER_2017,
        DocumentKind::ForeignerCard2023 => FOREIGNER_2023,
    }
}

/// The spans of a field, none where the kind has no such field.
fn spans(kind: DocumentKind, field: Field) -> impl Iterator<Item = Range<usize>> {
    let places = places(kind).iter();
    let wanted = places.filter(move |(there, _)| *there == field);
    wanted.map(|(_, span)| span.clone())
}

impl Field {
    /// Stable word: the field's key in a simulated document.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::LatinName => "latin_name",
            Self::Sex => "sex",
            Self::Nation => "nation",
            Self::Birth => "birth",
            Self::Address => "address",
            Self::Number => "number",
            Self::Issuer => "issuer",
            Self::ValidFrom => "valid_from",
            Self::ValidTo => "valid_to",
            Self::TravelPermit => "travel_permit",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

const TYPE_FLAG: Range<usize> = 248..250;
const LONG_TERM: &str = "长期";

/// A type flag that no source knows: a document of the family that came later.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TypeFlag(pub u16);

impl fmt::Display for TypeFlag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match char::from_u32(u32::from(self.0)).filter(char::is_ascii_graphic) {
            Some(letter) => write!(f, "{letter} ({:04X})", self.0),
            None => write!(f, "{:04X}", self.0),
        }
    }
}

/// Why 256 bytes are no document. Says where, never what.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LayoutFault {
    /// A type flag that no source knows.
    #[error("the document is of the unknown type {0}")]
    Kind(TypeFlag),
    /// A field is empty where it may not be, no text, or no value of its kind.
    #[error("the field {0} is not valid")]
    Field(Field),
    /// The validity ends before it begins, or begins before the birth.
    #[error("the dates are not in their order")]
    Order,
}

/// Why fields cannot be written in a layout.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EncodeFault {
    /// More UTF-16 units than the field has room for.
    #[error("the field {0} is too long for the card")]
    TooLong(Field),
    /// The kind has no such field.
    #[error("a document of this kind has no field {0}")]
    NoField(Field),
    /// What was written does not read back as what was meant.
    #[error("the fields do not make a document: {0}")]
    Layout(#[from] LayoutFault),
    /// It reads back, but differently: white space at an end.
    #[error("the fields read back differently")]
    Differs,
}

/// Reads the text block of a document of any known kind.
///
/// The number is taken as it stands, in the length of its kind; whether its form and
/// check digit hold is for the rules to say, with refusals of their own.
///
/// # Errors
/// [`LayoutFault`]: the kind is looked at first, then the fields.
pub fn parse(raw: &[u8; TEXT_BYTES]) -> Result<(DocumentKind, DocumentFields), LayoutFault> {
    let kind = kind_of(raw)?;
    let block = Block { raw, kind };
    let (name, latin_name) = block.names()?;
    let sex = match block.text(Field::Sex)?.as_str() {
        "1" => Sex::Male,
        "2" => Sex::Female,
        _ => return Err(LayoutFault::Field(Field::Sex)),
    };
    let nation = block.nation()?;
    let birth = block.date(Field::Birth)?;
    let address = block.text(Field::Address)?;
    let number = block.number()?;
    let issuer = block.text(Field::Issuer)?;
    let valid_from = block.date(Field::ValidFrom)?;
    let valid_to = block.valid_to()?;
    let travel_permit = block.travel_permit()?;
    let ends_early = matches!(valid_to, Validity::Until(last) if last < valid_from);
    if ends_early || valid_from < birth {
        return Err(LayoutFault::Order);
    }
    let fields = DocumentFields {
        name,
        latin_name,
        sex,
        nation,
        birth,
        address,
        number,
        travel_permit,
        issuer,
        valid_from,
        valid_to,
    };
    Ok((kind, fields))
}

fn kind_of(raw: &[u8; TEXT_BYTES]) -> Result<DocumentKind, LayoutFault> {
    match u16::from_le_bytes([raw[TYPE_FLAG.start], raw[TYPE_FLAG.start + 1]]) {
        0x0000 | 0x0020 => Ok(DocumentKind::ResidentCard),
        0x004A => Ok(DocumentKind::HmtPermit),
        0x0049 => Ok(DocumentKind::ForeignerCard2017),
        0x0059 => Ok(DocumentKind::ForeignerCard2023),
        other => Err(LayoutFault::Kind(TypeFlag(other))),
    }
}

const fn flag_of(kind: DocumentKind) -> u8 {
    match kind {
        DocumentKind::ResidentCard => b' ',
        DocumentKind::HmtPermit => b'J',
        DocumentKind::ForeignerCard2017 => b'I',
        DocumentKind::ForeignerCard2023 => b'Y',
    }
}

const fn is_foreign(kind: DocumentKind) -> bool {
    match kind {
        DocumentKind::ResidentCard | DocumentKind::HmtPermit => false,
        DocumentKind::ForeignerCard2017 | DocumentKind::ForeignerCard2023 => true,
    }
}

/// The bytes and the table to read them with.
struct Block<'a> {
    raw: &'a [u8; TEXT_BYTES],
    kind: DocumentKind,
}

impl Block<'_> {
    /// The text of a field without its padding; no control characters, no half of a
    /// surrogate pair. Empty where the kind has no such field.
    fn text(&self, field: Field) -> Result<String, LayoutFault> {
        let fault = LayoutFault::Field(field);
        let units = spans(self.kind, field).flat_map(|span| {
            let pairs = self.raw[span].chunks_exact(2);
            pairs.map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        });
        let text: String = char::decode_utf16(units)
            .collect::<Result<_, _>>()
            .map_err(|_| fault)?;
        let text = text.trim_matches([' ', '\0']);
        if text.chars().any(char::is_control) {
            return Err(fault);
        }
        Ok(text.to_owned())
    }

    fn name(&self, field: Field) -> Result<PersonName, LayoutFault> {
        PersonName::parse(&self.text(field)?).map_err(|_| LayoutFault::Field(field))
    }

    /// The name, and the Latin one where the kind has it. A foreigner need not have a
    /// Chinese name: then the Latin one is the name.
    fn names(&self) -> Result<(PersonName, Option<PersonName>), LayoutFault> {
        if !is_foreign(self.kind) {
            return Ok((self.name(Field::Name)?, None));
        }
        let latin = self.name(Field::LatinName)?;
        let plain = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
        if !latin.as_str().bytes().all(plain) {
            return Err(LayoutFault::Field(Field::LatinName));
        }
        if self.text(Field::Name)?.is_empty() {
            return Ok((latin.clone(), Some(latin)));
        }
        Ok((self.name(Field::Name)?, Some(latin)))
    }

    fn nation(&self) -> Result<String, LayoutFault> {
        let nation = self.text(Field::Nation)?;
        let holds = match self.kind {
            DocumentKind::ResidentCard => is_all(&nation, 2, u8::is_ascii_digit),
            DocumentKind::HmtPermit => true,
            DocumentKind::ForeignerCard2017 | DocumentKind::ForeignerCard2023 => {
                is_all(&nation, 3, u8::is_ascii_uppercase)
            }
        };
        if holds {
            Ok(nation)
        } else {
            Err(LayoutFault::Field(Field::Nation))
        }
    }

    fn number(&self) -> Result<String, LayoutFault> {
        let number = self.text(Field::Number)?;
        let length = match self.kind {
            DocumentKind::ForeignerCard2017 => 15,
            DocumentKind::ResidentCard
            | DocumentKind::HmtPermit
            | DocumentKind::ForeignerCard2023 => 18,
        };
        if is_all(&number, length, u8::is_ascii_graphic) {
            Ok(number)
        } else {
            Err(LayoutFault::Field(Field::Number))
        }
    }

    fn date(&self, field: Field) -> Result<Date, LayoutFault> {
        Date::parse_compact(&self.text(field)?).ok_or(LayoutFault::Field(field))
    }

    /// Only the resident card is ever valid without end.
    fn valid_to(&self) -> Result<Validity, LayoutFault> {
        let endless = self.text(Field::ValidTo)? == LONG_TERM;
        if endless && self.kind == DocumentKind::ResidentCard {
            return Ok(Validity::LongTerm);
        }
        Ok(Validity::Until(self.date(Field::ValidTo)?))
    }

    /// Letters and digits where it is there at all: the kind's source does not say
    /// that it must be.
    fn travel_permit(&self) -> Result<Option<String>, LayoutFault> {
        let permit = self.text(Field::TravelPermit)?;
        if permit.is_empty() {
            return Ok(None);
        }
        if permit.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            Ok(Some(permit))
        } else {
            Err(LayoutFault::Field(Field::TravelPermit))
        }
    }
}

fn is_all(text: &str, length: usize, holds: fn(&u8) -> bool) -> bool {
    text.len() == length && text.as_bytes().iter().all(holds)
}

/// Writes fields as the text block of a resident card, as [`encode`] does.
///
/// # Errors
/// [`EncodeFault`] when the layout cannot hold them.
pub fn encode_resident(fields: &DocumentFields) -> Result<[u8; TEXT_BYTES], EncodeFault> {
    encode(DocumentKind::ResidentCard, fields)
}

/// Writes fields as the text block of a document: for simulated and virtual cards and
/// for tests. What it returns reads back as exactly these fields.
///
/// # Errors
/// [`EncodeFault`] when the layout cannot hold them.
pub fn encode(
    kind: DocumentKind,
    fields: &DocumentFields,
) -> Result<[u8; TEXT_BYTES], EncodeFault> {
    let mut raw = [0; TEXT_BYTES];
    for pair in raw.chunks_exact_mut(2) {
        pair[0] = b' ';
    }
    raw[TYPE_FLAG.start] = flag_of(kind);
    let sex = match fields.sex {
        Sex::Male => "1",
        Sex::Female => "2",
    };
    let valid_to = match fields.valid_to {
        Validity::Until(last) => compact(last),
        Validity::LongTerm => LONG_TERM.to_owned(),
    };
    let latin = fields.latin_name.as_ref().map(PersonName::as_str);
    // A name that is the Latin one stands there alone.
    let name = Some(fields.name.as_str()).filter(|name| latin != Some(name));
    let all = [
        (Field::Name, name.unwrap_or_default()),
        (Field::LatinName, latin.unwrap_or_default()),
        (Field::Sex, sex),
        (Field::Nation, &fields.nation),
        (Field::Birth, &compact(fields.birth)),
        (Field::Address, &fields.address),
        (Field::Number, &fields.number),
        (Field::Issuer, &fields.issuer),
        (Field::ValidFrom, &compact(fields.valid_from)),
        (Field::ValidTo, &valid_to),
        (
            Field::TravelPermit,
            fields.travel_permit.as_deref().unwrap_or_default(),
        ),
    ];
    for (field, text) in all {
        write(&mut raw, kind, field, text)?;
    }
    let (read_kind, read) = parse(&raw)?;
    if read_kind == kind && read == *fields {
        Ok(raw)
    } else {
        Err(EncodeFault::Differs)
    }
}

fn write(
    raw: &mut [u8; TEXT_BYTES],
    kind: DocumentKind,
    field: Field,
    text: &str,
) -> Result<(), EncodeFault> {
    if spans(kind, field).next().is_none() && !text.is_empty() {
        return Err(EncodeFault::NoField(field));
    }
    let mut room = spans(kind, field).flatten().step_by(2);
    for unit in text.encode_utf16() {
        let at = room.next().ok_or(EncodeFault::TooLong(field))?;
        raw[at..at + 2].copy_from_slice(&unit.to_le_bytes());
    }
    Ok(())
}

fn compact(date: Date) -> String {
    let (year, month, day) = date.parts();
    format!("{year:04}{month:02}{day:02}")
}

#[cfg(test)]
#[path = "layout/tests.rs"]
mod tests;
