//! The booth as a state machine (being written).

/// The stages of the booth, as the journal names them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StageName {
    /// No document, nobody.
    Vacant,
    /// A document is on the reader and is being read.
    Presented,
    /// A verified subject sits; the shutter is armed.
    Seated,
    /// Pressed; frame or portrait under way.
    Exposing,
    /// A portrait is there to be looked at.
    Review,
    /// Accepted; the document is read for the last time and the record written.
    Filing,
    /// The sitting is over; the document has to leave.
    Leaving,
}

impl StageName {
    /// Stable word for the journal and for `--json`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Vacant => "vacant",
            Self::Presented => "presented",
            Self::Seated => "seated",
            Self::Exposing => "exposing",
            Self::Review => "review",
            Self::Filing => "filing",
            Self::Leaving => "leaving",
        }
    }
}
