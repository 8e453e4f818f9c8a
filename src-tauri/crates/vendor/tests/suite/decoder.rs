//! A decoder of portraits in every mood, behind the child.

use crate::bench::{Bench, PROGRAM, example};
use booth::ClosedPortrait;
use card::vendor::decoder::{ChipPortrait, Decoder, DecoderFault};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_millis(800);

fn portrait(what: u8, grey: u8) -> ClosedPortrait {
    let mut bytes = Box::new([0x5A; ClosedPortrait::BYTES]);
    (bytes[0], bytes[1]) = (what, grey);
    ClosedPortrait::new(bytes)
}

fn decoder(library: PathBuf) -> Decoder {
    Decoder::new(library).held_by(vec![PROGRAM.into()], PATIENCE)
}

fn opened(what: u8, grey: u8) -> Result<ChipPortrait, DecoderFault> {
    decoder(example("fake_decoder")).open(&portrait(what, grey), Arc::default())
}

#[test]
fn the_picture_is_the_one_that_was_closed() {
    for grey in [20, 200] {
        let picture = opened(0, grey).unwrap();
        let pixels = picture.rgb();
        assert_eq!(pixels.len(), 102 * 126 * 3);
        let (upper, lower) = pixels.split_at(pixels.len() / 2);
        assert!(upper.iter().all(|byte| *byte == grey), "upside down");
        assert!(lower.iter().all(|byte| *byte == grey / 2));
    }
}

#[test]
fn a_decoder_that_fails_is_said_so_and_stays_apart() {
    for what in [1, 2, 3, 4, 5, 6] {
        let begun = Instant::now();
        let fault = opened(what, 0).unwrap_err();
        assert_eq!(fault.code(), "decoder-failed", "{what}: {fault}");
        assert!(begun.elapsed() < 4 * PATIENCE, "{what}");
        assert!(!fault.to_string().contains("5A"), "{fault}");
    }
    assert!(opened(0, 7).is_ok(), "the next one is opened");
}

#[test]
fn what_is_no_decoder_is_missing() {
    let bench = Bench::new();
    let code = |library| {
        let opened = decoder(library).open(&portrait(0, 0), Arc::default());
        opened.unwrap_err().code()
    };
    assert_eq!(
        code(bench.library()),
        "decoder-missing",
        "a reader's library"
    );
    let noise = bench.script("no library");
    assert_eq!(code(noise), "decoder-missing");
    assert_eq!(code("/nowhere/libwlt.so".into()), "decoder-missing");
    let nobody = Decoder::new(example("fake_decoder")).held_by(Vec::new(), PATIENCE);
    let fault = nobody.open(&portrait(0, 0), Arc::default()).unwrap_err();
    assert_eq!(fault.code(), "decoder-missing");
}

/// Whoever closes the booth does not wait for a decoder that hangs.
#[test]
fn a_decoder_that_hangs_is_given_up_when_the_booth_closes() {
    let patient = Duration::from_secs(30);
    let decoder = Decoder::new(example("fake_decoder")).held_by(vec![PROGRAM.into()], patient);
    let closing = Arc::new(AtomicBool::new(false));
    let later = Arc::clone(&closing);
    let begun = Instant::now();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        later.store(true, Ordering::Relaxed);
    });
    assert!(decoder.open(&portrait(1, 0), closing).is_err());
    assert!(begun.elapsed() < Duration::from_secs(5));
}
