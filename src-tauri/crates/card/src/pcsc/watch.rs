//! The watch: which readers there are and what lies on them.

use super::desk::{Look, Message, Seen};
use super::name::choose;
use crate::fault::is_reader_gone;
use ::pcsc::{Context, Error, PNP_NOTIFICATION, ReaderState, Scope, State};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

/// The longest wait for a change. Short, so that the watch heals itself where the
/// service forgets to tell (measured right after a replug), and closes by itself.
const WAIT_MAX: Duration = Duration::from_millis(250);
/// Two looks are at least this far apart, should the service never let us wait.
const PACE: Duration = Duration::from_millis(15);
/// Pause before a new context: at first, and at most.
const PAUSE_MIN: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(3);

pub(super) struct Watch {
    pub(super) wanted: Option<String>,
    pub(super) closing: Arc<AtomicBool>,
    /// A call hung: everything is to be made anew.
    pub(super) renew: Arc<AtomicBool>,
    pub(super) outbox: Sender<Message>,
}

impl Watch {
    pub(super) fn run(self) {
        let mut pause = PAUSE_MIN;
        while !self.is_closing() {
            let mut worked = false;
            // The library panics on words of the service that it does not know.
            let ended = catch_unwind(AssertUnwindSafe(|| self.hold_context(&mut worked)));
            if self.is_closing() {
                return;
            }
            let error = ended.map_or("panic".to_owned(), |error| format!("{error:?}"));
            tracing::warn!(error, "the smart-card service is gone; trying again");
            if self.outbox.send(Message::ServiceDown).is_err() {
                return;
            }
            pause = if worked {
                PAUSE_MIN
            } else {
                (pause * 2).min(PAUSE_MAX)
            };
            self.sleep(pause);
        }
    }

    fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }

    fn sleep(&self, pause: Duration) {
        let end = Instant::now() + pause;
        while Instant::now() < end && !self.is_closing() {
            std::thread::sleep(Duration::from_millis(20).min(pause));
        }
    }

    /// Looks until the context dies, and returns what it died of.
    fn hold_context(&self, worked: &mut bool) -> Error {
        let mut context = match Context::establish(Scope::User) {
            Ok(context) => context,
            Err(error) => return error,
        };
        let mut states = vec![ReaderState::new(PNP_NOTIFICATION(), State::UNAWARE)];
        loop {
            if self.is_closing() {
                return Error::Cancelled;
            }
            if self.renew.swap(false, Ordering::Relaxed) {
                states.truncate(1);
                context = match Context::establish(Scope::User) {
                    Ok(context) => context,
                    Err(error) => return error,
                };
            }
            let begun = Instant::now();
            let looks = match look(&context, self.wanted.as_deref(), &mut states) {
                Ok(looks) => looks,
                // Gone between the listing and the wait: list again.
                Err(error) if is_reader_gone(error) => {
                    states.truncate(1);
                    self.sleep(PACE);
                    continue;
                }
                Err(error) => return error,
            };
            *worked = true;
            if self.outbox.send(Message::Looked(looks)).is_err() {
                return Error::Cancelled;
            }
            self.sleep(PACE.saturating_sub(begun.elapsed()));
        }
    }
}

/// The readers that are connected now, without the system's own.
pub(super) fn readers_now() -> Result<Vec<String>, Error> {
    let context = Context::establish(Scope::User)?;
    connected(&context, None)
}

fn connected(context: &Context, wanted: Option<&str>) -> Result<Vec<String>, Error> {
    let connected = match context.list_readers_owned() {
        Ok(names) => names,
        Err(Error::NoReadersAvailable) => Vec::new(),
        Err(error) => return Err(error),
    };
    let names = connected
        .into_iter()
        .filter_map(|name| name.into_string().ok());
    Ok(choose(wanted, names.collect()))
}

/// Lists the readers, waits for a change and says what is seen. `states` holds the
/// plug-and-play entry first, then the readers that were seen before.
fn look(
    context: &Context,
    wanted: Option<&str>,
    states: &mut Vec<ReaderState>,
) -> Result<Vec<Look>, Error> {
    let names = connected(context, wanted)?;
    // In order: two readers that change places would be another pair at every look.
    let mut kept = vec![states.remove(0)];
    kept.extend(states.drain(..).filter(|state| {
        names
            .iter()
            .any(|name| state.name().to_bytes() == name.as_bytes())
    }));
    *states = kept;
    for name in names {
        let known = states
            .iter()
            .any(|state| state.name().to_bytes() == name.as_bytes());
        if let (false, Ok(name)) = (known, std::ffi::CString::new(name)) {
            states.push(ReaderState::new(name, State::UNAWARE));
        }
    }
    match context.get_status_change(WAIT_MAX, states) {
        // After a time-out the states are looked at all the same: an arrival right
        // after a replug shows there and nowhere else.
        Ok(()) | Err(Error::Timeout | Error::Cancelled) => {}
        Err(error) => return Err(error),
    }
    // On Windows an entry that is not synced is reported as changed for ever.
    states[0].sync_current_state();
    Ok(states.iter_mut().skip(1).map(note).collect())
}

/// What one entry says. A state that is neither empty nor present is never taken
/// over: the service would wait for a change from it and miss the card.
fn note(state: &mut ReaderState) -> Look {
    let event = state.event_state();
    let away = State::UNKNOWN | State::UNAVAILABLE | State::IGNORE;
    let seen = if event.intersects(away) {
        Seen::Unsure
    } else if event.contains(State::PRESENT) {
        Seen::Present
    } else if event.contains(State::EMPTY) {
        Seen::Empty
    } else {
        Seen::Unsure
    };
    let reader = state.name().to_string_lossy().into_owned();
    let look = Look {
        reader,
        seen,
        count: state.event_count(),
    };
    if seen == Seen::Unsure {
        *state = ReaderState::new(state.name().to_owned(), State::UNAWARE);
    } else {
        state.sync_current_state();
    }
    look
}
