//! The frames between the program and the child that holds a vendor's library.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vendor::protocol::{decode_answer, decode_request, encode_answer, encode_request, read_frame};

fuzz_target!(|bytes: &[u8]| {
    if let Ok((number, request)) = decode_request(bytes) {
        assert_eq!(encode_request(number, &request), bytes);
    }
    if let Ok((number, answer)) = decode_answer(bytes) {
        assert_eq!(encode_answer(number, &answer), bytes);
    }
    let mut stream = bytes;
    if let Ok(frame) = read_frame(&mut stream) {
        assert_eq!(
            [&frame, stream].concat(),
            bytes,
            "no byte too many is taken"
        );
    }
});
