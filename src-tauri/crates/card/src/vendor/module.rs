//! The module, asked through the child: what its answers mean.

use super::DONE;
use super::child::ChildProcess;
use crate::sdt::SamStatus;
use crate::sdt::exchange::{Exchange, ExchangeFault, Heard};
use crate::sdt::frame::Command;
use ::vendor::protocol::{Answer, FrameFault, Request, Symbol};
use booth::{ClosedPortrait, Timestamp};
use std::io;

/// Why the library gave no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum VendorFault {
    /// The program that holds the library cannot be started.
    #[error("likeness-vendor cannot be started: {0}")]
    Program(#[source] io::Error),
    #[error("there is no such library")]
    LibraryMissing,
    #[error("the library cannot be loaded: {0}")]
    LibraryUnfit(String),
    #[error("the library has no function {0}")]
    SymbolMissing(Symbol),
    /// No reader on the port.
    #[error("the port does not open: {0:02X}")]
    Port(i32),
    /// The child ended, or the program is closing.
    #[error("the library is gone: {0}")]
    Gone(#[source] io::Error),
    /// What the child sends is no answer.
    #[error("{0}")]
    Wild(FrameFault),
    #[error("the library does not answer")]
    Silent,
    /// An answer, but none that this question has.
    #[error("an answer to something else: {0:?}")]
    Foreign(Answer),
    #[error("the library wrote past its buffer")]
    Overrun,
    #[error("the library read {text} bytes of text and {portrait} of the portrait")]
    Lengths { text: u32, portrait: u32 },
    /// The library does not reach its reader.
    #[error("the library does not reach its reader: {0:02X}")]
    Unreachable(i32),
    /// A status that this question does not have.
    #[error("the library returned {0:02X}")]
    Status(i32),
}

impl ExchangeFault for VendorFault {
    fn gone(error: io::Error) -> Self {
        Self::Gone(error)
    }

    fn is_final(&self) -> bool {
        match self {
            Self::Lengths { .. } | Self::Unreachable(_) | Self::Status(_) => false,
            Self::Program(_)
            | Self::LibraryMissing
            | Self::LibraryUnfit(_)
            | Self::SymbolMissing(_)
            | Self::Port(_)
            | Self::Gone(_)
            | Self::Wild(_)
            | Self::Silent
            | Self::Foreign(_)
            | Self::Overrun => true,
        }
    }
}

/// One module behind a library whose port is open.
pub(super) struct VendorModule {
    child: ChildProcess,
    /// The library has the function, as far as we know.
    offers_addresses: bool,
}

impl VendorModule {
    pub(super) const fn new(child: ChildProcess) -> Self {
        Self {
            child,
            offers_addresses: true,
        }
    }

    fn addresses(&mut self) -> Result<Heard, VendorFault> {
        if self.offers_addresses {
            match self.child.ask(Request::Addresses)? {
                (Answer::NotOffered, _) => self.offers_addresses = false,
                (answer, asked) => return heard(Command::Addresses, answer, asked),
            }
        }
        // Only a card that is there and selected can be read: slower, but as sure. What
        // was read is dropped.
        let (answer, asked) = self.child.ask(Request::Read)?;
        let mut heard = heard(Command::Read, answer, asked)?;
        (heard.text, heard.portrait) = (None, None);
        Ok(heard)
    }
}

impl Exchange for VendorModule {
    type Fault = VendorFault;

    fn ask(&mut self, command: Command) -> Result<Heard, VendorFault> {
        let request = match command {
            Command::Find => Request::Find,
            Command::Select => Request::Select,
            Command::Read => Request::Read,
            Command::Reset => Request::Reset,
            Command::Addresses => return self.addresses(),
            // Not asked by an attendant: the library does that by itself.
            Command::Status | Command::Id => return Err(VendorFault::Status(0)),
        };
        let (answer, asked) = self.child.ask(request)?;
        if answer == Answer::NotOffered && command == Command::Reset {
            let status = SamStatus::BadCommand;
            return Ok(Heard {
                status,
                text: None,
                portrait: None,
                asked,
            });
        }
        heard(command, answer, asked)
    }

    fn now(&self) -> Timestamp {
        clock::now()
    }
}

/// An answer as the module's word, if this question has it.
fn heard(command: Command, answer: Answer, asked: Timestamp) -> Result<Heard, VendorFault> {
    match answer {
        Answer::Text(text) if command == Command::Read => Ok(Heard {
            status: SamStatus::Done,
            text: Some(text),
            portrait: None,
            asked,
        }),
        Answer::Both { text, portrait } if command == Command::Read => Ok(Heard {
            status: SamStatus::Done,
            text: Some(text),
            portrait: Some(ClosedPortrait::new(portrait)),
            asked,
        }),
        // A read that is done is a text.
        Answer::Status(DONE) if command == Command::Read => Err(VendorFault::Foreign(answer)),
        Answer::Status(status) => Ok(Heard {
            status: status_of(command, status)?,
            text: None,
            portrait: None,
            asked,
        }),
        Answer::Lengths { text, portrait } => Err(VendorFault::Lengths { text, portrait }),
        Answer::Overrun => Err(VendorFault::Overrun),
        Answer::Text(_)
        | Answer::Both { .. }
        | Answer::Picture(_)
        | Answer::Module(_)
        | Answer::LibraryMissing
        | Answer::LibraryUnfit(_)
        | Answer::SymbolMissing(_)
        | Answer::NotOffered
        | Answer::NotOpen
        | Answer::ModuleUnnamed => Err(VendorFault::Foreign(answer)),
    }
}

/// The module's status, or what the library says of the way to it: it returns numbers
/// below `10` when the port does not open, is shut, or brings nothing in time.
fn status_of(command: Command, status: i32) -> Result<SamStatus, VendorFault> {
    let byte = match u8::try_from(status) {
        Ok(1..=9) => return Err(VendorFault::Unreachable(status)),
        Ok(byte) => byte,
        Err(_) => return Err(VendorFault::Status(status)),
    };
    let word = SamStatus::of([0, 0, byte]);
    if command.admits(word) && !matches!(word, SamStatus::Other(_)) {
        Ok(word)
    } else {
        Err(VendorFault::Status(status))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMANDS: [Command; 5] = [
        Command::Find,
        Command::Select,
        Command::Read,
        Command::Addresses,
        Command::Reset,
    ];

    fn said(command: Command, answer: Answer) -> Result<SamStatus, VendorFault> {
        heard(command, answer, clock::now()).map(|heard| heard.status)
    }

    #[test]
    fn a_good_status_is_good_for_its_question_only() {
        for command in COMMANDS {
            let done = said(command, Answer::Status(0x90)).is_ok();
            let found = said(command, Answer::Status(0x9F)).is_ok();
            assert_eq!(found, command == Command::Find);
            assert_eq!(done, ![Command::Find, Command::Read].contains(&command));
            let text = said(command, Answer::Text(Box::new([0; 256])));
            assert_eq!(text.is_ok(), command == Command::Read);
            assert_eq!(
                text.map_err(|fault| fault.is_final()).err(),
                (command != Command::Read).then_some(true)
            );
        }
    }

    #[test]
    fn what_no_module_says_is_no_status() {
        for command in COMMANDS {
            for status in [i32::MIN, -1, 0, 0x0A, 0x42, 0x100, 0x190, 0x9F00, i32::MAX] {
                let fault = said(command, Answer::Status(status)).unwrap_err();
                assert!(matches!(fault, VendorFault::Status(_)), "{status:X}");
                assert!(
                    !fault.is_final(),
                    "one such answer says nothing of the child"
                );
            }
            for status in 1..=9 {
                let fault = said(command, Answer::Status(status)).unwrap_err();
                assert!(matches!(fault, VendorFault::Unreachable(_)), "{status:X}");
            }
        }
    }

    #[test]
    fn a_child_that_runs_wild_is_given_up() {
        for answer in [
            Answer::NotOpen,
            Answer::NotOffered,
            Answer::LibraryMissing,
            Answer::Module("M".into()),
            Answer::Overrun,
        ] {
            for command in COMMANDS {
                assert!(said(command, answer.clone()).unwrap_err().is_final());
            }
        }
    }
}
