//! 核验: the one place where a card read becomes a person of the roster.

use crate::digest::{Digest, DigestKey};
use crate::document::{Assurance, CardRead, Device, DocumentKind, InsertionId, Validity};
use crate::identity::{
    DocumentNumber, IdNumber, IdNumberFault, PersonName, StudentNumber, redacted,
};
use crate::name::{NameMatch, fold_name};
use crate::refusal::Refusal;
use crate::roster::{Entry, Generation, Roster, Standing};
use crate::sitting::Attendance;
use crate::time::{Date, Timestamp};
use std::fmt;
use std::time::Duration;

/// The second read must begin this long after the reader's last event. An earlier
/// swap cannot be seen by PC/SC: 44 of 44 (`facts/cards.md` section 8).
pub const QUIET_MIN: Duration = Duration::from_millis(500);

/// What the operator typed beside the document.
#[derive(Clone, Default)]
pub struct Claim {
    /// The student number that decides where one document has several enrolments,
    /// and under which a referred subject is photographed.
    pub student_number: Option<StudentNumber>,
    /// Who answers for photographing a subject whose roster entry is wrong. With
    /// this and a student number, a number or name that does not fit leads to a
    /// *referred* sitting instead of a refusal.
    pub referred_by: Option<String>,
}

redacted!(Claim);

/// What the verification rests on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Basis {
    /// Number and name agree.
    Matched(NameMatch),
    /// Photographed under the document, undeliverable until the registrar corrects
    /// the roster. Holds the refusal that would have been.
    Referred(Refusal),
}

impl Basis {
    /// Stable word for the store: `matched` or `referred`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Matched(_) => "matched",
            Self::Referred(_) => "referred",
        }
    }

    /// Stable word for the store: how the name agreed, or why it was referred.
    #[must_use]
    pub const fn detail(self) -> &'static str {
        match self {
            Self::Matched(name) => name.code(),
            Self::Referred(refusal) => refusal.code(),
        }
    }
}

/// Proof that a document and a roster entry belong together.
///
/// **Architecture invariant:** made in [`verify`] and nowhere else; neither
/// `Clone` nor a public constructor gets round it.
pub struct Verified {
    entry: Entry,
    generation: Generation,
    basis: Basis,
    insertion: InsertionId,
    kind: DocumentKind,
    assurance: Assurance,
    device: Device,
    raw: Digest,
    identity: Digest,
    name: Digest,
    referred_by: Option<String>,
    read_at: Timestamp,
    verified_at: Timestamp,
}

redacted!(Verified);

impl Verified {
    /// The roster entry.
    #[must_use]
    pub const fn entry(&self) -> &Entry {
        &self.entry
    }

    /// The generation that a filing of this sitting makes.
    #[must_use]
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// What the match rests on.
    #[must_use]
    pub const fn basis(&self) -> Basis {
        self.basis
    }

    /// The insertion that was read.
    #[must_use]
    pub const fn insertion(&self) -> InsertionId {
        self.insertion
    }

    /// Kind of document.
    #[must_use]
    pub const fn kind(&self) -> DocumentKind {
        self.kind
    }

    /// How much the way of reading proves.
    #[must_use]
    pub const fn assurance(&self) -> Assurance {
        self.assurance
    }

    /// The reader.
    #[must_use]
    pub const fn device(&self) -> &Device {
        &self.device
    }

    /// SHA-256 of the identity bytes of the chip; every later read must equal it.
    #[must_use]
    pub const fn raw(&self) -> Digest {
        self.raw
    }

    /// Keyed digest of the document's number, as [`identity_digest`] makes it.
    #[must_use]
    pub const fn identity(&self) -> Digest {
        self.identity
    }

    /// Keyed digest of the document's folded name, as [`name_digest`] makes it: of the
    /// spelling that agreed with the roster, where a document carries two.
    #[must_use]
    pub const fn name(&self) -> Digest {
        self.name
    }

    /// Who answers for a referred sitting.
    #[must_use]
    pub fn referred_by(&self) -> Option<&str> {
        self.referred_by.as_deref()
    }

    /// When the second read was complete.
    #[must_use]
    pub const fn read_at(&self) -> Timestamp {
        self.read_at
    }

    /// When the rules said yes.
    #[must_use]
    pub const fn verified_at(&self) -> Timestamp {
        self.verified_at
    }
}

/// Keyed digest of a document number: ties evidence to a roster entry in the store.
#[must_use]
pub fn identity_digest(key: &DigestKey, number: &str) -> Digest {
    key.digest(&[b"identity", number.as_bytes()])
}

/// Keyed digest of a name in its folded form.
#[must_use]
pub fn name_digest(key: &DigestKey, name: &PersonName) -> Digest {
    key.digest(&[b"name", fold_name(name).as_bytes()])
}

/// Everything a verification is judged by beside the two reads.
pub(crate) struct Ground<'a> {
    pub(crate) roster: &'a Roster,
    pub(crate) claim: &'a Claim,
    pub(crate) attendance: Attendance,
    pub(crate) key: &'a DigestKey,
    pub(crate) today: Date,
    pub(crate) at: Timestamp,
}

/// Judges two reads of one insertion against the roster.
///
/// # Errors
/// The first [`Refusal`] in this order: the reads do not agree, the document is
/// invalid in itself, expired, not on the roster, ambiguous, the name differs,
/// already filed.
pub(crate) fn verify(
    first: &CardRead,
    second: CardRead,
    ground: &Ground<'_>,
) -> Result<Verified, Refusal> {
    agree(first, &second)?;
    let number = check_document(&second, ground.today)?;
    let (entry, standing, basis) = find_entry(&second, &number, ground)?;
    let Some(generation) = standing.admits() else {
        return Err(Refusal::AlreadyFiled);
    };
    let (spelled, _) = second.fields().compare_name(&entry.name);
    Ok(Verified {
        generation,
        basis,
        insertion: second.insertion(),
        kind: second.kind(),
        assurance: second.assurance(),
        device: second.device().clone(),
        raw: second.raw(),
        identity: identity_digest(ground.key, number.as_str()),
        name: name_digest(ground.key, spelled),
        referred_by: match basis {
            Basis::Referred(_) => ground.claim.referred_by.clone(),
            Basis::Matched(_) => None,
        },
        read_at: second.moments().ended,
        verified_at: ground.at,
        entry,
    })
}

/// Two complete reads of one insertion agree byte for byte, and the second began
/// when a swap could no longer hide.
fn agree(first: &CardRead, second: &CardRead) -> Result<(), Refusal> {
    if first.insertion() != second.insertion() || first.raw() != second.raw() {
        return Err(Refusal::ReadsDisagree);
    }
    let moments = second.moments();
    let quiet = moments.begun.since(moments.quiet_since);
    if quiet.is_none_or(|quiet| quiet < QUIET_MIN) {
        return Err(Refusal::ReadsDisagree);
    }
    if moments.begun.since(first.moments().ended).is_none() {
        return Err(Refusal::ReadsDisagree);
    }
    Ok(())
}

fn check_document(read: &CardRead, today: Date) -> Result<DocumentNumber, Refusal> {
    let fields = read.fields();
    let number = check_number(read.kind(), &fields.number).map_err(Refusal::NumberInvalid)?;
    // A number of the foreigners' card of 2017 is known by its form only: what it holds
    // of the birth rests on one program's word and refuses nobody.
    if let DocumentNumber::Citizen(number) = &number
        && (number.birth() != Some(fields.birth) || number.sex() != fields.sex)
    {
        return Err(Refusal::DocumentContradicts);
    }
    if today < fields.valid_from {
        return Err(Refusal::DocumentNotYetValid);
    }
    match fields.valid_to {
        Validity::Until(last) if today > last => Err(Refusal::DocumentExpired),
        Validity::Until(_) | Validity::LongTerm => Ok(number),
    }
}

/// The number in the form of its kind. A kind's number begins as no other kind's does, so
/// a document cannot pass for one of another kind.
fn check_number(kind: DocumentKind, text: &str) -> Result<DocumentNumber, IdNumberFault> {
    let begins: fn(&str) -> bool = match kind {
        DocumentKind::ResidentCard => |_| true,
        DocumentKind::HmtPermit => {
            |text| ["810000", "820000", "830000"].contains(&text.get(..6).unwrap_or_default())
        }
        DocumentKind::ForeignerCard2023 => |text| text.starts_with('9'),
        DocumentKind::ForeignerCard2017 => return check_foreigner_number(text),
    };
    let number = IdNumber::parse(text)?;
    if begins(number.as_str()) {
        Ok(DocumentNumber::Citizen(number))
    } else {
        Err(IdNumberFault::Region)
    }
}

/// 2017: three letters of the nationality and twelve digits.
fn check_foreigner_number(text: &str) -> Result<DocumentNumber, IdNumberFault> {
    let (Some(letters), Some(digits)) = (text.get(..3), text.get(3..)) else {
        return Err(IdNumberFault::Length);
    };
    if digits.len() != 12 {
        return Err(IdNumberFault::Length);
    }
    let letters = letters.bytes().all(|byte| byte.is_ascii_uppercase());
    if !letters || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(IdNumberFault::Character);
    }
    DocumentNumber::parse(text)
}

fn find_entry(
    read: &CardRead,
    number: &DocumentNumber,
    ground: &Ground<'_>,
) -> Result<(Entry, Standing, Basis), Refusal> {
    match match_entry(read, number, ground) {
        Ok((entry, standing, name)) => Ok((entry, standing, Basis::Matched(name))),
        Err(refusal @ (Refusal::NotOnRoster | Refusal::NameDiffers)) => {
            refer(refusal, ground).ok_or(refusal)
        }
        Err(refusal) => Err(refusal),
    }
}

/// A row that does not fit one-to-one is a case, not a dead end: with a student
/// number and somebody who answers for it, the subject is photographed under the
/// document and the record stays undeliverable until the roster is corrected.
fn refer(refusal: Refusal, ground: &Ground<'_>) -> Option<(Entry, Standing, Basis)> {
    ground.claim.referred_by.as_ref()?;
    let claimed = ground.claim.student_number.as_ref()?;
    let (entry, standing) = ground.roster.with_student_number(claimed)?;
    Some((entry.clone(), *standing, Basis::Referred(refusal)))
}

fn match_entry(
    read: &CardRead,
    number: &DocumentNumber,
    ground: &Ground<'_>,
) -> Result<(Entry, Standing, NameMatch), Refusal> {
    let found: Vec<_> = ground.roster.with_number(number.as_str()).collect();
    let (entry, standing) = match (found.as_slice(), &ground.claim.student_number) {
        ([], _) => return Err(Refusal::NotOnRoster),
        ([only], None) => *only,
        ([_, _, ..], None) => return Err(Refusal::AmbiguousEntry),
        (several, Some(typed)) => several
            .iter()
            .find(|(entry, _)| entry.student_number == *typed)
            .ok_or(Refusal::ClaimDiffers)?,
    };
    let (_, name) = read.fields().compare_name(&entry.name);
    if name == NameMatch::Differs {
        return Err(Refusal::NameDiffers);
    }
    if name.needs_a_look() && ground.attendance == Attendance::Unattended {
        return Err(Refusal::NameNeedsALook);
    }
    Ok((entry.clone(), *standing, name))
}

#[cfg(test)]
#[path = "verify/tests.rs"]
mod tests;
