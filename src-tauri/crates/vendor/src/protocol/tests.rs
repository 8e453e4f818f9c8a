use super::*;
use proptest::prelude::*;

fn requests() -> Vec<Request> {
    vec![
        Request::Open { port: 1001 },
        Request::Find,
        Request::Select,
        Request::Read,
        Request::Addresses,
        Request::Reset,
        Request::Module,
        Request::Close,
        Request::Decode(Box::new([0xA7; PORTRAIT_BYTES])),
    ]
}

fn answers() -> Vec<Answer> {
    let mut answers = vec![
        Answer::Status(0x9F),
        Answer::Status(-1),
        Answer::Text(Box::new([0x5A; TEXT_BYTES])),
        Answer::Module("05.01-20160911-0000000042-0000000000".into()),
        Answer::LibraryMissing,
        Answer::LibraryUnfit("wrong ELF class: ELFCLASS32".into()),
        Answer::LibraryUnfit(String::new()),
        Answer::NotOffered,
        Answer::NotOpen,
        Answer::Lengths {
            text: u32::MAX,
            portrait: 7,
        },
        Answer::ModuleUnnamed,
        Answer::Overrun,
        Answer::Both {
            text: Box::new([0x5A; TEXT_BYTES]),
            portrait: Box::new([0xA5; PORTRAIT_BYTES]),
        },
        Answer::Picture(Box::new([0xDB; PICTURE_BYTES])),
    ];
    answers.extend(Symbol::ALL.map(Answer::SymbolMissing));
    answers
}

#[test]
fn everything_comes_back_as_it_went() {
    for (request, number) in requests().into_iter().zip(u32::MAX - 9..) {
        let bytes = encode_request(number, &request);
        assert_eq!(decode_request(&bytes), Ok((number, request)));
    }
    for (number, answer) in (0..).zip(answers()) {
        let bytes = encode_answer(number, &answer);
        assert_eq!(decode_answer(&bytes), Ok((number, answer)));
    }
}

/// The two programs may be of different releases: what the frames look like is fixed here.
#[test]
fn the_frames_are_those_of_version_1() {
    let open = encode_request(7, &Request::Open { port: 1001 });
    assert_eq!(open, *b"LV\x01\0\x07\0\0\0\x07\x01\x03\xE9");
    let found = encode_answer(0x0102_0304, &Answer::Status(0x9F));
    assert_eq!(found, *b"LV\x01\0\x09\x01\x02\x03\x04\x01\0\0\0\x9F");
    let missing = encode_answer(1, &Answer::SymbolMissing(Symbol::ReadBaseMsg));
    assert_eq!(missing, *b"LV\x01\0\x06\0\0\0\x01\x06\x05");
}

#[test]
fn whatever_is_not_exactly_a_frame_is_named() {
    let good = encode_answer(9, &Answer::Status(0x90));
    let with = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        decode_answer(&bytes)
    };
    assert_eq!(with(0, b'l'), Err(FrameFault::Magic));
    assert_eq!(with(2, 2), Err(FrameFault::Version(2)));
    assert_eq!(
        with(3, 0xFF),
        Err(FrameFault::Length(65_294)),
        "longer than any"
    );
    assert_eq!(with(3, 1), Err(FrameFault::Length(14)));
    assert_eq!(with(4, 4), Err(FrameFault::Length(9)), "shorter than any");
    assert_eq!(with(4, 8), Err(FrameFault::Length(14)));
    assert_eq!(with(9, 0), Err(FrameFault::Kind(0)));
    assert_eq!(with(9, 2), Err(FrameFault::Length(14)), "a text of 4 bytes");
    assert_eq!(with(9, 4), Err(FrameFault::Length(14)));
    assert_eq!(with(9, 5), Err(FrameFault::Value));
    assert_eq!(with(9, 3), Err(FrameFault::Value), "no printable name");
    assert_eq!(decode_answer(&good[..4]), Err(FrameFault::Length(4)));
    assert_eq!(decode_answer(&good[..13]), Err(FrameFault::Length(13)));
    let longer = [&good[..], &[0]].concat();
    assert_eq!(decode_answer(&longer), Err(FrameFault::Length(15)));
    let open = encode_request(1, &Request::Open { port: 1 });
    let mut find = open;
    find[9] = 2;
    assert_eq!(decode_request(&find), Err(FrameFault::Length(12)));
    let mut symbol = encode_answer(1, &Answer::SymbolMissing(Symbol::OpenPort));
    symbol[10] = 7;
    assert_eq!(decode_answer(&symbol), Err(FrameFault::Value));
}

#[test]
fn a_stream_is_read_frame_by_frame() {
    let first = encode_request(1, &Request::Find);
    let second = encode_request(2, &Request::Read);
    let mut stream = &[first.clone(), second.clone()].concat()[..];
    assert_eq!(read_frame(&mut stream).unwrap(), first);
    assert_eq!(read_frame(&mut stream).unwrap(), second);
    assert!(matches!(read_frame(&mut stream), Err(StreamFault::Gone(_))));
    let mut cut = &first[..8];
    assert!(matches!(read_frame(&mut cut), Err(StreamFault::Gone(_))));
    let mut endless = &b"LV\x01\xFF\xFF"[..];
    let length = StreamFault::Frame(FrameFault::Length(65_540)).to_string();
    assert_eq!(read_frame(&mut endless).unwrap_err().to_string(), length);
    let mut printed = &b"card found\n"[..];
    let fault = read_frame(&mut printed).unwrap_err();
    assert!(matches!(fault, StreamFault::Frame(FrameFault::Magic)));
}

#[test]
fn nobody_stands_in_a_debug_output() {
    let text = Answer::Text(Box::new([b'7'; TEXT_BYTES]));
    assert_eq!(format!("{text:?}"), "Text");
}

/// Bytes that are nearly a frame: what fuzzing without a hint would take long to find.
fn nearly_a_frame() -> impl Strategy<Value = Vec<u8>> {
    let head = (0_u8..4, 0_u16..300).prop_map(|(version, length)| {
        let [high, low] = length.to_be_bytes();
        vec![b'L', b'V', version, high, low]
    });
    let body = prop::collection::vec(any::<u8>(), 0..300);
    (head, body, 0_u8..14).prop_map(|(head, mut body, kind)| {
        if let Some(byte) = body.get_mut(4) {
            *byte = kind;
        }
        [head, body].concat()
    })
}

proptest! {
    /// No bytes are a frame but those that the encoder makes of what they are read as.
    #[test]
    fn every_frame_has_one_form(bytes in prop_oneof![
        nearly_a_frame(),
        prop::collection::vec(any::<u8>(), 0..400),
    ]) {
        if let Ok((number, request)) = decode_request(&bytes) {
            prop_assert_eq!(encode_request(number, &request), bytes.clone());
        }
        if let Ok((number, answer)) = decode_answer(&bytes) {
            prop_assert_eq!(encode_answer(number, &answer), bytes.clone());
        }
        if let Ok(frame) = read_frame(&mut &bytes[..]) {
            prop_assert!(bytes.starts_with(&frame));
        }
    }

    #[test]
    fn a_damaged_answer_is_none_or_another_one(number: u32, at in 0_usize..14, flip in 1_u8..) {
        let mut bytes = encode_answer(number, &Answer::Status(0x90));
        bytes[at] ^= flip;
        if let Ok((other, answer)) = decode_answer(&bytes) {
            prop_assert_ne!((other, answer), (number, Answer::Status(0x90)));
        }
    }
}
