//! 一次采集: one subject's turn as a chain of types.
//!
//! `Verified -> Seated -> Framed -> Developed -> Filing`. Each is made from the one
//! before and consumes it. A portrait can therefore only come from a frame that
//! was checked against its own sitting, and a filing only from such a portrait.

use crate::digest::{Digest, sha256};
use crate::document::{Device, InsertionId};
use crate::frame::{Epoch, ExposureControls, Frame, FrameFault, Pressed, judge_frame};
use crate::identity::redacted;
use crate::roster::{Entry, Generation};
use crate::time::Timestamp;
use crate::verify::Verified;
use std::collections::HashSet;
use std::fmt;

/// One sitting of one job: 1, 2, 3, ... in the order they began.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct SittingId(pub i64);

/// One press of the shutter within a process.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ExposureId(pub u64);

/// What a job is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JobKind {
    /// Real records.
    Production,
    /// Demo, training, tests: simulated devices are allowed and every portrait
    /// carries a burnt-in mark.
    Training,
}

impl JobKind {
    /// Stable word for the store and for `--json`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Training => "training",
        }
    }
}

/// Whether a person exposes and accepts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Attendance {
    /// An operator decides.
    Attended,
    /// The station exposes and accepts by itself; recorded as such.
    Unattended,
}

impl Attendance {
    /// Stable word for the store and for `--json`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Attended => "attended",
            Self::Unattended => "unattended",
        }
    }
}

/// What was shown to the operator: a hash of sitting, identity, exposure, portrait and
/// its copy, where there is one. Acceptance echoes it (invariant 5).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token(Digest);

impl Token {
    /// A token as somebody echoes it; it proves nothing until compared.
    #[must_use]
    pub const fn echoed(digest: Digest) -> Self {
        Self(digest)
    }

    /// The 32 bytes to show and to echo.
    #[must_use]
    pub const fn digest(self) -> Digest {
        self.0
    }
}

/// What the store has to know when somebody is seated. Made by
/// [`Seated::new`](Seated) only.
pub struct Seating {
    /// The sitting.
    pub(crate) sitting: SittingId,
    pub(crate) entry: Entry,
    pub(crate) generation: Generation,
    pub(crate) evidence: Evidence,
    pub(crate) camera: Device,
    pub(crate) epoch: Epoch,
    pub(crate) seated_at: Timestamp,
}

/// What the store keeps of a verification: digests, never the fields.
#[derive(Clone)]
pub(crate) struct Evidence {
    pub(crate) insertion: InsertionId,
    pub(crate) kind: &'static str,
    pub(crate) assurance: &'static str,
    pub(crate) basis: &'static str,
    pub(crate) detail: &'static str,
    pub(crate) raw: Digest,
    pub(crate) identity: Digest,
    pub(crate) name: Digest,
    pub(crate) referred_by: Option<String>,
    pub(crate) reader: Device,
    pub(crate) read_at: Timestamp,
    pub(crate) verified_at: Timestamp,
}

redacted!(
    Seating, Seated, Framed, Developed, Filing, Portrait, Normalised, Evidence
);

macro_rules! seating_accessors {
    () => {
        /// The sitting.
        #[must_use]
        pub const fn sitting(&self) -> SittingId {
            self.seating().sitting
        }

        /// The roster entry the document was verified against.
        #[must_use]
        pub const fn entry(&self) -> &Entry {
            &self.seating().entry
        }

        /// The generation a filing of this sitting makes.
        #[must_use]
        pub const fn generation(&self) -> Generation {
            self.seating().generation
        }

        /// When the subject was seated: no frame may be older.
        #[must_use]
        pub const fn seated_at(&self) -> Timestamp {
            self.seating().seated_at
        }

        /// The life of the camera at the seat.
        #[must_use]
        pub const fn epoch(&self) -> Epoch {
            self.seating().epoch
        }
    };
}

impl Seating {
    const fn seating(&self) -> &Self {
        self
    }

    seating_accessors!();

    /// Insertion the document was read in.
    #[must_use]
    pub const fn insertion(&self) -> InsertionId {
        self.evidence.insertion
    }

    /// Kind of evidence, e.g. `resident_card`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        self.evidence.kind
    }

    /// How much the way of reading proves, e.g. `sam_verified`.
    #[must_use]
    pub const fn assurance(&self) -> &'static str {
        self.evidence.assurance
    }

    /// `matched` or `referred`.
    #[must_use]
    pub const fn basis(&self) -> &'static str {
        self.evidence.basis
    }

    /// How the name agreed, or why it was referred.
    #[must_use]
    pub const fn detail(&self) -> &'static str {
        self.evidence.detail
    }

    /// SHA-256 of the identity bytes of the chip.
    #[must_use]
    pub const fn raw(&self) -> Digest {
        self.evidence.raw
    }

    /// Keyed digest of the document's number.
    #[must_use]
    pub const fn identity(&self) -> Digest {
        self.evidence.identity
    }

    /// Keyed digest of the document's folded name.
    #[must_use]
    pub const fn name(&self) -> Digest {
        self.evidence.name
    }

    /// Who answers for a referred sitting.
    #[must_use]
    pub fn referred_by(&self) -> Option<&str> {
        self.evidence.referred_by.as_deref()
    }

    /// The reader of the document.
    #[must_use]
    pub const fn reader(&self) -> &Device {
        &self.evidence.reader
    }

    /// The camera of the sitting.
    #[must_use]
    pub const fn camera(&self) -> &Device {
        &self.camera
    }

    /// When the second read was complete.
    #[must_use]
    pub const fn read_at(&self) -> Timestamp {
        self.evidence.read_at
    }

    /// When the rules said yes.
    #[must_use]
    pub const fn verified_at(&self) -> Timestamp {
        self.evidence.verified_at
    }
}

/// A verified subject in front of a live camera.
pub struct Seated {
    seating: Seating,
}

impl Seated {
    const fn seating(&self) -> &Seating {
        &self.seating
    }

    seating_accessors!();

    /// Seats a verified subject. From now on only frames younger than `at` and of
    /// this `epoch` count.
    pub(crate) fn new(
        verified: Verified,
        sitting: SittingId,
        camera: Device,
        epoch: Epoch,
        at: Timestamp,
    ) -> Self {
        let evidence = Evidence {
            insertion: verified.insertion(),
            kind: verified.kind().code(),
            assurance: verified.assurance().code(),
            basis: verified.basis().code(),
            detail: verified.basis().detail(),
            raw: verified.raw(),
            identity: verified.identity(),
            name: verified.name(),
            referred_by: verified.referred_by().map(str::to_owned),
            reader: verified.device().clone(),
            read_at: verified.read_at(),
            verified_at: verified.verified_at(),
        };
        let entry = verified.entry().clone();
        let generation = verified.generation();
        let seating = Seating {
            sitting,
            entry,
            generation,
            evidence,
            camera,
            epoch,
            seated_at: at,
        };
        Self { seating }
    }

    /// The facts of the seat for the store. `Seating` cannot become `Seated` again.
    pub(crate) fn to_seating(&self) -> Seating {
        let Seating {
            sitting,
            entry,
            generation,
            evidence,
            camera,
            epoch,
            seated_at,
        } = &self.seating;
        Seating {
            sitting: *sitting,
            entry: entry.clone(),
            generation: *generation,
            evidence: evidence.clone(),
            camera: camera.clone(),
            epoch: *epoch,
            seated_at: *seated_at,
        }
    }

    pub(crate) const fn insertion(&self) -> InsertionId {
        self.seating.evidence.insertion
    }

    pub(crate) const fn raw(&self) -> Digest {
        self.seating.evidence.raw
    }

    /// Takes the frames of one press. Frames that are not fresh are dropped; if none
    /// is left the seat stays and the most telling fault is returned.
    pub(crate) fn frame(
        self,
        exposure: ExposureId,
        pressed: Pressed,
        frames: Vec<Frame>,
        seen: &HashSet<Digest>,
    ) -> Result<Framed, (Box<Self>, FrameFault)> {
        let mut fault = FrameFault::None;
        let mut burst: Vec<Frame> = Vec::new();
        for frame in frames {
            let twin = burst.iter().any(|other| other.digest() == frame.digest());
            let verdict = if twin {
                Err(FrameFault::Repeated)
            } else {
                judge_frame(&frame, &pressed, seen)
            };
            match verdict {
                Ok(()) => burst.push(frame),
                Err(found) => fault = found,
            }
        }
        if burst.is_empty() {
            return Err((Box::new(self), fault));
        }
        Ok(Framed {
            seated: self,
            exposure,
            pressed,
            burst,
            chosen: 0,
            by_hand: false,
            controls: None,
        })
    }
}

/// A seated subject with fresh frames of one press, one of them chosen.
pub struct Framed {
    seated: Seated,
    exposure: ExposureId,
    pressed: Pressed,
    /// At least one, in the order the camera gave them.
    burst: Vec<Frame>,
    /// Which of them; always one that is there.
    chosen: usize,
    /// The operator chose: no score overrules it.
    by_hand: bool,
    /// What the camera was set to.
    controls: Option<ExposureControls>,
}

impl Framed {
    const fn seating(&self) -> &Seating {
        &self.seated.seating
    }

    seating_accessors!();

    /// The press these frames belong to.
    #[must_use]
    pub const fn exposure(&self) -> ExposureId {
        self.exposure
    }

    /// The chosen frame.
    #[must_use]
    pub fn frame(&self) -> &Frame {
        &self.burst[self.chosen]
    }

    /// The frames of the press that passed, the chosen one among them.
    #[must_use]
    pub fn burst(&self) -> &[Frame] {
        &self.burst
    }

    /// Which frame of the burst is the chosen one.
    #[must_use]
    pub const fn chosen(&self) -> usize {
        self.chosen
    }

    /// Chooses the frame that is picked, if it is one of the burst; what the operator chose
    /// stays, and nothing is then asked.
    pub fn propose(&mut self, pick: impl FnOnce(&[Frame]) -> Option<usize>) {
        if self.by_hand {
            return;
        }
        if let Some(picked) = pick(&self.burst).filter(|at| *at < self.burst.len()) {
            self.chosen = picked;
        }
    }

    /// Notes what the camera is set to; the first note of a press stays, for a frame that is
    /// chosen later was taken no later.
    pub fn note_controls(&mut self, read: impl FnOnce() -> Option<ExposureControls>) {
        if self.controls.is_none() {
            self.controls = read();
        }
    }

    /// 成像: the only door from camera bytes to a portrait.
    ///
    /// # Errors
    /// The seat and the closure's own error when no portrait came out, or
    /// [`DevelopFault::Foreign`] when the portrait was made from another frame, or its copy from another
    /// portrait.
    pub fn develop<E>(
        self,
        make: impl FnOnce(&Frame) -> Result<Portrait, E>,
    ) -> Result<Developed, (Box<Undeveloped>, DevelopFault<E>)> {
        match make(self.frame()) {
            Ok(portrait) if portrait.is_of(self.frame()) => Ok(Developed {
                framed: self,
                portrait,
            }),
            Ok(_) => Err((Box::new(Undeveloped(self)), DevelopFault::Foreign)),
            Err(error) => Err((Box::new(Undeveloped(self)), DevelopFault::Portrait(error))),
        }
    }

    pub(crate) const fn insertion(&self) -> InsertionId {
        self.seated.insertion()
    }

    pub(crate) const fn raw(&self) -> Digest {
        self.seated.raw()
    }

    pub(crate) const fn pressed(&self) -> Pressed {
        self.pressed
    }
}

/// A sitting whose frame gave no portrait: the way back to the seat.
#[derive(Debug)]
pub struct Undeveloped(Framed);

impl Undeveloped {
    pub(crate) const fn sitting(&self) -> SittingId {
        self.0.seated.seating.sitting
    }

    pub(crate) const fn exposure(&self) -> ExposureId {
        self.0.exposure
    }

    pub(crate) fn into_seated(self) -> Seated {
        self.0.seated
    }
}

/// Why developing brought no portrait.
#[derive(Debug, thiserror::Error)]
pub enum DevelopFault<E> {
    /// The closure said no.
    #[error("no portrait came out of the frame")]
    Portrait(E),
    /// The closure returned a portrait of another frame, or a copy of another portrait.
    #[error("the portrait does not come from the frame of this sitting")]
    Foreign,
}

/// 成像照片: a finished JPEG with the digest of the frame it was made from.
///
/// It says nothing about whose it is; only the sitting it was developed in does.
pub struct Portrait {
    jpeg: Vec<u8>,
    digest: Digest,
    source: Digest,
    quality: u8,
    normalised: Option<Normalised>,
}

/// 换底副本: a portrait once more, its background brought to the colour of the photo standard. It never
/// stands alone: it is made from one portrait and goes wherever that goes, or nowhere.
pub struct Normalised {
    jpeg: Vec<u8>,
    digest: Digest,
    quality: u8,
    of: Digest,
}

impl Normalised {
    /// A finished JPEG made from the portrait with digest `of`; `quality` is the encoder's quality
    /// factor, 1 to 100.
    #[must_use]
    pub fn new(jpeg: Vec<u8>, quality: u8, of: Digest) -> Self {
        let digest = sha256(&jpeg);
        Self {
            jpeg,
            digest,
            quality,
            of,
        }
    }

    /// SHA-256 of the portrait it was made from.
    #[must_use]
    pub const fn of(&self) -> Digest {
        self.of
    }

    /// The JPEG file.
    #[must_use]
    pub fn jpeg(&self) -> &[u8] {
        &self.jpeg
    }

    /// SHA-256 of the JPEG file.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The encoder's quality factor.
    #[must_use]
    pub const fn quality(&self) -> u8 {
        self.quality
    }
}

impl Portrait {
    /// A finished JPEG made from the frame with digest `source`; `quality` is the
    /// encoder's quality factor, 1 to 100.
    #[must_use]
    pub fn new(jpeg: Vec<u8>, source: Digest, quality: u8) -> Self {
        let digest = sha256(&jpeg);
        Self {
            jpeg,
            digest,
            source,
            quality,
            normalised: None,
        }
    }

    /// The same portrait with the copy that was made from it; [`Framed::develop`] refuses both where that
    /// says that it was made from another one.
    #[must_use]
    pub fn with_normalised(mut self, copy: Option<Normalised>) -> Self {
        self.normalised = copy;
        self
    }

    /// Made from this frame, and its copy from itself.
    fn is_of(&self, frame: &Frame) -> bool {
        let copy = self.normalised.as_ref();
        self.source == frame.digest() && copy.is_none_or(|copy| copy.of == self.digest)
    }

    /// The JPEG file.
    #[must_use]
    pub fn jpeg(&self) -> &[u8] {
        &self.jpeg
    }

    /// SHA-256 of the JPEG file.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The encoder's quality factor.
    #[must_use]
    pub const fn quality(&self) -> u8 {
        self.quality
    }

    /// The copy with an even background, where the photo standard allows one.
    #[must_use]
    pub const fn normalised(&self) -> Option<&Normalised> {
        self.normalised.as_ref()
    }
}

/// A portrait inside its sitting, waiting for the re-read and for acceptance.
pub struct Developed {
    framed: Framed,
    portrait: Portrait,
}

impl Developed {
    const fn seating(&self) -> &Seating {
        &self.framed.seated.seating
    }

    seating_accessors!();

    /// The press it comes from.
    #[must_use]
    pub const fn exposure(&self) -> ExposureId {
        self.framed.exposure
    }

    /// The portrait.
    #[must_use]
    pub const fn portrait(&self) -> &Portrait {
        &self.portrait
    }

    /// The frames of the press, the chosen one among them.
    #[must_use]
    pub fn burst(&self) -> &[Frame] {
        self.framed.burst()
    }

    /// Which frame of the burst the portrait was made from.
    #[must_use]
    pub const fn chosen(&self) -> usize {
        self.framed.chosen()
    }

    /// Back to the developer with another frame of the same press.
    ///
    /// # Errors
    /// Itself, when there is no such frame or it is the chosen one already.
    pub(crate) fn choose(self, index: usize) -> Result<Framed, Box<Self>> {
        if index >= self.framed.burst.len() || index == self.framed.chosen {
            return Err(Box::new(self));
        }
        let mut framed = self.framed;
        framed.chosen = index;
        framed.by_hand = true;
        Ok(framed)
    }

    /// The same frame, to be cut otherwise.
    pub(crate) fn recut(self) -> Framed {
        let mut framed = self.framed;
        framed.by_hand = true;
        framed
    }

    /// What acceptance must echo.
    #[must_use]
    pub fn token(&self) -> Token {
        let mut message = Vec::new();
        message.extend_from_slice(&self.sitting().0.to_be_bytes());
        message.extend_from_slice(&self.exposure().0.to_be_bytes());
        message.extend_from_slice(self.seating().evidence.identity.as_bytes());
        message.extend_from_slice(self.portrait.digest.as_bytes());
        if let Some(copy) = self.portrait.normalised() {
            message.extend_from_slice(copy.digest.as_bytes());
        }
        Token(sha256(&message))
    }

    pub(crate) const fn seated(&self) -> &Seated {
        &self.framed.seated
    }

    pub(crate) fn into_seated(self) -> Seated {
        self.framed.seated
    }

    /// Accepts what the token was shown for.
    pub(crate) fn accept(self, attendance: Attendance, accepted_at: Timestamp) -> Filing {
        Filing {
            developed: self,
            attendance,
            accepted_at,
        }
    }
}

/// 归档: subject and portrait, inseparable, accepted, re-read. The store's only way
/// to write a portrait.
pub struct Filing {
    developed: Developed,
    attendance: Attendance,
    accepted_at: Timestamp,
}

impl Filing {
    const fn seating(&self) -> &Seating {
        self.developed.seating()
    }

    seating_accessors!();

    /// The portrait to be filed.
    #[must_use]
    pub const fn portrait(&self) -> &Portrait {
        &self.developed.portrait
    }

    /// The camera's own frame, kept as the original.
    #[must_use]
    pub fn frame(&self) -> &Frame {
        self.developed.framed.frame()
    }

    /// What the camera was set to at the press; `None` where its source has no controls.
    #[must_use]
    pub const fn controls(&self) -> Option<&ExposureControls> {
        self.developed.framed.controls.as_ref()
    }

    /// When the shutter was pressed.
    #[must_use]
    pub const fn pressed_at(&self) -> Timestamp {
        self.developed.framed.pressed().at
    }

    /// When the portrait was accepted.
    #[must_use]
    pub const fn accepted_at(&self) -> Timestamp {
        self.accepted_at
    }

    /// Whether a person accepted it.
    #[must_use]
    pub const fn attendance(&self) -> Attendance {
        self.attendance
    }

    /// The token that was echoed.
    #[must_use]
    pub fn token(&self) -> Token {
        self.developed.token()
    }

    /// Keyed digest of the number of the document that was read.
    #[must_use]
    pub const fn identity(&self) -> Digest {
        self.developed.seating().evidence.identity
    }
}

/// One line of the journal: the answer to "who filed this face".
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StageChange {
    /// The sitting it is about; `None` for the reader between sittings.
    pub sitting: Option<SittingId>,
    /// Stage left.
    pub from: crate::machine::StageName,
    /// Stage entered.
    pub to: crate::machine::StageName,
    /// Stable code of the reason.
    pub why: &'static str,
    /// When.
    pub at: Timestamp,
}
