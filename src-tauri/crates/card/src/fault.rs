//! Why a read brought nothing, sorted by what the operator can do.

use crate::layout::LayoutFault;
use crate::page::ReplyFault;
use crate::sdt::SamStatus;
use ::pcsc::Error;
use booth::ReadFailure;

/// Why a reader could not be opened. Everything that can heal by itself (no
/// service, no reader) is no error but a [`Health`](crate::Health).
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    /// The name of the reader is empty.
    #[error("a reader's name cannot be empty")]
    Name,
    /// The system gave no thread.
    #[error("the reader's thread could not be started")]
    Thread(#[source] std::io::Error),
}

impl CardError {
    /// Stable word for the table of notices.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Name => "reader-name",
            Self::Thread(_) => "reader-thread",
        }
    }
}

/// Why a read brought no card read.
#[derive(Debug, thiserror::Error)]
pub enum ReadFault {
    /// The insertion that was asked for is not the present one.
    #[error("the document left the reader")]
    Taken,
    /// Two answers on one handle differ.
    #[error("the document changed during the read")]
    Changed,
    /// The smart-card service said no.
    #[error("the smart-card service failed: {source}")]
    Service {
        /// What that means.
        failure: ReadFailure,
        /// What it said.
        source: Error,
    },
    /// The security module of a serial reader said no.
    #[error("the reader answered {0}")]
    Sam(SamStatus),
    /// The line to a serial reader was disturbed; what was wrong, without data.
    #[error("the line to the reader was disturbed: {0}")]
    Line(String),
    /// The answer of the card is none.
    #[error("the answer cannot be used: {0}")]
    Reply(#[from] ReplyFault),
    /// The identity bytes break their own rules, or are of another kind.
    #[error("the data cannot be used: {0}")]
    Layout(#[from] LayoutFault),
    /// No answer within the time of the watchdog.
    #[error("the reader does not answer")]
    Hung,
    /// Reader or service went away before the read was over.
    #[error("the reader is gone")]
    Gone,
    /// A fault that a simulated document was told to have.
    #[error("simulated: {0}")]
    Simulated(ReadFailure),
}

impl ReadFault {
    /// What it means for the sitting.
    #[must_use]
    pub const fn failure(&self) -> ReadFailure {
        match self {
            Self::Taken => ReadFailure::Taken,
            Self::Changed => ReadFailure::Changed,
            Self::Service { failure, .. } | Self::Simulated(failure) => *failure,
            Self::Reply(ReplyFault::Status(status)) if status.is_unknown_command() => {
                ReadFailure::Unsupported
            }
            Self::Reply(
                ReplyFault::Cut(_)
                | ReplyFault::Status(_)
                | ReplyFault::Length(_)
                | ReplyFault::Header,
            ) => ReadFailure::Unreadable,
            Self::Sam(status) => refused(*status),
            Self::Line(_) => ReadFailure::Unreadable,
            Self::Layout(LayoutFault::Kind(_)) => ReadFailure::Unsupported,
            Self::Layout(LayoutFault::Field(..) | LayoutFault::Order) => ReadFailure::Invalid,
            Self::Hung | Self::Gone => ReadFailure::Gone,
        }
    }

    /// Stable word for the journal and for `--json`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.failure().code()
    }
}

/// What a word of the module means for a read.
const fn refused(status: SamStatus) -> ReadFailure {
    match status {
        SamStatus::NotVerified => ReadFailure::Invalid,
        // Asking again does not help: no identity document, one that this reader may
        // not read, or a reader that may read none.
        SamStatus::WrongCard
        | SamStatus::CardRejectsReader
        | SamStatus::ReaderRejectsCard
        | SamStatus::NotAuthorised
        | SamStatus::BadCommand => ReadFailure::Unsupported,
        SamStatus::Done
        | SamStatus::Found
        | SamStatus::Checksum
        | SamStatus::Length
        | SamStatus::ReadFailed
        | SamStatus::RandomFailed
        | SamStatus::SelfTestFailed
        | SamStatus::NotFound
        | SamStatus::NotSelected
        | SamStatus::NoContent
        | SamStatus::Other(_) => ReadFailure::Unreadable,
    }
}

impl From<Error> for ReadFault {
    fn from(source: Error) -> Self {
        Self::Service {
            failure: classify(source),
            source,
        }
    }
}

/// What a word of the service means for a read. Found by trying each fault on
/// pcscd 1.9.9 with its virtual and its true USB driver.
const fn classify(error: Error) -> ReadFailure {
    if is_reader_gone(error) || is_service_gone(error) {
        ReadFailure::Gone
    } else if matches!(error, Error::NoSmartcard | Error::RemovedCard) {
        ReadFailure::Taken
    } else if matches!(error, Error::ResetCard) {
        // The handle is exclusive: nobody but a new insertion resets the card.
        ReadFailure::Changed
    } else if matches!(error, Error::SharingViolation) {
        ReadFailure::Busy
    } else {
        // Time-outs of the driver, mute or upside-down cards, damaged ATRs, and
        // whatever else a system may say: from the start, on a new handle.
        ReadFailure::Unreadable
    }
}

/// The context is dead and stays dead, whatever `is_valid` says: make a new one.
const fn is_service_gone(error: Error) -> bool {
    matches!(
        error,
        Error::NoService
            | Error::ServiceStopped
            | Error::CommError
            | Error::InvalidHandle
            | Error::Shutdown
            | Error::InternalError
    )
}

/// The reader is unplugged; the context lives on.
pub(crate) const fn is_reader_gone(error: Error) -> bool {
    matches!(
        error,
        Error::ReaderUnavailable
            | Error::UnknownReader
            | Error::InvalidValue
            | Error::NoReadersAvailable
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::{Field, TypeFlag};
    use crate::page::StatusWord;

    #[test]
    fn each_word_of_the_service_has_its_meaning() {
        let table = [
            (Error::NoSmartcard, ReadFailure::Taken),
            (Error::RemovedCard, ReadFailure::Taken),
            (Error::ResetCard, ReadFailure::Changed),
            (Error::SharingViolation, ReadFailure::Busy),
            (Error::NotTransacted, ReadFailure::Unreadable),
            (Error::Timeout, ReadFailure::Unreadable),
            (Error::ProtoMismatch, ReadFailure::Unreadable),
            (Error::UnpoweredCard, ReadFailure::Unreadable),
            (Error::UnresponsiveCard, ReadFailure::Unreadable),
            (Error::InsufficientBuffer, ReadFailure::Unreadable),
            (Error::ReaderUnavailable, ReadFailure::Gone),
            (Error::UnknownReader, ReadFailure::Gone),
            (Error::InvalidValue, ReadFailure::Gone),
            (Error::NoReadersAvailable, ReadFailure::Gone),
            (Error::NoService, ReadFailure::Gone),
            (Error::ServiceStopped, ReadFailure::Gone),
            (Error::CommError, ReadFailure::Gone),
            (Error::InvalidHandle, ReadFailure::Gone),
            (Error::Shutdown, ReadFailure::Gone),
            (Error::InternalError, ReadFailure::Gone),
        ];
        for (error, failure) in table {
            assert_eq!(ReadFault::from(error).failure(), failure, "{error:?}");
        }
    }

    #[test]
    fn a_reader_that_is_gone_leaves_the_context_alive() {
        assert!(is_reader_gone(Error::ReaderUnavailable));
        assert!(!is_service_gone(Error::ReaderUnavailable));
        assert!(is_service_gone(Error::CommError));
        assert!(!is_service_gone(Error::RemovedCard) && !is_reader_gone(Error::RemovedCard));
    }

    #[test]
    fn answers_and_data_have_their_meaning() {
        let table: [(ReadFault, ReadFailure); 14] = [
            (ReadFault::Line(String::new()), ReadFailure::Unreadable),
            (
                ReadFault::Sam(SamStatus::ReadFailed),
                ReadFailure::Unreadable,
            ),
            (ReadFault::Sam(SamStatus::NotVerified), ReadFailure::Invalid),
            (
                ReadFault::Sam(SamStatus::NotAuthorised),
                ReadFailure::Unsupported,
            ),
            (
                ReadFault::Sam(SamStatus::WrongCard),
                ReadFailure::Unsupported,
            ),
            (ReplyFault::Cut(0).into(), ReadFailure::Unreadable),
            (ReplyFault::Length(300).into(), ReadFailure::Unreadable),
            (ReplyFault::Header.into(), ReadFailure::Unreadable),
            (
                ReplyFault::Status(StatusWord(0x6F00)).into(),
                ReadFailure::Unreadable,
            ),
            (
                ReplyFault::Status(StatusWord(0x6D00)).into(),
                ReadFailure::Unsupported,
            ),
            (
                LayoutFault::Kind(TypeFlag(0x41)).into(),
                ReadFailure::Unsupported,
            ),
            (
                LayoutFault::Field(Field::Birth).into(),
                ReadFailure::Invalid,
            ),
            (LayoutFault::Order.into(), ReadFailure::Invalid),
            (ReadFault::Hung, ReadFailure::Gone),
        ];
        for (fault, failure) in table {
            assert_eq!(fault.failure(), failure, "{fault:?}");
            assert_eq!(fault.code(), failure.code());
        }
    }
}
