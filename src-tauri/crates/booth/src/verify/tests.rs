//! Documents of each kind against a roster; the way of a subject is tried in `machine`.

use super::*;
use crate::document::{DocumentFields, Nature, ReadMoments};
use crate::identity::Sex;
use crate::roster::EntryId;
use crate::time::BootId;

const RESIDENT: &str = "11010519491231002X";
const FOREIGNER_2017: &str = "XXA110049123101";

fn at(ms: u64) -> Timestamp {
    Timestamp::new(BootId([3; 16]), ms * 1_000_000)
}

fn day(year: u16, month: u8, day: u8) -> Date {
    Date::new(year, month, day).unwrap()
}

fn name(text: &str) -> PersonName {
    PersonName::parse(text).unwrap()
}

/// The 17 digits with the one check character that fits.
fn with_check(body: &str) -> String {
    let mut all = "0123456789X".chars().map(|check| format!("{body}{check}"));
    all.find(|number| IdNumber::parse(number) != Err(IdNumberFault::CheckDigit))
        .unwrap()
}

fn permit() -> String {
    with_check("81000019491231002")
}

fn foreigner() -> String {
    with_check("91199919491231002")
}

fn number_of(kind: DocumentKind) -> String {
    match kind {
        DocumentKind::ResidentCard => RESIDENT.to_owned(),
        DocumentKind::HmtPermit => permit(),
        DocumentKind::ForeignerCard2017 => FOREIGNER_2017.to_owned(),
        DocumentKind::ForeignerCard2023 => foreigner(),
    }
}

fn fields(number: &str) -> DocumentFields {
    DocumentFields {
        name: name("安娜"),
        latin_name: None,
        sex: Sex::Female,
        nation: String::new(),
        birth: day(1949, 12, 31),
        address: String::new(),
        number: number.to_owned(),
        travel_permit: None,
        issuer: String::new(),
        valid_from: day(2020, 1, 1),
        valid_to: Validity::Until(day(2040, 1, 1)),
    }
}

fn read(kind: DocumentKind, fields: &DocumentFields, begun_ms: u64) -> CardRead {
    let device = Device {
        driver: "pcsc".into(),
        bus: String::new(),
        identity: "test".into(),
        nature: Nature::Physical,
    };
    let moments = ReadMoments {
        quiet_since: at(0),
        begun: at(begun_ms),
        ended: at(begun_ms + 10),
    };
    let insertion = InsertionId(1);
    CardRead::new(
        kind,
        Assurance::SamVerified,
        device,
        insertion,
        fields.clone(),
        b"raw",
        moments,
    )
}

fn entry(expected: (&str, &str)) -> Entry {
    Entry {
        id: EntryId(1),
        version: 1,
        student_number: StudentNumber::parse("2022001").unwrap(),
        name: name(expected.0),
        number: DocumentNumber::parse(expected.1).unwrap(),
        sex: None,
        college: String::new(),
        major: String::new(),
        class: String::new(),
    }
}

/// What the rules say to this document when the roster expects this name and number.
fn verdict(
    kind: DocumentKind,
    fields: &DocumentFields,
    expected: (&str, &str),
) -> Result<Verified, Refusal> {
    let ground = Ground {
        roster: &Roster::new([(entry(expected), Standing::Open)]),
        claim: &Claim::default(),
        attendance: Attendance::Attended,
        key: &DigestKey::from_bytes([5; 32]),
        today: day(2026, 11, 24),
        at: at(2000),
    };
    verify(&read(kind, fields, 100), read(kind, fields, 1000), &ground)
}

#[test]
fn each_kind_is_found_by_its_own_number() {
    for kind in DocumentKind::ALL {
        let number = number_of(kind);
        let verified = verdict(kind, &fields(&number), ("安娜", &number)).unwrap();
        assert_eq!(verified.kind(), kind);
        assert_eq!(verified.basis(), Basis::Matched(NameMatch::Exact));
        let key = DigestKey::from_bytes([5; 32]);
        assert_eq!(verified.identity(), identity_digest(&key, &number));
        assert_eq!(verified.name(), name_digest(&key, &name("安娜")));
    }
}

#[test]
fn nobody_is_found_by_another_number_of_the_document() {
    let holder = DocumentFields {
        travel_permit: Some("H00000000".into()),
        ..fields(&permit())
    };
    let refusal = verdict(DocumentKind::HmtPermit, &holder, ("安娜", "H00000000"));
    assert_eq!(refusal.unwrap_err(), Refusal::NotOnRoster);
}

#[test]
fn a_number_of_another_kind_is_refused() {
    use DocumentKind::{ForeignerCard2017, ForeignerCard2023, HmtPermit, ResidentCard};
    let other_region = with_check("81010519491231002");
    let cases = [
        (HmtPermit, RESIDENT, IdNumberFault::Region),
        (HmtPermit, other_region.as_str(), IdNumberFault::Region),
        (HmtPermit, &foreigner(), IdNumberFault::Region),
        (ForeignerCard2023, RESIDENT, IdNumberFault::Region),
        (ForeignerCard2023, &permit(), IdNumberFault::Region),
        (ForeignerCard2023, FOREIGNER_2017, IdNumberFault::Length),
        (ForeignerCard2017, RESIDENT, IdNumberFault::Length),
        (
            ForeignerCard2017,
            "XXA11004912310A",
            IdNumberFault::Character,
        ),
        (
            ForeignerCard2017,
            "XX1110049123101",
            IdNumberFault::Character,
        ),
        (ForeignerCard2017, "年XA110049123101", IdNumberFault::Length),
        (ResidentCard, FOREIGNER_2017, IdNumberFault::Length),
    ];
    for (kind, number, fault) in cases {
        // Expected under the very number: only its form is against it.
        let refusal = verdict(kind, &fields(number), ("安娜", RESIDENT)).unwrap_err();
        assert_eq!(refusal, Refusal::NumberInvalid(fault), "{kind:?} {number}");
    }
}

#[test]
fn the_check_digit_counts_where_there_is_one() {
    for kind in DocumentKind::ALL {
        let number = number_of(kind);
        let (body, last) = number.split_at(number.len() - 1);
        let wrong = format!("{body}{}", if last == "1" { '2' } else { '1' });
        let refusal = verdict(kind, &fields(&wrong), ("安娜", &number)).unwrap_err();
        let expected = match kind {
            // Another number in a good form: nobody's.
            DocumentKind::ForeignerCard2017 => Refusal::NotOnRoster,
            DocumentKind::ResidentCard
            | DocumentKind::HmtPermit
            | DocumentKind::ForeignerCard2023 => Refusal::NumberInvalid(IdNumberFault::CheckDigit),
        };
        assert_eq!(refusal, expected, "{kind:?}");
    }
}

#[test]
fn birth_and_sex_are_held_against_a_number_that_holds_them() {
    for kind in DocumentKind::ALL {
        let number = number_of(kind);
        let younger = DocumentFields {
            birth: day(1950, 1, 1),
            ..fields(&number)
        };
        let other = DocumentFields {
            sex: Sex::Male,
            ..fields(&number)
        };
        for document in [younger, other] {
            let verdict = verdict(kind, &document, ("安娜", &number));
            let refused = verdict.err();
            let holds = kind != DocumentKind::ForeignerCard2017;
            assert_eq!(
                refused,
                holds.then_some(Refusal::DocumentContradicts),
                "{kind:?}"
            );
        }
    }
}

#[test]
fn each_kind_expires() {
    for kind in DocumentKind::ALL {
        let number = number_of(kind);
        let over = DocumentFields {
            valid_to: Validity::Until(day(2026, 11, 23)),
            ..fields(&number)
        };
        let refusal = verdict(kind, &over, ("安娜", &number)).unwrap_err();
        assert_eq!(refusal, Refusal::DocumentExpired);
    }
}

#[test]
fn a_roster_may_carry_either_name_of_a_foreigner() {
    let kind = DocumentKind::ForeignerCard2023;
    let number = foreigner();
    let both = DocumentFields {
        latin_name: Some(name("EXAMPLE, ANNA")),
        ..fields(&number)
    };
    let key = DigestKey::from_bytes([5; 32]);
    for (expected, agrees) in [
        ("安娜", NameMatch::Exact),
        ("EXAMPLE, ANNA", NameMatch::Exact),
        ("Example, Anna", NameMatch::Folded),
    ] {
        let verified = verdict(kind, &both, (expected, &number)).unwrap();
        assert_eq!(verified.basis(), Basis::Matched(agrees));
        // The evidence names what agreed, so that the store can compare it again.
        assert_eq!(verified.name(), name_digest(&key, &name(expected)));
    }
    for expected in [
        "EXAMPLE, ANNE",
        "EXAMPLE",
        "安妮",
        "EXAMPLE, ANNA MARIA OF SOMEWHERE",
    ] {
        let refusal = verdict(kind, &both, (expected, &number)).unwrap_err();
        assert_eq!(refusal, Refusal::NameDiffers, "{expected}");
    }
}

/// A Chinese name field holds 15 characters and may be cut; a Latin one is not taken
/// for cut at the same length.
#[test]
fn a_long_latin_name_is_not_taken_for_a_cut_one() {
    let number = foreigner();
    let only_latin = DocumentFields {
        name: name("EXAMPLE, ANNA MARIA"),
        latin_name: Some(name("EXAMPLE, ANNA MARIA")),
        ..fields(&number)
    };
    let longer = ("EXAMPLE, ANNA MARIA II", number.as_str());
    let refusal = verdict(DocumentKind::ForeignerCard2023, &only_latin, longer).unwrap_err();
    assert_eq!(refusal, Refusal::NameDiffers);
}
