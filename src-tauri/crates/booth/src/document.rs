//! What a document reader said: unproven until it is verified.

use crate::digest::{Digest, sha256};
use crate::identity::{PersonName, Sex, redacted};
use crate::name::{NameMatch, compare_names, compare_whole};
use crate::time::{Date, Timestamp};
use std::fmt;

/// A kind of identity document that can be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DocumentKind {
    /// 居民身份证, GA/T 490 layout of 256 bytes, type flag blank.
    ResidentCard,
    /// 港澳台居民居住证, type flag `J`.
    HmtPermit,
    /// 外国人永久居留身份证 of 2017, type flag `I`.
    ForeignerCard2017,
    /// 外国人永久居留身份证 of 2023, type flag `Y`.
    ForeignerCard2023,
}

impl DocumentKind {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::ResidentCard,
        Self::HmtPermit,
        Self::ForeignerCard2017,
        Self::ForeignerCard2023,
    ];

    /// Stable word for the store and for `--json`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ResidentCard => "resident_card",
            Self::HmtPermit => "hmt_permit",
            Self::ForeignerCard2017 => "foreigner_card_2017",
            Self::ForeignerCard2023 => "foreigner_card_2023",
        }
    }
}

/// How much the way of reading proves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Assurance {
    /// A reader with a security module authenticated the card and its data.
    SamVerified,
    /// A document made of a file; training jobs only.
    Simulated,
}

impl Assurance {
    /// Stable word for the store and for `--json`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::SamVerified => "sam_verified",
            Self::Simulated => "simulated",
        }
    }
}

/// What a device is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Nature {
    /// A thing on a bus.
    Physical,
    /// A driver that imitates a thing (vpcd, vivid, a loopback, a watched folder).
    /// Allowed in production, listed by `verify`.
    Virtual,
    /// Our own simulator; opens in training jobs only (invariant 10).
    Simulated,
}

impl Nature {
    /// Stable word for the store and for `--json`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Physical => "physical",
            Self::Virtual => "virtual",
            Self::Simulated => "simulated",
        }
    }
}

/// Which device took part in a sitting.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Device {
    /// The software that drives it, e.g. `pcsc`, `v4l2`, `folder`, `simulator`.
    pub driver: String,
    /// What it hangs on, e.g. `usb-0000:00:14.0-2` or a reader's slot; may be empty.
    pub bus: String,
    /// Its lasting identity: reader name, serial and vid:pid, folder path's last part.
    pub identity: String,
    /// Physical, virtual or simulated.
    pub nature: Nature,
}

/// One insertion of one document: never reused within a process, a new one each
/// time a document is seen to arrive.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct InsertionId(pub u64);

/// One request to read, answered at most once.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ReadId(pub u64);

/// Until when a document is valid.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Validity {
    /// Through this day.
    Until(Date),
    /// 长期: without end.
    LongTerm,
}

/// The fields of the document, parsed but not judged.
#[derive(Clone, PartialEq, Eq)]
pub struct DocumentFields {
    /// Name as the chip spells it. On a foreigner's card without a Chinese name, the Latin one.
    pub name: PersonName,
    /// Name in Latin letters: on the foreigners' cards, where a roster may carry either.
    pub latin_name: Option<PersonName>,
    /// Sex code on the chip.
    pub sex: Sex,
    /// Ethnic group, GB/T 3304 code of two digits; on the foreigners' cards the nationality,
    /// three letters; empty on the permit of Hong Kong, Macao and Taiwan, which has neither.
    pub nation: String,
    /// Birth date on the chip.
    pub birth: Date,
    /// Residence address; kept in memory only as long as the sitting.
    pub address: String,
    /// The number as the chip spells it, 18 characters (15 on the foreigners' card of
    /// 2017), *not yet checked*: a wrong check digit is a refusal of the rules and not
    /// a fault of the reader.
    pub number: String,
    /// 通行证号码, on the permit of Hong Kong, Macao and Taiwan: the other number under which
    /// a roster may carry its holder. Nobody is found by it; the number above is the key.
    pub travel_permit: Option<String>,
    /// Issuing authority.
    pub issuer: String,
    /// First day of validity.
    pub valid_from: Date,
    /// Last day of validity.
    pub valid_to: Validity,
}

impl DocumentFields {
    /// Compares the names of the document with the one of the roster: which spelling the
    /// roster carries, and how far it agrees. A Chinese name that agrees goes first.
    ///
    /// A Latin name is compared whole: it fills no field of 15 characters, so none is
    /// taken for cut.
    #[must_use]
    pub fn compare_name(&self, roster: &PersonName) -> (&PersonName, NameMatch) {
        let compared = match &self.latin_name {
            Some(latin) if *latin == self.name => NameMatch::Differs,
            Some(_) | None => compare_names(&self.name, roster),
        };
        if compared != NameMatch::Differs {
            return (&self.name, compared);
        }
        let latin = self.latin_name.as_ref();
        let whole = latin.map(|latin| (latin, compare_whole(latin, roster)));
        match whole {
            Some((latin, agrees)) if agrees != NameMatch::Differs => (latin, agrees),
            Some(_) | None => (&self.name, NameMatch::Differs),
        }
    }
}

/// When a read happened, in the reader's own view.
#[derive(Clone, Copy, Debug)]
pub struct ReadMoments {
    /// The last event of that reader (arrival, removal, fault) before the read.
    pub quiet_since: Timestamp,
    /// When the first command of the read was sent.
    pub begun: Timestamp,
    /// When its last answer was complete.
    pub ended: Timestamp,
}

/// 芯片照片: the portrait on the chip, in a closed format (WLT).
///
/// Only a vendor's library can open it. It says nothing that counts: no rule looks at it,
/// it is kept nowhere, and it is dropped with the sitting.
#[derive(Clone, PartialEq, Eq)]
pub struct ClosedPortrait(Box<[u8; Self::BYTES]>);

impl ClosedPortrait {
    /// Of the closed format.
    pub const BYTES: usize = 1024;

    /// The bytes as they came from the chip.
    #[must_use]
    pub const fn new(bytes: Box<[u8; Self::BYTES]>) -> Self {
        Self(bytes)
    }

    /// The bytes, for whoever can open them.
    #[must_use]
    pub fn bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

/// 读卡: what the chip said, unproven.
///
/// **Architecture invariant:** a card read identifies nobody. Only
/// [`Verified`](crate::Verified) does, and it takes two of these that agree.
pub struct CardRead {
    kind: DocumentKind,
    assurance: Assurance,
    device: Device,
    insertion: InsertionId,
    fields: DocumentFields,
    raw: Digest,
    moments: ReadMoments,
    portrait: Option<ClosedPortrait>,
}

impl CardRead {
    /// A read as a reader delivers it. `raw` are the identity bytes as they came
    /// from the chip; only their digest is kept.
    #[must_use]
    pub fn new(
        kind: DocumentKind,
        assurance: Assurance,
        device: Device,
        insertion: InsertionId,
        fields: DocumentFields,
        raw: &[u8],
        moments: ReadMoments,
    ) -> Self {
        let raw = sha256(raw);
        Self {
            kind,
            assurance,
            device,
            insertion,
            fields,
            raw,
            moments,
            portrait: None,
        }
    }

    /// The same read with the portrait that came in the same answer.
    #[must_use]
    pub fn with_portrait(mut self, portrait: Option<ClosedPortrait>) -> Self {
        self.portrait = portrait;
        self
    }

    /// The portrait that came with it, closed; only readers that give it out in the same
    /// answer as the text have one.
    #[must_use]
    pub const fn portrait(&self) -> Option<&ClosedPortrait> {
        self.portrait.as_ref()
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

    /// The insertion it belongs to.
    #[must_use]
    pub const fn insertion(&self) -> InsertionId {
        self.insertion
    }

    /// The parsed fields.
    #[must_use]
    pub const fn fields(&self) -> &DocumentFields {
        &self.fields
    }

    /// SHA-256 of the identity bytes: two reads agree when these are equal.
    #[must_use]
    pub const fn raw(&self) -> Digest {
        self.raw
    }

    /// When it happened.
    #[must_use]
    pub const fn moments(&self) -> ReadMoments {
        self.moments
    }
}

redacted!(DocumentFields, CardRead, ClosedPortrait);

/// Why a read brought no card read. Ordered by what the operator can do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReadFailure {
    /// The document left the reader before the read was complete.
    #[error("the document was taken away during the read")]
    Taken,
    /// The reader noticed that another document answered.
    #[error("the document changed during the read")]
    Changed,
    /// Another program holds the reader.
    #[error("another program holds the reader")]
    Busy,
    /// Noise, short replies, time-outs: reading again may help.
    #[error("the document could not be read")]
    Unreadable,
    /// A card, but none that this reader can give the identity of.
    #[error("the document is of no supported kind")]
    Unsupported,
    /// The layout was read and breaks its own rules.
    #[error("the data on the document are not valid")]
    Invalid,
    /// Reader, driver or service are gone.
    #[error("the reader is gone")]
    Gone,
}

impl ReadFailure {
    /// Stable word for the journal and for `--json`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Taken => "document-taken",
            Self::Changed => "document-changed",
            Self::Busy => "reader-busy",
            Self::Unreadable => "document-unreadable",
            Self::Unsupported => "document-unsupported",
            Self::Invalid => "document-invalid",
            Self::Gone => "reader-gone",
        }
    }
}
