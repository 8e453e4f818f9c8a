//! One read of one document: from a new context to the reset of the card.

use super::RawRead;
use crate::ReadFault;
use crate::page::{ASK_PAGE, check_page};
use ::pcsc::{Card, Context, Disposition, Error, Protocols, Scope, ShareMode};
use std::ffi::CString;
use std::time::Duration;

/// Room for the longest answer that the service can hand over. With less, an answer
/// that is too long is lost although the card has given it.
const ANSWER_BYTES_MAX: usize = 65_548;
/// A reader that another program holds is asked for this often,
const BUSY_TRIES: u32 = 5;
/// with this pause: programs that greet every card are done within a second.
const BUSY_PAUSE: Duration = Duration::from_millis(200);

/// Reads the identity bytes, twice on one handle, and resets the card.
///
/// Any irregularity ends the read: a time-out's late answer can be handed over as the
/// answer to a later command, so nothing is ever read on a handle that has failed.
/// The context is new for each read: a stale one is not worth the millisecond.
///
/// `progress` is called before each call that may block; when it returns `false`
/// the program is closing.
pub(super) fn read(reader: &str, progress: &dyn Fn() -> bool) -> Result<RawRead, ReadFault> {
    let name = CString::new(reader).map_err(|_| ReadFault::Gone)?;
    let context = Context::establish(Scope::User)?;
    let mut card = connect(&context, &name, progress)?;
    let outcome = ask_twice(&mut card, progress);
    progress();
    // Powers the card down in good and bad cases alike: no state and no late answer
    // outlives the read. Where even that fails, dropping the handle tries again.
    //
    // pcscd marks a reader as empty when the card to be reset is gone, so one that is
    // laid back before its next poll (0.4 s) is not announced until it is lifted again.
    // Powering down does the same; leaving the card as it is would let the next card
    // pass for the same insertion. This is the safe side.
    if let Err((_card, error)) = card.disconnect(Disposition::ResetCard) {
        tracing::debug!(%error, "the card could not be reset after a read");
    }
    outcome
}

/// Exclusive: no other program's command or reset can come between.
fn connect(
    context: &Context,
    reader: &CString,
    progress: &dyn Fn() -> bool,
) -> Result<Card, ReadFault> {
    let mut tries = 0;
    while progress() {
        tries += 1;
        match context.connect(reader, ShareMode::Exclusive, Protocols::ANY) {
            Ok(card) => return Ok(card),
            Err(Error::SharingViolation) if tries < BUSY_TRIES => std::thread::sleep(BUSY_PAUSE),
            Err(error) => return Err(error.into()),
        }
    }
    Err(ReadFault::Gone)
}

/// Page 0 and, as the end check, page 0 again: a card that came in the middle would
/// answer the second.
fn ask_twice(card: &mut Card, progress: &dyn Fn() -> bool) -> Result<RawRead, ReadFault> {
    progress();
    let transaction = card.transaction()?;
    let mut answer = vec![0; ANSWER_BYTES_MAX];
    let begun = clock::now();
    progress();
    let text = Box::new(*check_page(transaction.transmit(&ASK_PAGE, &mut answer)?)?);
    progress();
    let again = check_page(transaction.transmit(&ASK_PAGE, &mut answer)?)?;
    let ended = clock::now();
    if *again == *text {
        Ok(RawRead { text, begun, ended })
    } else {
        Err(ReadFault::Changed)
    }
}
