//! 一摞证件: people's documents read one after the other, and nobody photographed.
//!
//! Somebody who hands in the documents of a whole class has nobody in the chair. One
//! insertion serves one sitting, so no face reaches a record this way; but the habit ends
//! in the wrong person taking the seat while the right document lies there.

use crate::digest::Digest;
use crate::time::Timestamp;
use std::time::Duration;

/// So many people verified in a row without an exposure are a pile.
pub(super) const PILE_MIN: usize = 3;
/// Within this long; a queue in which people come and go takes longer.
pub(super) const PILE_SPAN: Duration = Duration::from_secs(60);

/// The documents that were verified since the last exposure.
#[derive(Default)]
pub(super) struct Pile {
    verified: Vec<(Digest, Timestamp)>,
}

impl Pile {
    /// A document was verified. Whether that makes a pile, which is told once: counting
    /// begins anew with the next document. The same document counts once.
    pub(super) fn grows(&mut self, raw: Digest, at: Timestamp) -> bool {
        // A clock that cannot tell forgets nothing: doubt closes.
        self.verified
            .retain(|(known, seen)| *known != raw && at.since(*seen) <= Some(PILE_SPAN));
        self.verified.push((raw, at));
        let is_pile = self.verified.len() >= PILE_MIN;
        if is_pile {
            self.verified.clear();
        }
        is_pile
    }

    /// The shutter was pressed: somebody sits there.
    pub(super) fn exposed(&mut self) {
        self.verified.clear();
    }
}
