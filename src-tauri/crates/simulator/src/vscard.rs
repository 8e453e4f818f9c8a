//! The virtual card of an emulated USB reader: what lies on QEMU's `usb-ccid`.
//!
//! Behind that reader stands everything that a booth's own has: the kernel's USB stack,
//! libccid, the service. The card talks to QEMU's `ccid-card-passthru` over a socket;
//! each message is three `u32` (type, reader, length of the payload; big endian) and
//! the payload:
//!
//! | type | from | meaning |
//! |---|---|---|
//! | 1 | both | greeting: `VSCD`, version, capabilities |
//! | 2 | QEMU | 0: done; else a fault |
//! | 3 | us | a reader is there |
//! | 5 | us | a card with this ATR was laid there |
//! | 6 | us | it was taken away |
//! | 7 | both | a command, an answer |
//!
//! QEMU drops answers over 374 bytes and ATRs that are none. Unlike the card of
//! [`vpcd`](crate::vpcd) a slow one is not waited for: the driver gives up after 3 s
//! and the late answer still arrives, whoever lies there by then.

use crate::vpcd::{Card, Deed};
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

const INIT: u32 = 1;
const READER_ADD: u32 = 3;
const ATR: u32 = 5;
const CARD_REMOVE: u32 = 6;
const APDU: u32 = 7;

/// The one reader of a `usb-ccid`.
const READER: u32 = 0;
/// What a message that is about no reader names.
const NO_READER: u32 = u32::MAX;
/// No message of QEMU is longer.
const MESSAGE_BYTES_MAX: u32 = 64 << 10;

/// The place on an emulated reader. Dropping it takes the card away.
pub struct Slot {
    place: Arc<Place>,
    listener: Option<JoinHandle<()>>,
}

impl Slot {
    /// The place at the other end of this line; nothing lies there.
    ///
    /// # Errors
    /// When the line is broken or the system gives no thread.
    pub fn new(line: UnixStream) -> io::Result<Self> {
        let place = Arc::new(Place {
            line: Mutex::new(line.try_clone()?),
            lying: Mutex::default(),
        });
        let listening = Arc::clone(&place);
        let listener = std::thread::Builder::new()
            .name("virtual-card".to_owned())
            // Ends with the line.
            .spawn(move || drop(listening.listen(line)))?;
        let slot = Self {
            place,
            listener: Some(listener),
        };
        slot.greet()?;
        Ok(slot)
    }

    /// Says who is there: at the beginning, and after the reader was plugged in again.
    ///
    /// # Errors
    /// When the line is broken.
    pub fn greet(&self) -> io::Result<()> {
        self.place.lying().card = None;
        let version = 2u32.to_be_bytes();
        let capabilities = 0u32.to_be_bytes();
        let who = [&b"VSCD"[..], &version, &capabilities].concat();
        self.place.send(INIT, NO_READER, &who)?;
        self.place.send(READER_ADD, NO_READER, &[])
    }

    /// Lays a card on the reader; one that lies there is taken away before.
    ///
    /// # Errors
    /// When the line is broken.
    pub fn insert(&self, card: Card) -> io::Result<()> {
        self.remove()?;
        self.place.lay(&mut self.place.lying(), card)
    }

    /// Takes the card away, whatever it is doing.
    ///
    /// # Errors
    /// When the line is broken.
    pub fn remove(&self) -> io::Result<()> {
        self.place.clear(&mut self.place.lying())
    }

    /// Takes the card away and lays another one there after a gap.
    ///
    /// # Errors
    /// When the line is broken.
    pub fn swap(&self, next: Card, gap: Duration) -> io::Result<()> {
        self.remove()?;
        std::thread::sleep(gap);
        self.insert(next)
    }

    /// Commands that reached cards of this place so far.
    #[must_use]
    pub fn commands(&self) -> usize {
        self.place.lying().commands
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        drop(self.remove());
        // Fails when the other side was first.
        drop(self.place.line().shutdown(Shutdown::Both));
        if let Some(listener) = self.listener.take() {
            // A panic in it was reported when it happened.
            drop(listener.join());
        }
    }
}

/// What the listener, late deeds and the owner hold together.
struct Place {
    line: Mutex<UnixStream>,
    lying: Mutex<Lying>,
}

#[derive(Default)]
struct Lying {
    card: Option<Card>,
    /// Counts what was laid there and taken away: a card that shall come later does
    /// not when somebody was there before it.
    moves: usize,
    commands: usize,
}

impl Place {
    fn line(&self) -> MutexGuard<'_, UnixStream> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lying(&self) -> MutexGuard<'_, Lying> {
        self.lying.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lay(&self, lying: &mut Lying, card: Card) -> io::Result<()> {
        let atr = card.atr().to_vec();
        lying.moves += 1;
        lying.card = Some(card);
        self.send(ATR, READER, &atr)
    }

    fn clear(&self, lying: &mut Lying) -> io::Result<()> {
        lying.moves += 1;
        match lying.card.take() {
            Some(_) => self.send(CARD_REMOVE, READER, &[]),
            None => Ok(()),
        }
    }

    fn listen(self: &Arc<Self>, mut line: UnixStream) -> io::Result<()> {
        loop {
            let (kind, payload) = receive(&mut line)?;
            if kind == APDU {
                let mut lying = self.lying();
                lying.commands += 1;
                // A command that met the card's departure is lost.
                if let Some(card) = &mut lying.card {
                    let deed = card.obey(&payload);
                    self.carry_out(&mut lying, deed)?;
                }
            }
        }
    }

    fn carry_out(self: &Arc<Self>, lying: &mut Lying, deed: Deed) -> io::Result<()> {
        match deed {
            Deed::Say(said) => self.send(APDU, READER, &said),
            Deed::SayLate(said, span) => {
                self.later(span, move |place| place.send(APDU, READER, &said))
            }
            Deed::Keep => Ok(()),
            Deed::Leave => self.clear(lying),
            Deed::Swap(said, gap, next) => {
                self.send(APDU, READER, &said)?;
                self.clear(lying)?;
                if gap.is_zero() {
                    return self.lay(lying, *next);
                }
                let moves = lying.moves;
                self.later(gap, move |place| {
                    let mut lying = place.lying();
                    if lying.moves == moves {
                        place.lay(&mut lying, *next)?;
                    }
                    Ok(())
                })
            }
        }
    }

    /// Does something after a while, unless the line is closed by then.
    fn later(
        self: &Arc<Self>,
        span: Duration,
        work: impl FnOnce(&Self) -> io::Result<()> + Send + 'static,
    ) -> io::Result<()> {
        let place = Arc::clone(self);
        let wait = move || {
            std::thread::sleep(span);
            drop(work(&place));
        };
        let name = "virtual-card-late".to_owned();
        std::thread::Builder::new().name(name).spawn(wait).map(drop)
    }

    fn send(&self, kind: u32, reader: u32, payload: &[u8]) -> io::Result<()> {
        let length = u32::try_from(payload.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        let head = [kind, reader, length].map(u32::to_be_bytes);
        let message = [head.as_flattened(), payload].concat();
        self.line().write_all(&message)
    }
}

/// Type and payload of the next message.
fn receive(line: &mut UnixStream) -> io::Result<(u32, Vec<u8>)> {
    let mut head = [[0; 4]; 3];
    line.read_exact(head.as_flattened_mut())?;
    let [kind, _reader, length] = head.map(u32::from_be_bytes);
    if length > MESSAGE_BYTES_MAX {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut payload = vec![0; usize::try_from(length).map_err(|_| io::ErrorKind::InvalidData)?];
    line.read_exact(&mut payload)?;
    Ok((kind, payload))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vpcd::Misdeed;
    use std::time::Instant;

    const ASK_PAGE: [u8; 5] = [0xFF, 0xB0, 0x00, 0x00, 0x00];

    /// Plays QEMU, which was greeted already.
    struct Machine(UnixStream);

    impl Machine {
        fn with_place() -> (Self, Slot) {
            let (near, far) = UnixStream::pair().unwrap();
            far.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
            let slot = Slot::new(near).unwrap();
            let mut machine = Self(far);
            let (kind, who) = machine.next();
            assert_eq!((kind, &who[..4]), (INIT, &b"VSCD"[..]));
            assert_eq!(machine.next(), (READER_ADD, Vec::new()));
            (machine, slot)
        }

        fn next(&mut self) -> (u32, Vec<u8>) {
            receive(&mut self.0).unwrap()
        }

        fn ask(&mut self) {
            let head = [APDU, READER, 5].map(u32::to_be_bytes);
            let message = [head.as_flattened(), &ASK_PAGE].concat();
            self.0.write_all(&message).unwrap();
        }

        fn expect_card(&mut self) {
            assert_eq!(self.next().0, ATR);
        }

        fn expect_page(&mut self, of: u8) {
            assert_eq!(self.next(), (APDU, card::page_of(&[of; 256])));
        }
    }

    fn until_heard(slot: &Slot, commands: usize) {
        while slot.commands() < commands {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn a_card_comes_answers_and_goes() {
        let (mut machine, slot) = Machine::with_place();
        slot.insert(Card::new([7; 256])).unwrap();
        machine.expect_card();
        machine.ask();
        machine.expect_page(7);
        slot.swap(Card::new([8; 256]), Duration::ZERO).unwrap();
        assert_eq!(machine.next().0, CARD_REMOVE);
        machine.expect_card();
        machine.ask();
        machine.expect_page(8);
        assert_eq!(slot.commands(), 2);
        drop(slot);
        assert_eq!(machine.next().0, CARD_REMOVE);
        assert!(receive(&mut machine.0).is_err(), "the line is closed");
    }

    #[test]
    fn a_card_leaves_within_a_command() {
        let (mut machine, slot) = Machine::with_place();
        let card = Card::new([7; 256]).at(2, Misdeed::Pull);
        slot.insert(card).unwrap();
        machine.expect_card();
        machine.ask();
        machine.expect_page(7);
        machine.ask();
        assert_eq!(machine.next().0, CARD_REMOVE);
        // Nobody is there to answer this.
        machine.ask();
        until_heard(&slot, 3);
        slot.insert(Card::new([8; 256])).unwrap();
        machine.expect_card();
    }

    #[test]
    fn a_card_swaps_itself_unless_somebody_was_there_before() {
        let (mut machine, slot) = Machine::with_place();
        let gap = Duration::from_millis(50);
        let swapping = || {
            let next = Box::new(Card::new([8; 256]));
            Card::new([7; 256]).at(1, Misdeed::SwapAfter { gap, next })
        };
        slot.insert(swapping()).unwrap();
        machine.expect_card();
        machine.ask();
        machine.expect_page(7);
        assert_eq!(machine.next().0, CARD_REMOVE);
        machine.expect_card();
        machine.ask();
        machine.expect_page(8);
        // Pulled, and another laid there, before the second one comes by itself.
        slot.insert(swapping()).unwrap();
        assert_eq!(machine.next().0, CARD_REMOVE);
        machine.expect_card();
        machine.ask();
        machine.expect_page(7);
        assert_eq!(machine.next().0, CARD_REMOVE);
        slot.insert(Card::new([9; 256])).unwrap();
        machine.expect_card();
        std::thread::sleep(gap * 3);
        machine.ask();
        machine.expect_page(9);
    }

    #[test]
    fn a_late_answer_comes_whoever_lies_there() {
        let (mut machine, slot) = Machine::with_place();
        let late = Duration::from_millis(200);
        let card = Card::new([7; 256]).at(1, Misdeed::Slow(late));
        slot.insert(card).unwrap();
        machine.expect_card();
        let begun = Instant::now();
        machine.ask();
        until_heard(&slot, 1);
        // Another command is answered meanwhile, by another card.
        slot.insert(Card::new([8; 256])).unwrap();
        assert_eq!(machine.next().0, CARD_REMOVE);
        machine.expect_card();
        machine.ask();
        machine.expect_page(8);
        machine.expect_page(7);
        assert!(begun.elapsed() >= late);
    }

    #[test]
    fn a_reader_that_is_plugged_in_again_is_empty() {
        let (mut machine, slot) = Machine::with_place();
        slot.insert(Card::new([7; 256])).unwrap();
        machine.expect_card();
        slot.greet().unwrap();
        assert_eq!(machine.next().0, INIT);
        assert_eq!(machine.next().0, READER_ADD);
        // Nothing is taken away that is not there.
        slot.remove().unwrap();
        slot.insert(Card::new([8; 256])).unwrap();
        machine.expect_card();
    }
}
