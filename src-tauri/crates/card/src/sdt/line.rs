//! Questions and answers over a line that loses, damages and delays bytes.
//!
//! A reply does not say what it answers, so a late one could be taken for the answer
//! to a later question of the same kind: the data of the person before. Three things
//! keep that out:
//!
//! 1. Before each question the line is emptied. If something was there, it is in doubt.
//! 2. An answer counts only in the shape of its question ([`Command::is_answered_by`]).
//! 3. After a time-out, a damaged frame, a foreign shape or a stray byte the line is in
//!    doubt, and nothing is asked before it is **settled**: the module's id is asked
//!    for, and everything before that answer is thrown away. The module works
//!    one question after the other and the line keeps their order, so what comes after
//!    the id answers nothing that was asked before it. No other answer looks like it.
//!
//! The id is also what the reader is remembered by: another one means that the reader
//! was exchanged, and ends the line.

use super::exchange::{Exchange, ExchangeFault, Heard};
use super::frame::{Command, Decoder, FrameFault, Reply, SamStatus};
use booth::Timestamp;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Bytes in order, both ways: a serial port, a pseudo-terminal, a socket.
pub trait ByteLink: Send {
    /// Sends all of the bytes.
    ///
    /// # Errors
    /// When the link is gone.
    fn send(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Takes what is there, waiting no longer than this; 0 when nothing came.
    ///
    /// # Errors
    /// When the link is gone.
    fn receive(&mut self, room: &mut [u8], wait: Duration) -> io::Result<usize>;

    /// The clock by which answers are waited for.
    fn now(&self) -> Timestamp {
        clock::now()
    }
}

impl<T: ByteLink + ?Sized> ByteLink for Box<T> {
    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        (**self).send(bytes)
    }

    fn receive(&mut self, room: &mut [u8], wait: Duration) -> io::Result<usize> {
        (**self).receive(room, wait)
    }

    fn now(&self) -> Timestamp {
        (**self).now()
    }
}

/// Why a question got no answer.
#[derive(Debug, thiserror::Error)]
pub enum LineFault {
    /// The port is gone, or the program is closing.
    #[error("the port is gone: {0}")]
    Gone(#[source] io::Error),
    /// Another module answers than the one that was opened.
    #[error("another reader is on the port")]
    Exchanged,
    /// Not a byte came in time.
    #[error("no answer in time")]
    Silent,
    /// The answer broke off.
    #[error("the answer broke off after {0} bytes")]
    Cut(usize),
    /// What came is no frame.
    #[error("{0}")]
    Frame(#[from] FrameFault),
    /// A frame, but no answer to what was asked.
    #[error("an answer to something else: {status}, {bytes} bytes")]
    Foreign {
        /// Its status.
        status: SamStatus,
        /// The length of its data.
        bytes: usize,
    },
}

impl LineFault {
    /// Whether the line is dead, and not only disturbed.
    pub(crate) const fn is_final(&self) -> bool {
        match self {
            Self::Gone(_) | Self::Exchanged => true,
            Self::Silent | Self::Cut(_) | Self::Frame(_) | Self::Foreign { .. } => false,
        }
    }
}

impl ExchangeFault for LineFault {
    fn gone(error: io::Error) -> Self {
        Self::Gone(error)
    }

    fn is_final(&self) -> bool {
        Self::is_final(self)
    }
}

/// Which module it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct SamId([u8; 16]);

impl fmt::Display for SamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = |at: usize| u16::from_le_bytes([self.0[at], self.0[at + 1]]);
        let long = |at: usize| {
            let bytes = [self.0[at], self.0[at + 1], self.0[at + 2], self.0[at + 3]];
            u32::from_le_bytes(bytes)
        };
        let (class, maker) = (short(0), short(2));
        let (made, number, check) = (long(4), long(8), long(12));
        write!(
            f,
            "{class:02}.{maker:02}-{made:08}-{number:010}-{check:010}"
        )
    }
}

/// A line is settled in so many tries; a module that is busy with an old question may
/// need its time for it first.
const SETTLE_TRIES: usize = 3;
/// A line on which nothing came for so long is empty.
const QUIET: Duration = Duration::from_millis(20);
/// A line that never falls silent is given up after so many bytes.
const NOISE_MAX: usize = 64 << 10;
/// The program can close in the middle of a wait.
const SLICE: Duration = Duration::from_millis(50);

/// One module at the other end.
pub(super) struct Line<L> {
    link: L,
    baud: u32,
    id: Option<SamId>,
    doubt: bool,
    closing: Arc<AtomicBool>,
}

impl<L: ByteLink> Line<L> {
    /// Finds out who is there and that it is well, in so many tries.
    pub(super) fn open(
        link: L,
        baud: u32,
        tries: usize,
        closing: Arc<AtomicBool>,
    ) -> Result<Self, LineFault> {
        let mut line = Self {
            link,
            baud,
            id: None,
            doubt: true,
            closing,
        };
        line.settle(tries)?;
        let (reply, _) = line.ask(Command::Status)?;
        if reply.status != SamStatus::Done {
            tracing::warn!(status = %reply.status, "the module of the reader is not well");
        }
        Ok(line)
    }

    /// The module, once the line is open.
    pub(super) const fn id(&self) -> Option<&SamId> {
        self.id.as_ref()
    }

    /// Asks, and returns an answer to exactly this question and when it was put. Any
    /// fault leaves the line in doubt, so that the next question settles it first.
    pub(super) fn ask(&mut self, command: Command) -> Result<(Reply, Timestamp), LineFault> {
        if self.drain(Duration::ZERO)? > 0 {
            self.doubt = true;
        }
        if self.doubt {
            self.settle(SETTLE_TRIES)?;
        }
        self.doubt = true;
        let asked = self.link.now();
        self.send(command)?;
        let mut decoder = Decoder::default();
        let deadline = self.deadline(command, command.answer_bytes_max());
        let reply = self.next_reply(deadline, &mut decoder)?;
        if !command.is_answered_by(&reply) {
            return Err(LineFault::Foreign {
                status: reply.status,
                bytes: reply.data.len(),
            });
        }
        self.doubt = decoder.left() > 0;
        Ok((reply, asked))
    }

    /// Makes sure that no answer to an earlier question is under way.
    fn settle(&mut self, tries: usize) -> Result<(), LineFault> {
        let mut fault = LineFault::Silent;
        for _ in 0..tries {
            self.drain(QUIET)?;
            self.send(Command::Id)?;
            match self.await_id() {
                Ok(id) if self.id.as_ref().is_none_or(|known| *known == id) => {
                    self.id = Some(id);
                    self.drain(QUIET)?;
                    self.doubt = false;
                    return Ok(());
                }
                Ok(_) => return Err(LineFault::Exchanged),
                Err(end) if end.is_final() => return Err(end),
                Err(end) => fault = end,
            }
        }
        Err(fault)
    }

    /// The id, whatever comes before it: a whole read may, once something was asked.
    fn await_id(&mut self) -> Result<SamId, LineFault> {
        let mut bytes_max = Command::Id.answer_bytes_max();
        if self.id.is_some() {
            bytes_max += Command::Read.answer_bytes_max();
        }
        let deadline = self.deadline(Command::Id, bytes_max);
        let mut decoder = Decoder::default();
        loop {
            match self.next_reply(deadline, &mut decoder) {
                Ok(reply) if Command::Id.is_answered_by(&reply) => {
                    if let Ok(id) = <[u8; 16]>::try_from(reply.data.as_slice()) {
                        return Ok(SamId(id));
                    }
                }
                Ok(_) | Err(LineFault::Frame(_)) => {}
                Err(fault) => return Err(fault),
            }
        }
    }

    fn send(&mut self, command: Command) -> Result<(), LineFault> {
        self.link.send(&command.request()).map_err(LineFault::Gone)
    }

    /// The patience for this question and the time that so many bytes take on the line.
    fn deadline(&self, command: Command, bytes_max: usize) -> Timestamp {
        let transfer = transfer_time(bytes_max, self.baud);
        self.link.now().plus(command.patience() + transfer)
    }

    fn next_reply(
        &mut self,
        deadline: Timestamp,
        decoder: &mut Decoder,
    ) -> Result<Reply, LineFault> {
        loop {
            if let Some(reply) = decoder.next() {
                return Ok(reply?);
            }
            let left = deadline.since(self.link.now()).unwrap_or_default();
            if left.is_zero() {
                return Err(match decoder.left() {
                    0 => LineFault::Silent,
                    bytes => LineFault::Cut(bytes),
                });
            }
            let mut room = [0; 512];
            let got = self.receive(&mut room, left.min(SLICE))?;
            decoder.push(&room[..got]);
        }
    }

    /// Throws away what is there, and what follows it without a pause; says how much.
    fn drain(&mut self, quiet: Duration) -> Result<usize, LineFault> {
        let mut drained = 0;
        while drained < NOISE_MAX {
            let mut room = [0; 512];
            match self.receive(&mut room, quiet)? {
                0 => return Ok(drained),
                got => drained += got,
            }
        }
        Err(LineFault::Cut(drained))
    }

    fn receive(&mut self, room: &mut [u8], wait: Duration) -> Result<usize, LineFault> {
        if self.closing.load(Ordering::Relaxed) {
            return Err(LineFault::Gone(io::ErrorKind::Interrupted.into()));
        }
        self.link.receive(room, wait).map_err(LineFault::Gone)
    }
}

impl<L: ByteLink> Exchange for Line<L> {
    type Fault = LineFault;

    fn ask(&mut self, command: Command) -> Result<Heard, LineFault> {
        let (reply, asked) = Self::ask(self, command)?;
        let is_read = command == Command::Read;
        Ok(Heard {
            status: reply.status,
            text: reply.text().filter(|_| is_read),
            portrait: reply.portrait().filter(|_| is_read),
            asked,
        })
    }

    fn now(&self) -> Timestamp {
        self.link.now()
    }
}

/// Ten bits a byte, and a half more for converters that gather bytes before they
/// hand them on.
fn transfer_time(bytes: usize, baud: u32) -> Duration {
    let bits = u64::try_from(bytes).unwrap_or(u64::MAX).saturating_mul(15);
    Duration::from_millis(bits.saturating_mul(1000) / u64::from(baud.max(1)) + 50)
}

#[cfg(test)]
#[path = "line/tests.rs"]
mod tests;
