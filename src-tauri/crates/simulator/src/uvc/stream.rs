//! The thread that sends the pictures.

use super::descriptors::PAYLOAD_BYTES;
use super::source::{Shot, Source};
use super::{Misdeed, Sent, Shared, Told, Wanted, When, tell};
use booth::sha256;
use std::fs::File;
use std::io::{self, Write};
use std::sync::PoisonError;
use std::time::{Duration, Instant};

/// The head of a payload: its length, and bits that say what it is.
const HEAD_BYTES: usize = 2;
const END_OF_HEAD: u8 = 0x80;
const ERROR: u8 = 0x40;
const END_OF_FRAME: u8 = 0x02;
/// Bytes of a packet at high speed: a shorter one ends a payload.
const PACKET_BYTES: usize = 512;
/// A stream that is behind its time catches up by this much at most.
const BEHIND_MAX: Duration = Duration::from_millis(100);

/// One turn of the stream.
struct Turn {
    wanted: Wanted,
    number: u64,
    misdeed: Option<Misdeed>,
    /// For whatever is left to chance.
    chance: u64,
}

/// Sends until the host has no endpoint for it any more.
pub(super) fn run(shared: &Shared, mut endpoint: File, mut source: Source) {
    let mut due = Instant::now();
    let (mut number, mut parity) = (0, 0);
    let mut before: Vec<u8> = Vec::new();
    loop {
        let turn = next_turn(shared, &mut due, number + 1);
        number = turn.number;
        let drawn = clock::now();
        let shot = Shot {
            number,
            pixels: turn.wanted.pixels,
            width: turn.wanted.width,
            height: turn.wanted.height,
        };
        let (bytes, flag) = spoil(&turn, shot, &before, &mut source);
        if let Err(error) = send(&mut endpoint, &bytes, parity, flag) {
            tracing::debug!(%error, "the stream of a software camera ends");
            return;
        }
        parity ^= 1;
        tell(&Told::Sent(Sent {
            number,
            drawn: drawn.nanos(),
            fetched: clock::now().nanos(),
            digest: *sha256(&bytes).as_bytes(),
            whole: matches!(turn.misdeed, None | Some(Misdeed::Slow { .. })),
        }));
        before = bytes;
    }
}

/// Waits until a frame is due.
fn next_turn(shared: &Shared, due: &mut Instant, number: u64) -> Turn {
    let mut state = shared.lock();
    loop {
        let now = Instant::now();
        let misdeed = state.misdeed.filter(|&(_, when)| happens(when, number));
        let misdeed = misdeed.map(|(misdeed, _)| misdeed);
        let wanted = state.wanted.filter(|_| misdeed != Some(Misdeed::Stall));
        let left = due.saturating_duration_since(now);
        state = match wanted {
            Some(wanted) if left.is_zero() => {
                *due = (*due).max(now - BEHIND_MAX) + interval(wanted, misdeed);
                let seed = match state.misdeed {
                    Some((_, When::Half { seed })) => seed,
                    Some((_, When::Always | When::Every(_))) | None => 0,
                };
                return Turn {
                    wanted,
                    number,
                    misdeed,
                    chance: mixed(mixed(seed) ^ number),
                };
            }
            Some(_) => {
                let waited = shared.bell.wait_timeout(state, left);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
            None => {
                let waited = shared.bell.wait(state);
                waited.unwrap_or_else(PoisonError::into_inner)
            }
        };
    }
}

fn interval(wanted: Wanted, misdeed: Option<Misdeed>) -> Duration {
    match misdeed {
        Some(Misdeed::Slow { rate }) => Duration::from_secs(1) / rate.max(1),
        _ => Duration::from_nanos(u64::from(wanted.interval) * 100),
    }
}

fn happens(when: When, number: u64) -> bool {
    match when {
        When::Always => true,
        When::Every(distance) => number.is_multiple_of(distance.max(1)),
        When::Half { seed } => mixed(mixed(seed ^ 0x5EED) ^ number) & 1 == 1,
    }
}

/// The bytes of a frame, and whether they are flagged.
fn spoil(turn: &Turn, shot: Shot, before: &[u8], source: &mut Source) -> (Vec<u8>, bool) {
    match turn.misdeed {
        Some(Misdeed::Repeat) if !before.is_empty() => (before.to_vec(), false),
        Some(Misdeed::Resize { width, height }) => {
            let resized = Shot {
                width,
                height,
                ..shot
            };
            (source(resized), false)
        }
        Some(Misdeed::Truncate) => {
            let mut bytes = source(shot);
            let whole = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            let left = turn.chance.checked_rem(whole).unwrap_or(0);
            bytes.truncate(usize::try_from(left).unwrap_or(0));
            (bytes, false)
        }
        Some(Misdeed::Flag) => (source(shot), true),
        Some(Misdeed::Stall | Misdeed::Slow { .. } | Misdeed::Repeat) | None => {
            (source(shot), false)
        }
    }
}

/// One frame in payloads. A payload that would end with a full packet, and so would
/// not end there for the host, is made a byte shorter.
fn send(endpoint: &mut File, bytes: &[u8], parity: u8, flag: bool) -> io::Result<()> {
    let whole = PAYLOAD_BYTES as usize;
    let mut rest = bytes;
    let mut payload = Vec::with_capacity(whole);
    loop {
        let mut length = rest.len().min(whole - HEAD_BYTES);
        let is_full = |length: usize| (length + HEAD_BYTES).is_multiple_of(PACKET_BYTES);
        if is_full(length) && length + HEAD_BYTES < whole {
            length -= 1;
        }
        let (now, later) = rest.split_at(length);
        let mut head = END_OF_HEAD | parity;
        if later.is_empty() {
            head |= END_OF_FRAME;
            if flag {
                head |= ERROR;
            }
        }
        payload.clear();
        payload.extend([HEAD_BYTES as u8, head]);
        payload.extend(now);
        endpoint.write_all(&payload)?;
        if later.is_empty() {
            return Ok(());
        }
        rest = later;
    }
}

/// `SplitMix64`: a number that tells nothing of the one before.
const fn mixed(number: u64) -> u64 {
    let z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
