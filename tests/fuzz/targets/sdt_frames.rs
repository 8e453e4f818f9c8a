//! The frames of a serial reader, in whatever pieces they come.

#![no_main]

use card::TEXT_BYTES;
use frame::{Decoder, frame};
use libfuzzer_sys::fuzz_target;

// The decoder is private to its crate; this is its very source.
#[path = "../../../src-tauri/crates/card/src/sdt/frame.rs"]
#[expect(dead_code, reason = "only the decoder is driven")]
mod frame;

// The first byte says how long the pieces are, the rest is what comes.
fuzz_target!(|bytes: &[u8]| {
    let Some((first, stream)) = bytes.split_first() else {
        return;
    };
    let mut decoder = Decoder::default();
    let mut heard = 0;
    for piece in stream.chunks(usize::from(*first) + 1) {
        decoder.push(piece);
        while let Some(result) = decoder.next() {
            heard += 1;
            assert!(heard <= stream.len(), "more frames than bytes");
            if let Ok(reply) = result {
                assert!(was_sent(stream, &reply.data), "a reply that nobody sent");
            }
        }
    }
    assert!(decoder.left() <= stream.len());
});

/// Whether a whole frame of the stream holds exactly these data.
fn was_sent(stream: &[u8], data: &[u8]) -> bool {
    let preamble = [0xAA, 0xAA, 0xAA, 0x96, 0x69];
    let mut begins = (0..stream.len()).filter(|at| stream[*at..].starts_with(&preamble));
    begins.any(|at| {
        let status = stream.get(at + 7..at + 10);
        status.is_some_and(|status| stream[at..].starts_with(&frame(&[status, data].concat())))
    })
}
