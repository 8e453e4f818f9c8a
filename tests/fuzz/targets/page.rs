//! The answer of a card: exactly a page, or refused.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|reply: &[u8]| {
    let whole = reply.len() == card::PAGE_BYTES
        && reply.starts_with(&[1, 0, 4, 0])
        && reply.ends_with(&[0x90, 0]);
    match card::check_page(reply) {
        Ok(text) => {
            assert!(whole, "something else passed as a page");
            assert_eq!(card::page_of(text), reply);
        }
        Err(_) => assert!(!whole, "a page was refused"),
    }
});
