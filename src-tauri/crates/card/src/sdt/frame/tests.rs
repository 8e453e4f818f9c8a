use super::*;
use proptest::prelude::*;

fn reply(status: u8, data: &[u8]) -> Vec<u8> {
    frame(&[&[0, 0, status], data].concat())
}

/// Everything that can be found when nothing more comes.
fn found(bytes: &[u8]) -> Vec<Reply> {
    let mut decoder = Decoder::default();
    decoder.push(bytes);
    let mut replies = Vec::new();
    while decoder.left() > 0 {
        match decoder.next() {
            Some(reply) => replies.extend(reply),
            None => decoder.pass_over(),
        }
    }
    replies
}

/// As the makers of readers print them.
#[test]
fn published_frames_come_out() {
    let hex = |bytes: &[u8]| {
        bytes
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect::<String>()
    };
    let requests = [
        (Command::Status, "AAAAAA9669000311FFED"),
        (Command::Id, "AAAAAA9669000312FFEE"),
        (Command::Find, "AAAAAA96690003200122"),
        (Command::Select, "AAAAAA96690003200221"),
        (Command::Read, "AAAAAA96690003300132"),
        (Command::Addresses, "AAAAAA96690003300330"),
    ];
    for (command, printed) in requests {
        assert_eq!(hex(&command.request()), printed);
    }
    assert_eq!(hex(&reply(0x9F, &[0; 4])), "AAAAAA9669000800009F0000000097");
    assert_eq!(hex(&reply(0x80, &[])), "AAAAAA9669000400008084");
    assert_eq!(hex(&reply(0x81, &[])), "AAAAAA9669000400008185");
    assert_eq!(
        hex(&reply(0x90, &[0; 8])),
        "AAAAAA9669000C00009000000000000000009C"
    );
    let read = [&LENGTHS[..], &[7; TEXT + PORTRAIT]].concat();
    assert_eq!(reply(0x90, &read).len(), 1295);
    assert_eq!(Command::Read.answer_bytes_max(), 1295);
}

#[test]
fn each_status_has_its_name() {
    let named = [
        0x10, 0x11, 0x21, 0x31, 0x32, 0x33, 0x40, 0x41, 0x47, 0x60, 0x66, 0x80, 0x81, 0x90, 0x91,
        0x9F,
    ];
    let mut words = std::collections::BTreeSet::new();
    for byte in 0..=255 {
        let status = SamStatus::of([0, 0, byte]);
        assert_eq!(status.byte(), byte);
        let other = matches!(status, SamStatus::Other(_));
        assert_eq!(!other, named.contains(&byte), "{byte:02X}");
        if !other {
            words.insert(status.to_string());
        }
        assert_eq!(SamStatus::of([1, 0, byte]), SamStatus::Other(byte));
    }
    assert_eq!(words.len(), named.len());
}

#[test]
fn an_answer_has_the_shape_of_its_question() {
    let read = [&LENGTHS[..], &[7; TEXT + PORTRAIT]].concat();
    let mut other_header = read.clone();
    other_header[1] = 1;
    let answers = [
        (0x90, vec![], vec![Command::Reset, Command::Status]),
        (0x90, vec![0; 16], vec![Command::Id]),
        (0x9F, vec![0; 4], vec![Command::Find]),
        (0x90, vec![0; 8], vec![Command::Select]),
        (0x90, read, vec![Command::Read]),
        (0x90, vec![0; 70], vec![Command::Addresses]),
        (0x90, vec![0; 280], vec![Command::Addresses]),
        (0x90, vec![0; 350], vec![]),
        (0x90, other_header, vec![]),
        (0x91, vec![], vec![Command::Addresses]),
        (0x80, vec![], vec![Command::Find]),
        (0x81, vec![], vec![Command::Select]),
        (0x80, vec![0], vec![]),
        (0x41, vec![], Command::ALL.to_vec()),
        (0x66, vec![], Command::ALL.to_vec()),
        (0x41, vec![0], vec![]),
    ];
    for (status, data, fitting) in answers {
        let told = Reply {
            status: SamStatus::of([0, 0, status]),
            data,
        };
        let fits = Command::ALL
            .into_iter()
            .filter(|asked| asked.is_answered_by(&told));
        assert_eq!(fits.collect::<Vec<_>>(), fitting, "{told:?}");
    }
}

#[test]
fn a_damaged_frame_is_named_and_the_next_one_found() {
    let good = reply(0x9F, &[1, 2, 3, 4]);
    let mut bad = good.clone();
    bad[10] ^= 1;
    let mut decoder = Decoder::default();
    decoder.push(&bad);
    assert_eq!(decoder.next(), Some(Err(FrameFault::Checksum)));
    assert_eq!(decoder.next(), None);
    decoder.push(&good);
    assert!(decoder.next().is_some_and(|reply| reply.is_ok()));

    let mut long = good;
    long[5..7].copy_from_slice(&[0xFF, 0xFF]);
    decoder.push(&long);
    assert_eq!(decoder.next(), Some(Err(FrameFault::Length(0xFFFF))));
    decoder.push(&[0xAA, 0xAA, 0xAA, 0x96, 0x69, 0, 3]);
    assert_eq!(decoder.next(), Some(Err(FrameFault::Length(3))));
}

#[test]
fn a_frame_behind_false_beginnings_is_found() {
    let good = reply(0x9F, &[1, 2, 3, 4]);
    for before in [
        PREAMBLE.to_vec(),
        [&PREAMBLE[..], &[5, 8, 0, 0, 0x90]].concat(),
        [&PREAMBLE[..], &[5, 8], &PREAMBLE[..], &[0, 9]].concat(),
        vec![0xAA; 9],
        vec![0, 0xFF, 0xAA, 0xAA],
    ] {
        let all = found(&[&before[..], &good].concat());
        assert_eq!(all.len(), 1, "{before:02X?}");
        assert_eq!(all[0].data, [1, 2, 3, 4]);
    }
}

#[test]
fn a_reply_tells_no_data() {
    let told = Reply {
        status: SamStatus::Done,
        data: b"name".to_vec(),
    };
    assert_eq!(format!("{told:?}"), "Reply(90 (done), 4 bytes)");
}

prop_compose! {
    fn any_reply()(status in any::<u8>(), data in prop::collection::vec(any::<u8>(), 0..1400))
        -> (Vec<u8>, Reply) {
        let told = Reply { status: SamStatus::of([0, 0, status]), data };
        (reply(status, &told.data), told)
    }
}

/// Noise that likes to look like frames.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::collection::vec(any::<u8>(), 0..40),
        2 => Just(PREAMBLE.to_vec()),
        1 => Just(PREAMBLE[..3].to_vec()),
        1 => Just([&PREAMBLE[..], &[0x05, 0x08, 0, 0, 0x90]].concat()),
        1 => Just(vec![0xAA; 7]),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn what_is_framed_is_found((bytes, told) in any_reply(), pieces in 1usize..50) {
        let mut decoder = Decoder::default();
        for piece in bytes.chunks(pieces) {
            prop_assert_eq!(decoder.next(), None);
            decoder.push(piece);
        }
        prop_assert_eq!(decoder.next(), Some(Ok(told)));
        prop_assert_eq!(decoder.left(), 0);
    }

    /// Of 256 false beginnings one has an XOR that fits by chance, and swallows what
    /// follows. No codec can tell; what asks is settled after it.
    #[test]
    fn the_next_frame_is_found_behind_any_noise(before in noise(), (bytes, told) in any_reply()) {
        let all = found(&[before, bytes].concat());
        let by_chance = all.iter().any(|reply| *reply != told);
        prop_assert!(by_chance || all == [told], "{:?}", all);
    }

    #[test]
    fn the_frame_behind_one_that_broke_off_is_found(
        (cut, _) in any_reply(), (bytes, told) in any_reply(), at in any::<usize>()
    ) {
        let cut = &cut[..at % cut.len()];
        let all = found(&[cut, &bytes[..]].concat());
        let by_chance = all.iter().any(|reply| *reply != told);
        prop_assert!(by_chance || all == [told], "{:?}", all);
    }

    #[test]
    fn any_bytes_at_all_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..4000)) {
        let mut decoder = Decoder::default();
        for piece in bytes.chunks(64) {
            decoder.push(piece);
            while let Some(reply) = decoder.next() {
                prop_assert!(reply.is_err() || reply.is_ok());
            }
            prop_assert!(decoder.left() <= 7 + BODY_MAX + 64);
        }
        found(&bytes);
    }

    /// An XOR of eight bits: one changed bit is always seen.
    #[test]
    fn one_changed_bit_is_seen((bytes, told) in any_reply(), at in any::<usize>(), bit in 0u32..8) {
        let mut damaged = bytes;
        let at = 5 + at % (damaged.len() - 5);
        damaged[at] ^= 1 << bit;
        let mut decoder = Decoder::default();
        decoder.push(&damaged);
        prop_assert!(!matches!(decoder.next(), Some(Ok(reply)) if reply == told));
    }
}
