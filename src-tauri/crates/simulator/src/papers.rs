//! A document of each kind that a reader's security module opens, of people who do not
//! exist: what it says, and its identity bytes.

use booth::{Date, DocumentFields, DocumentKind, PersonName, Sex, Validity};
use card::TEXT_BYTES;

/// What the document of this kind says. Each is another person's.
///
/// # Panics
/// Never: all of it stands here.
#[must_use]
pub fn fields(kind: DocumentKind) -> DocumentFields {
    let day = |year, month, day| Date::new(year, month, day).expect("a day of the calendar");
    let name = |text| PersonName::parse(text).expect("a name");
    let resident = DocumentFields {
        name: name("试验甲"),
        latin_name: None,
        sex: Sex::Female,
        nation: "01".to_owned(),
        birth: day(1880, 1, 7),
        address: "试验路一号".to_owned(),
        number: "110105188001070028".to_owned(),
        travel_permit: None,
        issuer: "试验市公安局".to_owned(),
        valid_from: day(2020, 2, 29),
        valid_to: Validity::LongTerm,
    };
    let valid_to = Validity::Until(day(2040, 2, 28));
    match kind {
        DocumentKind::ResidentCard => resident,
        DocumentKind::HmtPermit => DocumentFields {
            name: name("试验乙"),
            nation: String::new(),
            number: "810000188001070026".to_owned(),
            travel_permit: Some("H00000000".to_owned()),
            valid_to,
            ..resident
        },
        DocumentKind::ForeignerCard2017 => DocumentFields {
            name: name("试验丙"),
            latin_name: Some(name("EXAMPLE, ANNA MARIA")),
            nation: "XXA".to_owned(),
            address: String::new(),
            number: "XXA110080010701".to_owned(),
            issuer: "1100".to_owned(),
            valid_to,
            ..resident
        },
        DocumentKind::ForeignerCard2023 => DocumentFields {
            name: name("试验丁"),
            latin_name: Some(name("EXAMPLE, BERTA")),
            nation: "XXA".to_owned(),
            address: String::new(),
            number: "911999188001070021".to_owned(),
            issuer: String::new(),
            valid_to,
            ..resident
        },
    }
}

/// The identity bytes of the same document.
///
/// # Panics
/// Never: each fits its layout.
#[must_use]
pub fn text(kind: DocumentKind) -> [u8; TEXT_BYTES] {
    card::layout::encode(kind, &fields(kind)).expect("the fields fit the layout")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_document_reads_back_as_what_it_says() {
        for kind in DocumentKind::ALL {
            let read = card::layout::parse(&text(kind));
            assert_eq!(read.unwrap(), (kind, fields(kind)));
        }
    }
}
