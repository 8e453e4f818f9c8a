//! The text block of a Chinese identity document: 256 bytes of UTF-16, little endian.
//!
//! | resident card (type flag blank) | bytes |
//! |---|---|
//! | name | 0..30 |
//! | sex, 1 男 or 2 女 | 30..32 |
//! | nation, GB/T 3304, two digits | 32..36 |
//! | birth, `YYYYMMDD` | 36..52 |
//! | address | 52..122 |
//! | number, 18 characters | 122..158 |
//! | issuing authority | 158..188 |
//! | valid from, `YYYYMMDD` | 188..204 |
//! | valid to, `YYYYMMDD` or 长期 | 204..220 |
//! | reserved | 220..248 |
//! | type flag | 248..250 |
//! | reserved | 250..256 |
//!
//! From GA/T 490 as published. The type flag stands at the same place in all four
//! layouts of the family; the other three (`J`, `I`, `Y`) put other fields at these
//! offsets and are refused by name, never read with this table.
//!
//! Reserved bytes are **tolerated**, whatever they hold: the standard calls them
//! reserved, not blank, and no source says what issuers put there. Refusing them could shut
//! out real cards and protects nobody: no field is taken from them, a new layout
//! announces itself by its flag, and they count when two reads are compared.
//!
//! Blank is U+0020 or U+0000: both are met as padding.

use crate::page::TEXT_BYTES;
use booth::{Date, DocumentFields, PersonName, Sex, Validity};
use std::fmt;
use std::ops::Range;

/// A field of the resident layout.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Field {
    /// 姓名
    Name,
    /// 性别
    Sex,
    /// 民族
    Nation,
    /// 出生
    Birth,
    /// 住址
    Address,
    /// 公民身份号码
    Number,
    /// 签发机关
    Issuer,
    /// 有效期起始
    ValidFrom,
    /// 有效期截止
    ValidTo,
}

impl Field {
    const fn range(self) -> Range<usize> {
        match self {
            Self::Name => 0..30,
            Self::Sex => 30..32,
            Self::Nation => 32..36,
            Self::Birth => 36..52,
            Self::Address => 52..122,
            Self::Number => 122..158,
            Self::Issuer => 158..188,
            Self::ValidFrom => 188..204,
            Self::ValidTo => 204..220,
        }
    }

    /// Stable word: the field's key in a simulated document.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Sex => "sex",
            Self::Nation => "nation",
            Self::Birth => "birth",
            Self::Address => "address",
            Self::Number => "number",
            Self::Issuer => "issuer",
            Self::ValidFrom => "valid_from",
            Self::ValidTo => "valid_to",
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

/// The kind of a document that is not a resident card.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TypeFlag {
    /// `J`: 港澳台居民居住证.
    ResidencePermit,
    /// `I`: 外国人永久居留身份证 of 2017.
    ForeignerOf2017,
    /// `Y`: 外国人永久居留身份证 of 2023.
    ForeignerOf2023,
    /// A UTF-16 unit that no source knows.
    Unknown(u16),
}

impl fmt::Display for TypeFlag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ResidencePermit => f.write_str("J"),
            Self::ForeignerOf2017 => f.write_str("I"),
            Self::ForeignerOf2023 => f.write_str("Y"),
            Self::Unknown(unit) => write!(f, "unknown {unit:04X}"),
        }
    }
}

/// Why 256 bytes are no resident card. Says where, never what.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LayoutFault {
    /// Another document of the family, or a new one.
    #[error("the document is of type {0} and not a resident card")]
    Kind(TypeFlag),
    /// A field is empty where it may not be, no text, or no value of its kind.
    #[error("the field {0} is not valid")]
    Field(Field),
    /// The last day of validity lies before the first.
    #[error("the validity ends before it begins")]
    Order,
}

/// Why fields cannot be written in the layout.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EncodeFault {
    /// More UTF-16 units than the field has room for.
    #[error("the field {0} is too long for the card")]
    TooLong(Field),
    /// What was written does not read back as what was meant.
    #[error("the fields do not make a document: {0}")]
    Layout(#[from] LayoutFault),
    /// It reads back, but differently: white space at an end.
    #[error("the fields read back differently")]
    Differs,
}

/// Reads the text block of a resident card.
///
/// The number is taken as it stands (18 printable ASCII characters); whether its
/// check digit holds is for the rules to say, with a refusal of its own.
///
/// # Errors
/// [`LayoutFault`]: the kind is looked at first, then the fields in their order.
pub fn parse_resident(raw: &[u8; TEXT_BYTES]) -> Result<DocumentFields, LayoutFault> {
    check_kind(raw)?;
    let name = required(raw, Field::Name)?;
    let name = PersonName::parse(&name).map_err(|_| LayoutFault::Field(Field::Name))?;
    let sex = match text(raw, Field::Sex)?.as_str() {
        "1" => Sex::Male,
        "2" => Sex::Female,
        _ => return Err(LayoutFault::Field(Field::Sex)),
    };
    let nation = text(raw, Field::Nation)?;
    if nation.len() != 2 || !nation.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(LayoutFault::Field(Field::Nation));
    }
    let birth = date(raw, Field::Birth)?;
    let address = text(raw, Field::Address)?;
    let number = text(raw, Field::Number)?;
    if number.len() != 18 || !number.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(LayoutFault::Field(Field::Number));
    }
    let issuer = text(raw, Field::Issuer)?;
    let valid_from = date(raw, Field::ValidFrom)?;
    let valid_to = if text(raw, Field::ValidTo)? == LONG_TERM {
        Validity::LongTerm
    } else {
        Validity::Until(date(raw, Field::ValidTo)?)
    };
    if matches!(valid_to, Validity::Until(last) if last < valid_from) {
        return Err(LayoutFault::Order);
    }
    Ok(DocumentFields {
        name,
        sex,
        nation,
        birth,
        address,
        number,
        issuer,
        valid_from,
        valid_to,
    })
}

fn check_kind(raw: &[u8; TEXT_BYTES]) -> Result<(), LayoutFault> {
    let unit = u16::from_le_bytes([raw[TYPE_FLAG.start], raw[TYPE_FLAG.start + 1]]);
    let kind = match unit {
        0x0000 | 0x0020 => return Ok(()),
        0x004A => TypeFlag::ResidencePermit,
        0x0049 => TypeFlag::ForeignerOf2017,
        0x0059 => TypeFlag::ForeignerOf2023,
        other => TypeFlag::Unknown(other),
    };
    Err(LayoutFault::Kind(kind))
}

/// The text of a field without its padding; no control characters, no half of a
/// surrogate pair.
fn text(raw: &[u8; TEXT_BYTES], field: Field) -> Result<String, LayoutFault> {
    let fault = LayoutFault::Field(field);
    let units = raw[field.range()]
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    let text: String = char::decode_utf16(units)
        .collect::<Result<_, _>>()
        .map_err(|_| fault)?;
    let text = text.trim_matches([' ', '\0']);
    if text.chars().any(char::is_control) {
        return Err(fault);
    }
    Ok(text.to_owned())
}

fn required(raw: &[u8; TEXT_BYTES], field: Field) -> Result<String, LayoutFault> {
    let text = text(raw, field)?;
    if text.is_empty() {
        return Err(LayoutFault::Field(field));
    }
    Ok(text)
}

fn date(raw: &[u8; TEXT_BYTES], field: Field) -> Result<Date, LayoutFault> {
    Date::parse_compact(&text(raw, field)?).ok_or(LayoutFault::Field(field))
}

/// Writes fields as the text block of a resident card: for simulated and virtual
/// cards and for tests. What it returns reads back as exactly these fields.
///
/// # Errors
/// [`EncodeFault`] when the layout cannot hold them.
pub fn encode_resident(fields: &DocumentFields) -> Result<[u8; TEXT_BYTES], EncodeFault> {
    let mut raw = [0; TEXT_BYTES];
    for pair in raw.chunks_exact_mut(2) {
        pair[0] = b' ';
    }
    let sex = match fields.sex {
        Sex::Male => "1",
        Sex::Female => "2",
    };
    let valid_to = match fields.valid_to {
        Validity::Until(last) => compact(last),
        Validity::LongTerm => LONG_TERM.to_owned(),
    };
    write(&mut raw, Field::Name, fields.name.as_str())?;
    write(&mut raw, Field::Sex, sex)?;
    write(&mut raw, Field::Nation, &fields.nation)?;
    write(&mut raw, Field::Birth, &compact(fields.birth))?;
    write(&mut raw, Field::Address, &fields.address)?;
    write(&mut raw, Field::Number, &fields.number)?;
    write(&mut raw, Field::Issuer, &fields.issuer)?;
    write(&mut raw, Field::ValidFrom, &compact(fields.valid_from))?;
    write(&mut raw, Field::ValidTo, &valid_to)?;
    if parse_resident(&raw)? == *fields {
        Ok(raw)
    } else {
        Err(EncodeFault::Differs)
    }
}

fn write(raw: &mut [u8; TEXT_BYTES], field: Field, text: &str) -> Result<(), EncodeFault> {
    let mut room = raw[field.range()].chunks_exact_mut(2);
    for unit in text.encode_utf16() {
        let pair = room.next().ok_or(EncodeFault::TooLong(field))?;
        pair.copy_from_slice(&unit.to_le_bytes());
    }
    Ok(())
}

fn compact(date: Date) -> String {
    let (year, month, day) = date.parts();
    format!("{year:04}{month:02}{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample() -> DocumentFields {
        DocumentFields {
            name: PersonName::parse("安娜·试验").unwrap(),
            sex: Sex::Female,
            nation: "01".into(),
            birth: Date::new(1949, 12, 31).unwrap(),
            address: "北京市朝阳区试验路一号".into(),
            number: "11010519491231002X".into(),
            issuer: "试验市公安局".into(),
            valid_from: Date::new(2020, 2, 29).unwrap(),
            valid_to: Validity::LongTerm,
        }
    }

    fn with(field: Field, text: &str) -> [u8; 256] {
        let mut raw = encode_resident(&sample()).unwrap();
        for pair in raw[field.range()].chunks_exact_mut(2) {
            pair.copy_from_slice(&[b' ', 0]);
        }
        write(&mut raw, field, text).unwrap();
        raw
    }

    /// Written by hand from the table and not by the encoder.
    #[test]
    fn the_published_offsets_are_read() {
        let mut raw = [0u8; 256];
        let mut put = |at: usize, text: &str| {
            for (index, unit) in text.encode_utf16().enumerate() {
                raw[at + 2 * index..at + 2 * index + 2].copy_from_slice(&unit.to_le_bytes());
            }
        };
        put(0, "王小明");
        put(30, "1");
        put(32, "02");
        put(36, "20040229");
        put(52, "某省某市");
        put(122, "110105200402290010");
        put(158, "某市公安局");
        put(188, "20200101");
        put(204, "20400101");
        let fields = parse_resident(&raw).unwrap();
        assert_eq!(fields.name.as_str(), "王小明");
        assert_eq!((fields.sex, fields.nation.as_str()), (Sex::Male, "02"));
        assert_eq!(fields.birth, Date::new(2004, 2, 29).unwrap());
        assert_eq!(
            (fields.address.as_str(), fields.issuer.as_str()),
            ("某省某市", "某市公安局")
        );
        assert_eq!(fields.number, "110105200402290010");
        assert_eq!(
            fields.valid_to,
            Validity::Until(Date::new(2040, 1, 1).unwrap())
        );
    }

    #[test]
    fn each_broken_field_is_named() {
        let cases = [
            (Field::Name, ""),
            (Field::Name, "安\u{1}娜"),
            (Field::Sex, "0"),
            (Field::Sex, " "),
            (Field::Nation, "1"),
            (Field::Nation, "汉族"),
            (Field::Birth, "20230230"),
            (Field::Birth, "2023 101"),
            (Field::Address, "路\n号"),
            (Field::Number, "11010519491231002"),
            (Field::Number, "1101051949123100 X"),
            (Field::Number, ""),
            (Field::ValidFrom, "00000000"),
            (Field::ValidTo, "长"),
            (Field::ValidTo, ""),
        ];
        for (field, text) in cases {
            let fault = parse_resident(&with(field, text));
            assert_eq!(fault, Err(LayoutFault::Field(field)), "{field} {text:?}");
        }
        let over = with(Field::ValidTo, "20200228");
        assert_eq!(parse_resident(&over), Err(LayoutFault::Order));
    }

    #[test]
    fn half_a_surrogate_pair_is_no_text() {
        let mut raw = encode_resident(&sample()).unwrap();
        raw[0..2].copy_from_slice(&0xD800u16.to_le_bytes());
        assert_eq!(parse_resident(&raw), Err(LayoutFault::Field(Field::Name)));
    }

    #[test]
    fn names_beyond_the_basic_plane_survive() {
        let fields = DocumentFields {
            name: PersonName::parse("𠮷田𬎆").unwrap(),
            ..sample()
        };
        let raw = encode_resident(&fields).unwrap();
        assert!(parse_resident(&raw).is_ok_and(|back| back == fields));
    }

    #[test]
    fn other_kinds_are_refused_by_name_before_anything_is_read() {
        let cases = [
            ('J', TypeFlag::ResidencePermit),
            ('I', TypeFlag::ForeignerOf2017),
            ('Y', TypeFlag::ForeignerOf2023),
            ('证', TypeFlag::Unknown(0x8BC1)),
        ];
        for (flag, kind) in cases {
            let mut raw = with(Field::Sex, "9");
            let unit = u16::try_from(u32::from(flag)).unwrap();
            raw[248..250].copy_from_slice(&unit.to_le_bytes());
            assert_eq!(parse_resident(&raw), Err(LayoutFault::Kind(kind)));
        }
    }

    #[test]
    fn reserved_bytes_are_tolerated() {
        let mut raw = encode_resident(&sample()).unwrap();
        raw[220..248].fill(0xA5);
        raw[250..256].fill(0xFF);
        assert!(parse_resident(&raw).is_ok_and(|fields| fields == sample()));
    }

    #[test]
    fn what_does_not_fit_is_not_cut() {
        let long = DocumentFields {
            issuer: "局".repeat(16),
            ..sample()
        };
        assert_eq!(
            encode_resident(&long),
            Err(EncodeFault::TooLong(Field::Issuer))
        );
        let padded = DocumentFields {
            issuer: " 局".into(),
            ..sample()
        };
        assert_eq!(encode_resident(&padded), Err(EncodeFault::Differs));
    }

    #[test]
    fn faults_tell_no_data() {
        let fault = parse_resident(&with(Field::Number, "11010519491231")).unwrap_err();
        let told = format!("{fault} {fault:?} {:?}", sample());
        assert_eq!(
            told,
            "the field number is not valid Field(Number) DocumentFields"
        );
    }

    prop_compose! {
        fn any_date()(year in 1900u16..2100, month in 1u8..=12, day in 1u8..=28) -> Date {
            Date::new(year, month, day).unwrap()
        }
    }

    prop_compose! {
        fn any_fields()(
            name in "[\u{4e00}-\u{9fff}·A-Z]{1,15}",
            male in any::<bool>(),
            nation in "[0-9]{2}",
            birth in any_date(),
            address in "([\u{4e00}-\u{9fff}0-9]{0,35})",
            number in "[0-9]{17}[0-9X]",
            issuer in "[\u{4e00}-\u{9fff}]{0,15}",
            one in any_date(),
            other in any_date(),
            endless in any::<bool>(),
        ) -> DocumentFields {
            DocumentFields {
                name: PersonName::parse(&name).unwrap(),
                sex: if male { Sex::Male } else { Sex::Female },
                nation,
                birth,
                address,
                number,
                issuer,
                valid_from: one.min(other),
                valid_to: if endless { Validity::LongTerm } else { Validity::Until(one.max(other)) },
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(fields in any_fields()) {
            let raw = encode_resident(&fields).unwrap();
            prop_assert!(parse_resident(&raw).is_ok_and(|back| back == fields));
        }

        #[test]
        fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 256)) {
            let raw: [u8; 256] = bytes.try_into().unwrap();
            let _ = parse_resident(&raw).is_ok();
        }

        /// Damage is seen or stays inside the field it hit.
        #[test]
        fn one_damaged_byte_reaches_one_field(at in 0usize..220, bits in 1u8..=255) {
            let mut raw = encode_resident(&sample()).unwrap();
            raw[at] ^= bits;
            if let Ok(fields) = parse_resident(&raw) {
                let same = fields == sample();
                let read = encode_resident(&fields).unwrap();
                let strayed = (0..256).filter(|byte| read[*byte] != raw[*byte]).count();
                prop_assert!(!same || strayed <= 2);
                prop_assert!(fields.number == sample().number || (122..158).contains(&at));
                prop_assert!(fields.name == sample().name || at < 30);
            }
        }
    }
}
