//! The one question that is put to a card, and how strictly its answer is checked.
//!
//! A reader with a security module gives the text of a resident card out as page 0
//! of a pseudo-APDU. Whether a reader does is found by asking, not by its name and
//! not by the ATR. All identity fields are in this **one** answer: records made of
//! several answers can be mixed of two cards, every call reporting success
//! (measured 10 of 10, a swap within 400 ms of an insertion).

/// Asks for page 0.
pub(crate) const ASK_PAGE: [u8; 5] = [0xFF, 0xB0, 0x00, 0x00, 0x00];
/// Identity bytes of a page.
pub const TEXT_BYTES: usize = 256;
/// A whole answer: header, identity bytes, status word.
pub const PAGE_BYTES: usize = HEADER.len() + TEXT_BYTES + 2;
/// Text length 256 and photo length 1024, big endian: the announcement of the whole
/// card (`01 00 04 00`) stands before the text.
const HEADER: [u8; 4] = [0x01, 0x00, 0x04, 0x00];

/// The status word that ends every answer of a card.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StatusWord(pub u16);

impl std::fmt::Display for StatusWord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04X}", self.0)
    }
}

impl StatusWord {
    /// Whether it says that reader and card do not know the question: asking again
    /// will not help. What plain readers say to `FF B0`: wrong length or form,
    /// class or command unknown, not allowed, no such file.
    #[must_use]
    pub const fn is_unknown_command(self) -> bool {
        matches!(self.0 >> 8, 0x67 | 0x68 | 0x6B | 0x6D | 0x6E)
            || matches!(self.0, 0x6981 | 0x6982 | 0x6985 | 0x6986)
            || matches!(self.0, 0x6A81 | 0x6A82 | 0x6A86 | 0x6A88)
    }
}

/// Why an answer is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReplyFault {
    /// Nothing, or not even a status word: the card was pulled inside the command.
    #[error("the answer has {0} bytes, which is not even a status word")]
    Cut(usize),
    /// A status word that is not success.
    #[error("the card answered {0}")]
    Status(StatusWord),
    /// Success, but not the length of a page. A late answer to an earlier command
    /// looks like this.
    #[error("the answer has {0} bytes instead of {PAGE_BYTES}")]
    Length(usize),
    /// The length of a page, but not its header.
    #[error("the answer does not begin like a page")]
    Header,
}

/// The identity bytes of an answer to [`ASK_PAGE`], if it is exactly one.
///
/// # Errors
/// [`ReplyFault`]; nothing is repaired or cut to size.
pub fn check_page(reply: &[u8]) -> Result<&[u8; TEXT_BYTES], ReplyFault> {
    let [body @ .., high, low] = reply else {
        return Err(ReplyFault::Cut(reply.len()));
    };
    let status = StatusWord(u16::from_be_bytes([*high, *low]));
    if status != StatusWord(0x9000) {
        // A long answer with another status is noise and not a verdict of the card.
        let fault = if body.is_empty() {
            ReplyFault::Status(status)
        } else {
            ReplyFault::Length(reply.len())
        };
        return Err(fault);
    }
    if reply.len() != PAGE_BYTES {
        return Err(ReplyFault::Length(reply.len()));
    }
    let text = body.strip_prefix(&HEADER).ok_or(ReplyFault::Header)?;
    text.try_into().map_err(|_| ReplyFault::Length(reply.len()))
}

/// A whole answer around some identity bytes; for simulated and virtual cards.
#[must_use]
pub fn page_of(text: &[u8; TEXT_BYTES]) -> Vec<u8> {
    [&HEADER[..], text, &[0x90, 0x00]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_page_is_a_page() {
        let text: [u8; 256] = std::array::from_fn(|at| u8::try_from(at).unwrap());
        let reply = page_of(&text);
        assert_eq!(reply.len(), PAGE_BYTES);
        assert_eq!(check_page(&reply), Ok(&text));
    }

    #[test]
    fn anything_else_is_named() {
        let good = page_of(&[7; 256]);
        let mut header = good.clone();
        header[3] = 1;
        let mut status = good.clone();
        status[260] = 0x63;
        let longer = [&good[..260], &[0, 0x90, 0]].concat();
        let cases = [
            (Vec::new(), ReplyFault::Cut(0)),
            (vec![0x90], ReplyFault::Cut(1)),
            (vec![0x6D, 0], ReplyFault::Status(StatusWord(0x6D00))),
            (vec![0x90, 0], ReplyFault::Length(2)),
            (good[..100].to_vec(), ReplyFault::Length(100)),
            (longer, ReplyFault::Length(263)),
            (header, ReplyFault::Header),
            (status, ReplyFault::Length(262)),
        ];
        for (reply, fault) in cases {
            assert_eq!(check_page(&reply), Err(fault), "{} bytes", reply.len());
        }
    }

    #[test]
    fn the_verdict_of_a_plain_reader_is_told_from_noise() {
        for status in [
            0x6D00, 0x6E00, 0x6A81, 0x6981, 0x6982, 0x6A82, 0x6700, 0x6800,
        ] {
            assert!(StatusWord(status).is_unknown_command(), "{status:04X}");
        }
        for status in [0x6F00, 0x6400, 0x6581, 0x6300, 0x6281, 0x9100] {
            assert!(!StatusWord(status).is_unknown_command(), "{status:04X}");
        }
    }

    proptest! {
        #[test]
        fn nothing_but_a_page_passes(reply in prop::collection::vec(any::<u8>(), 0..600)) {
            let whole = reply.len() == PAGE_BYTES
                && reply.starts_with(&[1, 0, 4, 0])
                && reply.ends_with(&[0x90, 0]);
            prop_assert_eq!(check_page(&reply).is_ok(), whole);
        }
    }
}
