//! The virtual card: what lies on a reader of vpcd, the virtual driver of pcscd.
//!
//! The real service, its library and our reader work on it as on a thing; only the
//! driver and the card are not real. vpcd listens on one TCP port for each reader, a
//! connection is a card that lies there, and each message is a length (`u16`, big
//! endian) and that many bytes:
//!
//! | length | payload | meaning |
//! |---|---|---|
//! | 1 | `00`, `01`, `02` | power off, power on, reset: no answer |
//! | 1 | `04` | what is your ATR? also how vpcd sees that the card still lies there |
//! | other | a command | answered by the card |
//!
//! An answer of length 0 would block the service for ever; none is ever sent.
//!
//! The card plays a resident card on a reader with a security module: it answers
//! `FF B0 00 00 00` with the page of its text and everything else with `6D00`. It can
//! be told to misbehave at its n-th command.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The port of vpcd's first reader, `Virtual PCD 00 00`, as packaged.
pub const FIRST_PORT: u16 = 35963;
/// The port of its second reader, `Virtual PCD 00 01`.
pub const SECOND_PORT: u16 = 35964;

const POWER_OFF: u8 = 0;
const POWER_ON: u8 = 1;
const RESET: u8 = 2;
const GET_ATR: u8 = 4;

/// Asks for page 0: what the product asks.
const ASK_PAGE: [u8; 5] = [0xFF, 0xB0, 0x00, 0x00, 0x00];
/// An ATR as contactless readers make them.
const ATR: [u8; 9] = [0x3B, 0x84, 0x80, 0x01, 0x4C, 0x49, 0x4B, 0x45, 0x0E];
/// A daemon that is not there is looked for this often.
const RECONNECT_PAUSE: Duration = Duration::from_millis(20);

/// How a card misbehaves at one command. None of these sends an answer of length 0.
pub enum Misdeed {
    /// Leaves the reader instead of answering.
    Pull,
    /// Answers, and is another card after a gap.
    SwapAfter {
        /// How long nothing lies there.
        gap: Duration,
        /// What comes then.
        next: Box<Card>,
    },
    /// Is another card from this command on, which that one answers: a swap so fast that
    /// no driver notices, as measured with the one for USB readers.
    Become(Box<Card>),
    /// One byte, which is less than a status word.
    OneByte,
    /// The first half of the page, cut off.
    Short,
    /// So many bytes, ending like a success.
    Huge(u16),
    /// The length and the end of a page with noise before it.
    Noise,
    /// A status word and nothing else.
    Status(u16),
    /// The right answer, late.
    Slow(Duration),
    /// No answer ever; the service waits until the card is pulled.
    Silent,
}

/// What a card makes of one command.
pub(crate) enum Deed {
    /// Answers.
    Say(Vec<u8>),
    /// Answers late.
    SayLate(Vec<u8>, Duration),
    /// Does not answer.
    Keep,
    /// Leaves the reader without an answer.
    Leave,
    /// Answers, leaves, and another card comes after a gap.
    Swap(Vec<u8>, Duration, Box<Card>),
}

/// A card that can be laid on a virtual reader.
pub struct Card {
    atr: Vec<u8>,
    text: Option<Box<[u8; card::TEXT_BYTES]>>,
    misdeeds: BTreeMap<usize, Misdeed>,
    /// The commands that it got so far.
    commands: usize,
}

impl Card {
    /// A resident card with these identity bytes.
    #[must_use]
    pub fn new(text: [u8; card::TEXT_BYTES]) -> Self {
        Self {
            atr: ATR.to_vec(),
            text: Some(Box::new(text)),
            misdeeds: BTreeMap::new(),
            commands: 0,
        }
    }

    /// A card that is no identity document: it knows no command.
    #[must_use]
    pub fn plain() -> Self {
        Self {
            atr: ATR.to_vec(),
            text: None,
            misdeeds: BTreeMap::new(),
            commands: 0,
        }
    }

    /// Misbehaves at this command; the first one of this card is 1.
    #[must_use]
    pub fn at(mut self, command: usize, misdeed: Misdeed) -> Self {
        self.misdeeds.insert(command, misdeed);
        self
    }

    /// Answers to a reset with these bytes.
    #[must_use]
    pub fn with_atr(mut self, atr: &[u8]) -> Self {
        self.atr = atr.to_vec();
        self
    }

    pub(crate) fn atr(&self) -> &[u8] {
        &self.atr
    }

    /// Takes the next command: answered, or what was asked for instead.
    pub(crate) fn obey(&mut self, command: &[u8]) -> Deed {
        self.commands += 1;
        let answer = self.answer(command);
        let said = match self.misdeeds.remove(&self.commands) {
            None => answer,
            Some(Misdeed::Pull) => return Deed::Leave,
            Some(Misdeed::SwapAfter { gap, next }) => return Deed::Swap(answer, gap, next),
            Some(Misdeed::Become(next)) => {
                *self = *next;
                self.commands = 1;
                self.answer(command)
            }
            Some(Misdeed::OneByte) => vec![0x90],
            Some(Misdeed::Short) => answer[..answer.len().div_ceil(2)].to_vec(),
            Some(Misdeed::Huge(length)) => ending_well(usize::from(length.max(2))),
            Some(Misdeed::Noise) => ending_well(card::PAGE_BYTES),
            Some(Misdeed::Status(word)) => word.to_be_bytes().to_vec(),
            Some(Misdeed::Slow(span)) => return Deed::SayLate(answer, span),
            Some(Misdeed::Silent) => return Deed::Keep,
        };
        Deed::Say(said)
    }

    fn answer(&self, command: &[u8]) -> Vec<u8> {
        match &self.text {
            Some(text) if command == ASK_PAGE => card::page_of(text),
            Some(_) | None => vec![0x6D, 0x00],
        }
    }
}

/// What a card was asked and when, by the clock of [`Instant`].
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// A command, and not the question which card it is.
    pub is_command: bool,
    /// Its last byte had come.
    pub at: Instant,
    /// The last byte of the answer had been handed over.
    pub answered: Instant,
}

/// The place on one virtual reader. Dropping it takes the card away.
pub struct Slot {
    port: u16,
    commands: Arc<AtomicUsize>,
    asked: Arc<Mutex<Vec<Asked>>>,
    lying: Option<Lying>,
}

struct Lying {
    shared: Arc<Shared>,
    thread: JoinHandle<()>,
}

/// What the card's thread and its owner both hold.
#[derive(Default)]
struct Shared {
    withdrawn: AtomicBool,
    line: Mutex<Option<TcpStream>>,
}

impl Shared {
    fn line(&self) -> MutexGuard<'_, Option<TcpStream>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_withdrawn(&self) -> bool {
        self.withdrawn.load(Ordering::SeqCst)
    }

    /// Sleeps, but not beyond the withdrawal.
    fn sleep(&self, span: Duration) {
        let end = Instant::now() + span;
        while !self.is_withdrawn() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            std::thread::sleep(left.min(Duration::from_millis(5)));
        }
    }

    /// Connects unless the card is withdrawn meanwhile.
    fn connect(&self, port: u16) -> io::Result<TcpStream> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_nodelay(true)?;
        let mut line = self.line();
        if self.is_withdrawn() {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        *line = Some(stream.try_clone()?);
        Ok(stream)
    }
}

impl Slot {
    /// The place on the reader of this port; nothing lies there.
    #[must_use]
    pub fn new(port: u16) -> Self {
        Self {
            port,
            commands: Arc::default(),
            asked: Arc::default(),
            lying: None,
        }
    }

    /// Lays a card on the reader; one that lies there is taken away before.
    ///
    /// The card stays when the service dies, and is there when it comes back, as a
    /// thing would.
    ///
    /// # Errors
    /// When vpcd does not listen.
    pub fn insert(&mut self, card: Card) -> io::Result<()> {
        self.remove();
        let shared = Arc::new(Shared::default());
        let stream = shared.connect(self.port)?;
        let player = Player {
            port: self.port,
            shared: Arc::clone(&shared),
            commands: Arc::clone(&self.commands),
            asked: Arc::clone(&self.asked),
        };
        drop(self.take_asked());
        let thread = std::thread::Builder::new()
            .name("virtual-card".to_owned())
            .spawn(move || player.play(card, stream))?;
        self.lying = Some(Lying { shared, thread });
        Ok(())
    }

    /// Takes the card away, whatever it is doing.
    pub fn remove(&mut self) {
        let Some(Lying { shared, thread }) = self.lying.take() else {
            return;
        };
        shared.withdrawn.store(true, Ordering::SeqCst);
        if let Some(line) = shared.line().take() {
            // Fails when the other side was first.
            drop(line.shutdown(Shutdown::Both));
        }
        // The thread only ends; a panic in it was reported when it happened.
        drop(thread.join());
    }

    /// Takes the card away and lays another one there after a gap.
    ///
    /// # Errors
    /// As for [`Slot::insert`].
    pub fn swap(&mut self, next: Card, gap: Duration) -> io::Result<()> {
        self.remove();
        std::thread::sleep(gap);
        self.insert(next)
    }

    /// Commands that reached cards of this place so far.
    #[must_use]
    pub fn commands(&self) -> usize {
        self.commands.load(Ordering::SeqCst)
    }

    /// What was asked since the card was laid down, or since this was taken before; without
    /// what has had no answer.
    #[must_use = "what was asked is forgotten here"]
    pub fn take_asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.remove();
    }
}

/// What follows a command.
enum Next {
    Go,
    /// The card left by itself.
    Left,
    /// Another card came by itself.
    Other(Box<Card>, Duration),
}

/// The thread of the cards of one insertion.
struct Player {
    port: u16,
    shared: Arc<Shared>,
    commands: Arc<AtomicUsize>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Player {
    fn play(self, mut card: Card, mut stream: TcpStream) {
        loop {
            let next = self.lie(&mut card, &mut stream);
            drop(stream.shutdown(Shutdown::Both));
            drop(self.shared.line().take());
            let gap = match next {
                Ok(Next::Left) => return,
                Ok(Next::Other(other, gap)) => {
                    card = *other;
                    gap
                }
                // The service died under the card.
                Ok(Next::Go) | Err(_) => RECONNECT_PAUSE,
            };
            self.shared.sleep(gap);
            match self.reconnect() {
                Some(again) => stream = again,
                None => return,
            }
        }
    }

    fn reconnect(&self) -> Option<TcpStream> {
        while !self.shared.is_withdrawn() {
            match self.shared.connect(self.port) {
                Ok(stream) => return Some(stream),
                Err(_) => self.shared.sleep(RECONNECT_PAUSE),
            }
        }
        None
    }

    /// One card on one connection, until something ends it.
    fn lie(&self, card: &mut Card, stream: &mut TcpStream) -> io::Result<Next> {
        loop {
            let message = receive(stream)?;
            let at = Instant::now();
            let is_command = match message.as_slice() {
                [POWER_OFF | POWER_ON | RESET] => continue,
                [GET_ATR] => {
                    send(stream, &card.atr)?;
                    false
                }
                command => {
                    self.commands.fetch_add(1, Ordering::SeqCst);
                    let next = self.carry_out(card.obey(command), stream)?;
                    if !matches!(next, Next::Go) {
                        return Ok(next);
                    }
                    true
                }
            };
            let asked = Asked {
                is_command,
                at,
                answered: Instant::now(),
            };
            let mut all = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            all.push(asked);
        }
    }

    fn carry_out(&self, deed: Deed, stream: &mut TcpStream) -> io::Result<Next> {
        match deed {
            Deed::Say(said) => send(stream, &said)?,
            Deed::SayLate(said, span) => {
                self.shared.sleep(span);
                send(stream, &said)?;
            }
            Deed::Keep => {}
            Deed::Leave => return Ok(Next::Left),
            Deed::Swap(said, gap, next) => {
                send(stream, &said)?;
                return Ok(Next::Other(next, gap));
            }
        }
        Ok(Next::Go)
    }
}

/// Noise that ends with the status word of success.
fn ending_well(length: usize) -> Vec<u8> {
    let mut noise: Vec<u8> = (0u8..=250).cycle().take(length).collect();
    noise[length - 2..].copy_from_slice(&[0x90, 0x00]);
    noise
}

fn receive(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 2];
    read_exactly(stream, &mut length)?;
    let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
    read_exactly(stream, &mut message)?;
    Ok(message)
}

/// vpcd sends length and payload apart, and the kernel would acknowledge the first
/// only after 40 ms: each command would take 44 ms instead of one.
fn read_exactly(stream: &mut TcpStream, bytes: &mut [u8]) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::net::sockopt::set_tcp_quickack(&*stream, true)?;
    stream.read_exact(bytes)
}

fn send(stream: &mut TcpStream, payload: &[u8]) -> io::Result<()> {
    let length = u16::try_from(payload.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    if length == 0 {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    stream.write_all(&[&length.to_be_bytes()[..], payload].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    /// Plays vpcd: a listener and what it exchanges with the card on the line.
    struct Driver {
        listener: TcpListener,
        line: TcpStream,
    }

    impl Driver {
        fn with(card: Card) -> (Self, Slot) {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let mut slot = Slot::new(listener.local_addr().unwrap().port());
            slot.insert(card).unwrap();
            let line = listener.accept().unwrap().0;
            (Self { listener, line }, slot)
        }

        fn ask(&mut self, message: &[u8]) -> io::Result<Vec<u8>> {
            send(&mut self.line, message)?;
            receive(&mut self.line)
        }

        fn next(&mut self) {
            self.line = self.listener.accept().unwrap().0;
        }
    }

    #[test]
    fn a_card_answers_like_a_resident_card() {
        let (mut driver, slot) = Driver::with(Card::new([7; 256]));
        send(&mut driver.line, &[POWER_ON]).unwrap();
        assert_eq!(driver.ask(&[GET_ATR]).unwrap(), ATR);
        assert_eq!(driver.ask(&ASK_PAGE).unwrap(), card::page_of(&[7; 256]));
        assert_eq!(driver.ask(&[0xFF, 0xCA, 0, 0, 0]).unwrap(), [0x6D, 0]);
        assert_eq!(slot.commands(), 2);
    }

    #[test]
    fn each_misdeed_happens_at_its_command_only() {
        let card = Card::new([7; 256])
            .at(1, Misdeed::OneByte)
            .at(2, Misdeed::Short)
            .at(3, Misdeed::Huge(60_000))
            .at(4, Misdeed::Noise)
            .at(5, Misdeed::Status(0x6D00));
        let (mut driver, _slot) = Driver::with(card);
        let said: Vec<_> = (0..6).map(|_| driver.ask(&ASK_PAGE).unwrap()).collect();
        let lengths: Vec<_> = said.iter().map(Vec::len).collect();
        assert_eq!(
            lengths,
            [1, 131, 60_000, card::PAGE_BYTES, 2, card::PAGE_BYTES]
        );
        assert!(card::check_page(&said[3]).is_err());
        assert!(card::check_page(&said[5]).is_ok());
    }

    #[test]
    fn a_card_swaps_itself_and_leaves() {
        let other = Card::new([8; 256]).at(2, Misdeed::Pull);
        let gap = Duration::from_millis(30);
        let next = Box::new(other);
        let card = Card::new([7; 256]).at(1, Misdeed::SwapAfter { gap, next });
        let (mut driver, slot) = Driver::with(card);
        assert_eq!(driver.ask(&ASK_PAGE).unwrap(), card::page_of(&[7; 256]));
        let begun = Instant::now();
        driver.next();
        assert!(begun.elapsed() >= gap / 2);
        assert_eq!(driver.ask(&ASK_PAGE).unwrap(), card::page_of(&[8; 256]));
        assert!(
            driver.ask(&ASK_PAGE).is_err(),
            "it left instead of answering"
        );
        assert_eq!(slot.commands(), 3);
    }

    #[test]
    fn a_card_becomes_another_on_the_same_line() {
        let next = Box::new(Card::new([8; 256]).at(2, Misdeed::OneByte));
        let card = Card::new([7; 256]).at(2, Misdeed::Become(next));
        let (mut driver, _slot) = Driver::with(card);
        let said: Vec<_> = (0..3).map(|_| driver.ask(&ASK_PAGE).unwrap()).collect();
        let pages = [[7; 256], [8; 256]].map(|text| card::page_of(&text));
        assert_eq!(said, [&pages[0][..], &pages[1], &[0x90]]);
    }

    #[test]
    fn a_card_stays_when_the_service_dies_and_goes_when_it_is_removed() {
        let (mut driver, mut slot) = Driver::with(Card::new([7; 256]));
        driver.line.shutdown(Shutdown::Both).unwrap();
        driver.next();
        assert!(driver.ask(&ASK_PAGE).is_ok());
        slot.remove();
        assert!(driver.ask(&ASK_PAGE).is_err());
    }

    #[test]
    fn a_silent_card_can_be_removed() {
        let card = Card::new([7; 256]).at(1, Misdeed::Silent);
        let (mut driver, mut slot) = Driver::with(card);
        send(&mut driver.line, &ASK_PAGE).unwrap();
        slot.remove();
        assert!(receive(&mut driver.line).is_err());
    }

    #[test]
    fn nothing_is_never_said() {
        let (mut driver, _slot) = Driver::with(Card::new([7; 256]).with_atr(&[]));
        assert!(driver.ask(&[GET_ATR]).is_err());
    }
}
