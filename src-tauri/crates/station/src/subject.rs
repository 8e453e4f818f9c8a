//! 被采集人窗口: what the subject sees, made from the view that the operator sees.
//!
//! One source: [`screen`] takes away, it adds nothing. Names, numbers and pictures are
//! let through stage by stage, and a stage that is not named here shows nothing.
//!
//! **Architecture invariant:** of a person, this shows the one who sits, while they sit.
//! No roster, no class, no former portrait, no end of a sitting with a name.

use crate::error::StationError;
use crate::room::Picture;
use crate::station::Station;
use crate::view::{BoothView, GuidanceView, StateKind, SubjectScreen, SubjectStage};
use crate::window_frame::WindowFrame;
use booth::{JobKind, StageName};
use portrait::Advice;
use std::sync::Arc;

/// What the subject's window shows while the operator's shows this.
#[must_use]
pub(crate) fn screen(view: &BoothView) -> SubjectScreen {
    let (stage, code) = stage(view);
    let sitter = view.subject.as_ref().filter(|_| seated(stage));
    let review = view
        .review
        .as_ref()
        .filter(|_| stage == SubjectStage::Confirm);
    SubjectScreen {
        seq: view.seq,
        stage,
        code,
        name: sitter.map(|sitter| sitter.name.clone()),
        student_number: sitter.map(|sitter| last_four(&sitter.student_number)),
        guidance: view
            .guidance
            .clone()
            .filter(|told| stage == SubjectStage::Framing && is_for_them(told)),
        portrait: review.map(|review| review.portrait.clone()),
        bands: view.bands.clone(),
        live: view.live,
        training: view.job.kind == JobKind::Training.code(),
    }
}

/// Whether whoever sits can do something about it: lamps and cloth are not theirs.
fn is_for_them(told: &GuidanceView) -> bool {
    told.code
        .as_deref()
        .is_none_or(|code| told.arrow.is_some() || code == Advice::LookHere.code())
}

/// Whether the window mirrors whoever sits.
const fn mirrors(stage: SubjectStage) -> bool {
    match stage {
        SubjectStage::Framing | SubjectStage::Exposing => true,
        SubjectStage::Nothing
        | SubjectStage::Welcome
        | SubjectStage::Reading
        | SubjectStage::Confirm
        | SubjectStage::Filed
        | SubjectStage::Stopped => false,
    }
}

/// Whether somebody sits whose name may stand there.
const fn seated(stage: SubjectStage) -> bool {
    mirrors(stage) || matches!(stage, SubjectStage::Confirm)
}

fn stage(view: &BoothView) -> (SubjectStage, Option<String>) {
    let state = &view.state;
    if !view.open {
        return (SubjectStage::Nothing, None);
    }
    let is = |stage: StageName| view.stage == stage.code();
    if state.kind == StateKind::Fault {
        // Whoever was filed a moment ago is not troubled with what broke since.
        let was_filed = view.end.as_ref().is_some_and(|end| end.outcome == "filed");
        return if is(StageName::Leaving) && was_filed {
            (SubjectStage::Filed, None)
        } else {
            (SubjectStage::Stopped, Some(state.code.clone()))
        };
    }
    if is(StageName::Presented) {
        (SubjectStage::Reading, None)
    } else if view.subject.is_none() {
        between_sittings(view)
    } else if is(StageName::Seated) {
        // What the last exposure wanted, in the words of the photo standard.
        let refused = state.kind == StateKind::Refused;
        let wanted = state.finding.as_ref().unwrap_or(&state.code);
        (SubjectStage::Framing, refused.then(|| wanted.clone()))
    } else if is(StageName::Exposing) {
        (SubjectStage::Exposing, None)
    } else if is(StageName::Review) || is(StageName::Filing) {
        // Nothing is shown for confirmation before the document was read again.
        let offered = view.review.is_some();
        let stage = if offered {
            SubjectStage::Confirm
        } else {
            SubjectStage::Exposing
        };
        (stage, None)
    } else {
        between_sittings(view)
    }
}

/// An end goes with the document it is about: the next in the queue is not told why the
/// last one was sent away. One that ended because the document was taken stays, for
/// whoever took it is to put it back.
fn between_sittings(view: &BoothView) -> (SubjectStage, Option<String>) {
    let state = &view.state;
    let document_lies_there = view.stage == StageName::Leaving.code();
    let stays = document_lies_there
        || state.code == "document-taken"
        || state.code == "document-not-removed";
    match state.kind {
        StateKind::Filed if document_lies_there => (SubjectStage::Filed, None),
        StateKind::Refused | StateKind::Void if stays => {
            (SubjectStage::Stopped, Some(state.code.clone()))
        }
        StateKind::Filed | StateKind::Refused | StateKind::Void | StateKind::Wait => {
            (SubjectStage::Welcome, None)
        }
        StateKind::Fault => (SubjectStage::Stopped, Some(state.code.clone())),
        // Nobody sits, so nobody is read, exposed or asked.
        StateKind::Reading | StateKind::Ready | StateKind::Busy | StateKind::Review => {
            (SubjectStage::Nothing, None)
        }
    }
}

/// Enough to see that it is one's own, for whoever stands behind too little.
fn last_four(number: &str) -> String {
    let characters: Vec<char> = number.chars().collect();
    // A number of four would be told whole.
    let shown = if characters.len() > 4 { 4 } else { 0 };
    let (hidden, tail) = characters.split_at(characters.len() - shown);
    "*".repeat(hidden.len()) + &tail.iter().collect::<String>()
}

impl Station {
    /// What the subject's window shows, as [`Station::view`].
    ///
    /// # Errors
    /// `no-job-open`.
    pub async fn subject_screen(&self, after: u64) -> Result<SubjectScreen, StationError> {
        let view = self.view(after).await?;
        Ok(screen(&view))
    }

    /// A frame for the subject's mirror: none unless somebody sits before it, now that
    /// the frame is there and not only when it was asked for.
    pub async fn subject_frame(&self, after: u64) -> Option<(u64, Arc<WindowFrame>)> {
        let frame = self.frame(after).await;
        let room = self.room().ok()?;
        let stage = screen(&room.view.borrow()).stage;
        frame.filter(|_| mirrors(stage))
    }

    /// The portrait that the subject's window shows, and no other picture.
    ///
    /// # Errors
    /// `picture-gone` for whatever it does not show now.
    pub fn subject_picture(&self, path: &str) -> Result<Picture, StationError> {
        let room = self.room()?;
        let shown = screen(&room.view.borrow()).portrait;
        let picture = shown
            .filter(|shown| shown == path)
            .and_then(|shown| room.picture(&shown));
        picture.ok_or(StationError::Refused("picture-gone"))
    }

    /// Whether the subject's window was open when it was last decided.
    #[must_use]
    pub fn wants_subject_window(&self) -> bool {
        self.settings().subject_window
    }

    /// Remembers that the subject's window is open, or that it is not.
    pub fn keep_subject_window(&self, open: bool) {
        let mut settings = self.settings();
        settings.subject_window = open;
        settings.write(&self.home);
    }
}

#[cfg(test)]
mod tests;
