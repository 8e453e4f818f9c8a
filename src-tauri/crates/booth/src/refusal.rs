//! Refusals and other ends: closed lists, each with a stable code.
//!
//! A refusal is a verdict of the rules and not a fault of a device. The texts
//! that people read, in two languages and with the remedy, belong to the station.

use crate::document::ReadFailure;
use crate::frame::FrameFault;
use crate::identity::IdNumberFault;

/// Why the booth does not go on with this document, press or acceptance.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// The document's number is not on the roster of this job.
    #[error("the number of the document is not on the roster")]
    NotOnRoster,
    /// The number on the document breaks its own rules.
    #[error("the number on the document is not valid: {0}")]
    NumberInvalid(IdNumberFault),
    /// Number found, name different.
    #[error("the name on the document differs from the roster")]
    NameDiffers,
    /// The name agrees only as far as the card tells it, and nobody is there to look.
    #[error("the name agrees only in part and somebody has to look")]
    NameNeedsALook,
    /// Birth date or sex on the document do not agree with its number.
    #[error("the document contradicts its own number")]
    DocumentContradicts,
    /// The last day of validity has passed.
    #[error("the document has expired")]
    DocumentExpired,
    /// The first day of validity has not come.
    #[error("the document is not valid yet")]
    DocumentNotYetValid,
    /// The number has two or more enrolments; the typed student number decides.
    #[error("the number has more than one enrolment")]
    AmbiguousEntry,
    /// The student number that was typed is none of the document's enrolments.
    #[error("the typed student number does not belong to this document")]
    ClaimDiffers,
    /// A portrait stands and was not flagged.
    #[error("a portrait is already on file and was not flagged")]
    AlreadyFiled,
    /// The first and the second read do not agree.
    #[error("two reads of the document do not agree")]
    ReadsDisagree,
    /// The document could not be read.
    #[error("the document could not be read: {0}")]
    Read(ReadFailure),
    /// The last document was not seen to leave.
    #[error("the last document has not been taken off the reader")]
    DocumentNotRemoved,
    /// Two documents are on the readers at once.
    #[error("a second document is on the reader")]
    SecondDocument,
    /// Three people were verified within a minute, and nobody was photographed.
    #[error("several documents were read in a row and nobody was photographed")]
    PileOfDocuments,
    /// A press outside the armed state.
    #[error("nobody is seated: there is nothing to expose")]
    NotSeated,
    /// A press while a portrait waits for its acceptance.
    #[error("a portrait waits to be accepted or retaken")]
    PortraitWaits,
    /// The frame may not become a portrait.
    #[error("the frame was refused: {0}")]
    Frame(FrameFault),
    /// The portrait misses the photo standard; the code is the finding's.
    #[error("the portrait does not meet the photo standard")]
    Portrait,
    /// The portrait was made from another frame than the one it came with.
    #[error("the portrait does not come from the frame of this sitting")]
    ForeignPortrait,
    /// An acceptance while nothing is offered.
    #[error("there is no portrait to accept")]
    NothingToAccept,
    /// A second acceptance of the same portrait.
    #[error("the portrait was accepted already")]
    AcceptedAlready,
    /// The acceptance was about something else than what is offered.
    #[error("what was accepted is not what is shown")]
    StaleToken,
    /// A result came for a sitting or exposure that is over.
    #[error("the result belongs to a sitting that is over")]
    LateResult,
    /// One of our own simulated devices in a production job.
    #[error("a simulated device cannot be used in a production job")]
    SimulatedDevice,
}

impl Refusal {
    /// Stable code of the manual's table.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotOnRoster => "not-on-roster",
            Self::NumberInvalid(IdNumberFault::CheckDigit) => "check-digit-wrong",
            Self::NumberInvalid(_) => "number-invalid",
            Self::NameDiffers => "name-differs",
            Self::NameNeedsALook => "name-needs-a-look",
            Self::DocumentContradicts => "document-contradicts",
            Self::DocumentExpired => "document-expired",
            Self::DocumentNotYetValid => "document-not-yet-valid",
            Self::AmbiguousEntry => "ambiguous-entry",
            Self::ClaimDiffers => "claim-differs",
            Self::AlreadyFiled => "already-filed",
            Self::ReadsDisagree => "reads-disagree",
            Self::Read(failure) => failure.code(),
            Self::DocumentNotRemoved => "document-not-removed",
            Self::SecondDocument => "second-document",
            Self::PileOfDocuments => "pile-of-documents",
            Self::NotSeated => "not-seated",
            Self::PortraitWaits => "portrait-waits",
            Self::Frame(fault) => fault.code(),
            Self::Portrait => "portrait-refused",
            Self::ForeignPortrait => "portrait-foreign",
            Self::NothingToAccept => "nothing-to-accept",
            Self::AcceptedAlready => "accepted-already",
            Self::StaleToken => "stale-token",
            Self::LateResult => "late-result",
            Self::SimulatedDevice => "simulated-device",
        }
    }
}

/// Why a sitting that had begun was given up. Doubt closes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum VoidCause {
    /// The document left the reader.
    #[error("the document was taken away")]
    DocumentTaken,
    /// Another document answered, or another insertion was seen.
    #[error("the document was changed")]
    DocumentChanged,
    /// A second document came to a reader.
    #[error("a second document came to the reader")]
    SecondDocument,
    /// The document could not be read again at exposure or at filing.
    #[error("the document could not be read again: {0}")]
    Unread(ReadFailure),
    /// Reader, driver or service lost.
    #[error("the reader was lost")]
    ReaderLost,
    /// Camera disconnected or stalled.
    #[error("the camera was lost")]
    CameraLost,
    /// The camera came back in another epoch.
    #[error("the camera was interrupted")]
    CameraInterrupted,
    /// The operator gave the sitting up.
    #[error("the operator gave the sitting up")]
    Operator,
    /// The program ended in mid-sitting and was started again.
    #[error("the station was restarted in mid-sitting")]
    Restarted,
    /// Nothing happened for too long.
    #[error("the sitting took too long")]
    TimedOut,
    /// Unattended, and the portrait did not meet the photo standard.
    #[error("no portrait met the photo standard")]
    PortraitRefused,
    /// Unattended, and no frame was fresh enough.
    #[error("no frame could be used: {0}")]
    Frame(FrameFault),
    /// The record could not be written.
    #[error("the record could not be written: {0}")]
    Filing(FilingFault),
}

impl VoidCause {
    /// Stable code of the manual's table.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::DocumentTaken => "document-taken",
            Self::DocumentChanged => "document-changed",
            Self::SecondDocument => "second-document",
            Self::Unread(ReadFailure::Taken) => "document-taken",
            Self::Unread(ReadFailure::Changed) => "document-changed",
            Self::Unread(failure) => failure.code(),
            Self::ReaderLost => "reader-lost",
            Self::CameraLost => "camera-lost",
            Self::CameraInterrupted => "camera-interrupted",
            Self::Operator => "voided-by-operator",
            Self::Restarted => "restarted",
            Self::TimedOut => "timed-out",
            Self::PortraitRefused => "portrait-refused",
            Self::Frame(fault) => fault.code(),
            Self::Filing(FilingFault::Refused) => "record-refused",
            Self::Filing(FilingFault::Disk) => "record-not-written",
        }
    }
}

/// Why the store did not take a filing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FilingFault {
    /// A rule of the database said no: a bug or an attack, never routine.
    #[error("the database refused the record")]
    Refused,
    /// Disk full, read-only, broken.
    #[error("the disk did not take the record")]
    Disk,
}

/// How a sitting ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// A portrait is on file.
    Filed,
    /// The rules said no before anybody was seated.
    Refused(Refusal),
    /// Given up in mid-sitting.
    Void(VoidCause),
}

impl Outcome {
    /// Stable word: `filed`, `refused` or `void`.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Filed => "filed",
            Self::Refused(_) => "refused",
            Self::Void(_) => "void",
        }
    }

    /// Stable code of the reason; `filed` when there is none.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Filed => "filed",
            Self::Refused(refusal) => refusal.code(),
            Self::Void(cause) => cause.code(),
        }
    }
}

/// 标记: why a portrait on file was found wrong.
///
/// The first group are the official rejection names of the registration system
/// (`facts/photo-and-roster.md` section 1), then what people say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FlagReason {
    /// 眼睛中心距离顶部百分比不合格.
    EyeLine,
    /// 瞳孔平行角度不合格.
    EyeTilt,
    /// 头顶距离顶部百分比不合格.
    Crown,
    /// 照片清晰度不合格.
    Sharpness,
    /// 黑边检测不合格.
    BlackBorder,
    /// 闭眼.
    EyesClosed,
    /// 张口、露齿.
    MouthOpen,
    /// 眼镜反光.
    Glare,
    /// 背景不合格.
    Background,
    /// 衣着不合格.
    Clothes,
    /// 不是本人: somebody says the face is another person's.
    WrongPerson,
    /// 图像校对有误, without a more exact reason.
    Rejected,
    /// 学生要求, authorised.
    Requested,
}

impl FlagReason {
    /// Every reason, in the order of the manual.
    pub const ALL: [Self; 13] = [
        Self::EyeLine,
        Self::EyeTilt,
        Self::Crown,
        Self::Sharpness,
        Self::BlackBorder,
        Self::EyesClosed,
        Self::MouthOpen,
        Self::Glare,
        Self::Background,
        Self::Clothes,
        Self::WrongPerson,
        Self::Rejected,
        Self::Requested,
    ];

    /// Stable code of the manual's table.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::EyeLine => "eye-line",
            Self::EyeTilt => "eye-tilt",
            Self::Crown => "crown",
            Self::Sharpness => "sharpness",
            Self::BlackBorder => "black-border",
            Self::EyesClosed => "eyes-closed",
            Self::MouthOpen => "mouth-open",
            Self::Glare => "glare",
            Self::Background => "background",
            Self::Clothes => "clothes",
            Self::WrongPerson => "wrong-person",
            Self::Rejected => "rejected",
            Self::Requested => "requested",
        }
    }

    /// The reason with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flag_codes_are_distinct_and_read_back() {
        for reason in FlagReason::ALL {
            assert_eq!(FlagReason::from_code(reason.code()), Some(reason));
        }
        assert_eq!(FlagReason::from_code("no-such-reason"), None);
    }
}
