//! The 256 identity bytes: fields that keep their rules, or refused; nothing in between.

#![no_main]

use card::layout::{encode, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(raw) = bytes.try_into() else {
        return;
    };
    let Ok((kind, fields)) = parse(raw) else {
        return;
    };
    assert!(!fields.name.as_str().trim().is_empty(), "nobody's document");
    assert!(fields.number.is_ascii() && fields.number.len() >= 15);
    // What was read is written and read again as the same: no field leaks into another.
    if let Ok(again) = encode(kind, &fields) {
        let same = parse(&again).is_ok_and(|(k, f)| k == kind && f == fields);
        assert!(same, "a document changed on its way");
    }
});
