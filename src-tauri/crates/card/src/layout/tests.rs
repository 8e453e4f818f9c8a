use super::*;
use proptest::prelude::*;

const KINDS: [DocumentKind; 4] = DocumentKind::ALL;

fn day(year: u16, month: u8, day: u8) -> Date {
    Date::new(year, month, day).unwrap()
}

fn name(text: &str) -> PersonName {
    PersonName::parse(text).unwrap()
}

/// An invented document of each kind, with every field that the kind has.
fn sample(kind: DocumentKind) -> DocumentFields {
    let resident = DocumentFields {
        name: name("安娜·试验"),
        latin_name: None,
        sex: Sex::Female,
        nation: "01".into(),
        birth: day(1949, 12, 31),
        address: "北京市朝阳区试验路一号".into(),
        number: "11010519491231002X".into(),
        travel_permit: None,
        issuer: "试验市公安局".into(),
        valid_from: day(2020, 2, 29),
        valid_to: Validity::LongTerm,
    };
    let valid_to = Validity::Until(day(2035, 2, 28));
    match kind {
        DocumentKind::ResidentCard => resident,
        DocumentKind::HmtPermit => DocumentFields {
            nation: String::new(),
            number: "810000199001010010".into(),
            travel_permit: Some("H00000000".into()),
            valid_to,
            ..resident
        },
        DocumentKind::ForeignerCard2017 => DocumentFields {
            latin_name: Some(name("EXAMPLE, ANNA MARIA")),
            nation: "XXA".into(),
            address: String::new(),
            number: "XXA110049123101".into(),
            issuer: "1100".into(),
            valid_to,
            ..resident
        },
        DocumentKind::ForeignerCard2023 => DocumentFields {
            latin_name: Some(name("EXAMPLE, ANNA MARIA WITH A NAME OF 46 LETTERS")),
            nation: "XXA".into(),
            address: String::new(),
            number: "911999194912310020".into(),
            issuer: String::new(),
            valid_to,
            ..resident
        },
    }
}

fn block(kind: DocumentKind) -> [u8; 256] {
    encode(kind, &sample(kind)).unwrap()
}

fn with(kind: DocumentKind, field: Field, text: &str) -> [u8; 256] {
    let mut raw = block(kind);
    for at in spans(kind, field).flatten().step_by(2) {
        raw[at..at + 2].copy_from_slice(&[b' ', 0]);
    }
    write(&mut raw, kind, field, text).unwrap();
    raw
}

fn put(raw: &mut [u8; 256], at: usize, text: &str) {
    for (index, unit) in text.encode_utf16().enumerate() {
        raw[at + 2 * index..at + 2 * index + 2].copy_from_slice(&unit.to_le_bytes());
    }
}

/// Written by hand from the table and not by the encoder.
#[test]
fn the_published_offsets_are_read() {
    let mut raw = [0u8; 256];
    put(&mut raw, 0, "王小明");
    put(&mut raw, 30, "1");
    put(&mut raw, 32, "02");
    put(&mut raw, 36, "20040229");
    put(&mut raw, 52, "某省某市");
    put(&mut raw, 122, "110105200402290010");
    put(&mut raw, 158, "某市公安局");
    put(&mut raw, 188, "20200101");
    put(&mut raw, 204, "20400101");
    let (kind, fields) = parse(&raw).unwrap();
    assert_eq!(kind, DocumentKind::ResidentCard);
    assert_eq!(fields.name.as_str(), "王小明");
    assert_eq!((fields.sex, fields.nation.as_str()), (Sex::Male, "02"));
    assert_eq!(fields.birth, day(2004, 2, 29));
    assert_eq!(
        (fields.address.as_str(), fields.issuer.as_str()),
        ("某省某市", "某市公安局")
    );
    assert_eq!(fields.number, "110105200402290010");
    assert_eq!(fields.valid_to, Validity::Until(day(2040, 1, 1)));
    assert!(fields.latin_name.is_none() && fields.travel_permit.is_none());
}

/// The same for `J`, with what is not taken over filled in.
#[test]
fn the_offsets_of_the_permit_are_read() {
    let mut raw = [0u8; 256];
    put(&mut raw, 0, "陈大文");
    put(&mut raw, 30, "1");
    put(&mut raw, 36, "20010203");
    put(&mut raw, 52, "某市某路");
    put(&mut raw, 122, "810000200102030018");
    put(&mut raw, 158, "某市公安局");
    put(&mut raw, 188, "20190101");
    put(&mut raw, 204, "20240101");
    put(&mut raw, 220, "H12345678");
    put(&mut raw, 238, "01");
    put(&mut raw, 248, "J");
    let (kind, fields) = parse(&raw).unwrap();
    assert_eq!(kind, DocumentKind::HmtPermit);
    assert_eq!(fields.number, "810000200102030018");
    assert_eq!(fields.travel_permit.as_deref(), Some("H12345678"));
    assert_eq!(fields.nation, "");
    assert_eq!(fields.valid_to, Validity::Until(day(2024, 1, 1)));
}

/// The same for `I`.
#[test]
fn the_offsets_of_the_foreigners_card_of_2017_are_read() {
    let mut raw = [0u8; 256];
    put(&mut raw, 0, "DOE, JANE");
    put(&mut raw, 120, "2");
    put(&mut raw, 122, "XXA310001020312");
    put(&mut raw, 152, "XXA");
    put(&mut raw, 158, "杜简");
    put(&mut raw, 188, "20170601");
    put(&mut raw, 204, "20270601");
    put(&mut raw, 220, "20010203");
    put(&mut raw, 236, "01");
    put(&mut raw, 240, "3100");
    put(&mut raw, 248, "I");
    let (kind, fields) = parse(&raw).unwrap();
    assert_eq!(kind, DocumentKind::ForeignerCard2017);
    assert_eq!(fields.name.as_str(), "杜简");
    assert_eq!(fields.latin_name.unwrap().as_str(), "DOE, JANE");
    assert_eq!((fields.sex, fields.nation.as_str()), (Sex::Female, "XXA"));
    assert_eq!(
        (fields.number.as_str(), fields.issuer.as_str()),
        ("XXA310001020312", "3100")
    );
    assert_eq!(fields.birth, day(2001, 2, 3));
    assert_eq!(fields.valid_from, day(2017, 6, 1));
}

/// The same for `Y`, whose Latin name goes on in a second place.
#[test]
fn the_offsets_of_the_foreigners_card_of_2023_are_read() {
    let mut raw = [0u8; 256];
    put(&mut raw, 30, "2");
    put(&mut raw, 32, "00");
    put(&mut raw, 36, "20010203");
    put(&mut raw, 52, "ABCDEFGHIJKLMNOPQRSTUVWXYZ ABCDEFG ");
    put(&mut raw, 122, "931999200102030025");
    put(&mut raw, 188, "20240101");
    put(&mut raw, 204, "20340101");
    put(&mut raw, 220, "HIJKLMN");
    put(&mut raw, 242, "XXA");
    put(&mut raw, 248, "Y");
    put(&mut raw, 250, "001");
    let (kind, fields) = parse(&raw).unwrap();
    assert_eq!(kind, DocumentKind::ForeignerCard2023);
    let whole = "ABCDEFGHIJKLMNOPQRSTUVWXYZ ABCDEFG HIJKLMN";
    assert_eq!(fields.latin_name.as_ref().unwrap().as_str(), whole);
    assert_eq!(fields.name.as_str(), whole, "without a Chinese name");
    assert_eq!(
        (fields.number.as_str(), fields.nation.as_str()),
        ("931999200102030025", "XXA")
    );
    assert_eq!(fields.valid_to, Validity::Until(day(2034, 1, 1)));
}

#[test]
fn each_broken_field_is_named() {
    use DocumentKind::{ForeignerCard2017, ForeignerCard2023, HmtPermit, ResidentCard};
    let cases = [
        (ResidentCard, Field::Name, ""),
        (ResidentCard, Field::Name, "安\u{1}娜"),
        (ResidentCard, Field::Sex, "0"),
        (ResidentCard, Field::Sex, " "),
        (ResidentCard, Field::Nation, "1"),
        (ResidentCard, Field::Nation, "汉族"),
        (ResidentCard, Field::Birth, "20230230"),
        (ResidentCard, Field::Birth, "2023 101"),
        (ResidentCard, Field::Address, "路\n号"),
        (ResidentCard, Field::Number, "11010519491231002"),
        (ResidentCard, Field::Number, "1101051949123100 X"),
        (ResidentCard, Field::Number, ""),
        (ResidentCard, Field::ValidFrom, "00000000"),
        (ResidentCard, Field::ValidTo, "长"),
        (ResidentCard, Field::ValidTo, ""),
        (HmtPermit, Field::Name, ""),
        (HmtPermit, Field::TravelPermit, "H1234-678"),
        (HmtPermit, Field::ValidTo, "长期"),
        (HmtPermit, Field::Number, "81000019900101001"),
        (ForeignerCard2017, Field::LatinName, ""),
        (ForeignerCard2017, Field::LatinName, "ÉVA"),
        (ForeignerCard2017, Field::Name, "安\u{1}娜"),
        (ForeignerCard2017, Field::Nation, "XX"),
        (ForeignerCard2017, Field::Nation, "xxa"),
        (ForeignerCard2017, Field::Number, "XXA11004912310"),
        (ForeignerCard2017, Field::ValidTo, "长期"),
        (ForeignerCard2017, Field::Birth, ""),
        (ForeignerCard2023, Field::LatinName, ""),
        (ForeignerCard2023, Field::Nation, "123"),
        (ForeignerCard2023, Field::Number, "91199919491231002"),
        (ForeignerCard2023, Field::Sex, "M"),
    ];
    for (kind, field, text) in cases {
        let fault = parse(&with(kind, field, text));
        assert_eq!(
            fault,
            Err(LayoutFault::Field(field)),
            "{kind:?} {field} {text:?}"
        );
    }
}

#[test]
fn dates_stand_in_their_order() {
    for kind in KINDS {
        let over = with(kind, Field::ValidTo, "20200228");
        assert_eq!(parse(&over), Err(LayoutFault::Order), "{kind:?}");
        let unborn = with(kind, Field::Birth, "20200301");
        assert_eq!(parse(&unborn), Err(LayoutFault::Order), "{kind:?}");
        let same_day = with(kind, Field::ValidTo, "20200229");
        assert!(parse(&same_day).is_ok(), "{kind:?}");
    }
}

#[test]
fn half_a_surrogate_pair_is_no_text() {
    for kind in KINDS {
        let mut raw = block(kind);
        let at = spans(kind, Field::Name).next().unwrap().start;
        raw[at..at + 2].copy_from_slice(&0xD800u16.to_le_bytes());
        assert_eq!(parse(&raw), Err(LayoutFault::Field(Field::Name)));
    }
}

#[test]
fn names_beyond_the_basic_plane_survive() {
    let kind = DocumentKind::ResidentCard;
    let fields = DocumentFields {
        name: name("𠮷田𬎆"),
        ..sample(kind)
    };
    let raw = encode(kind, &fields).unwrap();
    assert!(parse(&raw).is_ok_and(|(_, back)| back == fields));
}

#[test]
fn an_unknown_kind_is_refused_by_name_before_anything_is_read() {
    let cases = [('证', "8BC1"), ('W', "W (0057)"), ('\u{1}', "0001")];
    for (flag, shown) in cases {
        let mut raw = with(DocumentKind::ResidentCard, Field::Sex, "9");
        let unit = u16::try_from(u32::from(flag)).unwrap();
        raw[248..250].copy_from_slice(&unit.to_le_bytes());
        assert_eq!(parse(&raw), Err(LayoutFault::Kind(TypeFlag(unit))));
        assert_eq!(TypeFlag(unit).to_string(), shown);
    }
}

/// The tables of two kinds are never mixed: under another flag the same bytes are
/// refused, or are what the other table says, not what they were.
#[test]
fn the_flag_alone_decides_the_table() {
    for kind in KINDS {
        for flag in KINDS.into_iter().filter(|flag| *flag != kind) {
            let mut raw = block(kind);
            raw[248] = flag_of(flag);
            if let Ok((read_as, _)) = parse(&raw) {
                assert_eq!(read_as, flag);
                assert_eq!(
                    (kind, flag),
                    (DocumentKind::HmtPermit, DocumentKind::HmtPermit)
                );
            }
        }
    }
}

#[test]
fn what_is_not_taken_over_is_tolerated() {
    for kind in KINDS {
        let mut raw = block(kind);
        let taken = |at: usize| places(kind).iter().any(|(_, span)| span.contains(&at));
        for at in (0..256).filter(|at| !taken(*at) && !TYPE_FLAG.contains(at)) {
            raw[at] = 0xA5;
        }
        assert!(
            parse(&raw).is_ok_and(|read| read == (kind, sample(kind))),
            "{kind:?}"
        );
    }
}

#[test]
fn no_byte_belongs_to_two_fields() {
    for kind in KINDS {
        let mut bytes = vec![0; 256];
        for (_, span) in places(kind) {
            span.clone().for_each(|at| bytes[at] += 1);
        }
        TYPE_FLAG.for_each(|at| bytes[at] += 1);
        assert!(bytes.iter().all(|fields| *fields <= 1), "{kind:?}");
    }
}

#[test]
fn what_does_not_fit_is_not_cut() {
    let kind = DocumentKind::ResidentCard;
    let long = DocumentFields {
        issuer: "局".repeat(16),
        ..sample(kind)
    };
    assert_eq!(
        encode(kind, &long),
        Err(EncodeFault::TooLong(Field::Issuer))
    );
    let padded = DocumentFields {
        issuer: " 局".into(),
        ..sample(kind)
    };
    assert_eq!(encode(kind, &padded), Err(EncodeFault::Differs));
    let foreign = sample(DocumentKind::ForeignerCard2023);
    assert_eq!(
        encode(kind, &foreign),
        Err(EncodeFault::NoField(Field::LatinName))
    );
}

#[test]
fn faults_tell_no_data() {
    let kind = DocumentKind::ResidentCard;
    let fault = parse(&with(kind, Field::Number, "11010519491231")).unwrap_err();
    let told = format!("{fault} {fault:?} {:?}", sample(kind));
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
    fn any_document()(
        kind in prop::sample::select(&KINDS[..]),
        chinese in "[\u{4e00}-\u{9fff}·A-Z]{1,15}",
        nameless in any::<bool>(),
        latin in "[A-Z]([A-Z ,.'-]{0,44}[A-Z])?",
        male in any::<bool>(),
        digits in "[0-9]{2}",
        letters in "[A-Z]{3}",
        dates in prop::array::uniform3(any_date()),
        address in "[\u{4e00}-\u{9fff}0-9]{0,35}",
        number in "[0-9]{17}[0-9X]",
        issuer in "[\u{4e00}-\u{9fff}]{0,15}",
        permit in prop::option::of("[A-Z]?[0-9]{8}"),
        endless in any::<bool>(),
    ) -> (DocumentKind, DocumentFields) {
        let mut dates = dates;
        dates.sort();
        let [birth, valid_from, last] = dates;
        let latin_name = is_foreign(kind).then(|| name(&latin));
        let fields = DocumentFields {
            name: match &latin_name {
                Some(latin) if nameless => latin.clone(),
                Some(_) | None => name(&chinese),
            },
            latin_name,
            sex: if male { Sex::Male } else { Sex::Female },
            nation: match kind {
                DocumentKind::ResidentCard => digits,
                DocumentKind::HmtPermit => String::new(),
                DocumentKind::ForeignerCard2017 | DocumentKind::ForeignerCard2023 => letters,
            },
            birth,
            address: if is_foreign(kind) { String::new() } else { address },
            number: match kind {
                DocumentKind::ForeignerCard2017 => format!("XXA{}", &number[..12]),
                DocumentKind::ResidentCard
                | DocumentKind::HmtPermit
                | DocumentKind::ForeignerCard2023 => number,
            },
            travel_permit: permit.filter(|_| kind == DocumentKind::HmtPermit),
            issuer: match kind {
                DocumentKind::ForeignerCard2017 => issuer.chars().take(4).collect(),
                DocumentKind::ForeignerCard2023 => String::new(),
                DocumentKind::ResidentCard | DocumentKind::HmtPermit => issuer,
            },
            valid_from,
            valid_to: if endless && kind == DocumentKind::ResidentCard {
                Validity::LongTerm
            } else {
                Validity::Until(last)
            },
        };
        (kind, fields)
    }
}

/// The field that holds this byte.
fn field_at(kind: DocumentKind, at: usize) -> Option<Field> {
    let mut found = places(kind).iter();
    let place = found.find(|(_, span)| span.contains(&at));
    place.map(|(field, _)| *field)
}

/// The fields in which two documents differ, the name that is only the Latin one
/// counting as that.
fn differences(one: &DocumentFields, other: &DocumentFields) -> Vec<Field> {
    let nameless = |fields: &DocumentFields| fields.latin_name.as_ref() == Some(&fields.name);
    let name_differs = one.name != other.name && !(nameless(one) && nameless(other));
    let all = [
        (Field::Name, name_differs),
        (Field::LatinName, one.latin_name != other.latin_name),
        (Field::Sex, one.sex != other.sex),
        (Field::Nation, one.nation != other.nation),
        (Field::Birth, one.birth != other.birth),
        (Field::Address, one.address != other.address),
        (Field::Number, one.number != other.number),
        (Field::Issuer, one.issuer != other.issuer),
        (Field::ValidFrom, one.valid_from != other.valid_from),
        (Field::ValidTo, one.valid_to != other.valid_to),
        (
            Field::TravelPermit,
            one.travel_permit != other.travel_permit,
        ),
    ];
    let differ = all.into_iter().filter(|(_, differs)| *differs);
    differ.map(|(field, _)| field).collect()
}

/// What one changed byte of a good block does: nothing, a refusal, another document
/// of another kind where the flag was hit, or a change of the one field it lies in.
fn assert_contained(
    kind: DocumentKind,
    before: &DocumentFields,
    raw: &[u8; 256],
    at: usize,
    bits: u8,
) {
    let mut damaged = *raw;
    damaged[at] ^= bits;
    let Ok((read_as, after)) = parse(&damaged) else {
        return;
    };
    if TYPE_FLAG.contains(&at) {
        assert!(read_as != kind || after == *before);
        return;
    }
    assert_eq!(read_as, kind);
    let reached = differences(before, &after);
    let allowed: Vec<_> = field_at(kind, at).into_iter().collect();
    assert!(
        reached.is_empty() || reached == allowed,
        "{kind:?}: byte {at} reached {reached:?}"
    );
}

/// All of them: 4 kinds, 256 bytes, 255 changes.
#[test]
fn every_damaged_byte_stays_in_its_field() {
    for kind in KINDS {
        let (raw, fields) = (block(kind), sample(kind));
        for at in 0..256 {
            for bits in 1..=255 {
                assert_contained(kind, &fields, &raw, at, bits);
            }
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read((kind, fields) in any_document()) {
        let raw = encode(kind, &fields).unwrap();
        prop_assert!(parse(&raw).is_ok_and(|read| read == (kind, fields)));
    }

    #[test]
    fn damage_of_any_document_stays_in_its_field(
        (kind, fields) in any_document(), at in 0usize..256, bits in 1u8..=255
    ) {
        assert_contained(kind, &fields, &encode(kind, &fields).unwrap(), at, bits);
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 256), flag in 0u8..6) {
        let mut raw: [u8; 256] = bytes.try_into().unwrap();
        if let Some(kind) = KINDS.get(usize::from(flag)) {
            raw[248..250].copy_from_slice(&[flag_of(*kind), 0]);
        }
        let _ = parse(&raw).is_ok();
    }
}
