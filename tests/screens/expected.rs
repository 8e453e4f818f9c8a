// What each state of the in-memory backend is about: the code of the state line, or a part of the page that only this state
// has. Written by hand: a table made from the backend would agree with it whatever it says.

/// What must be on the page.
#[derive(Clone, Copy)]
pub(crate) enum Shows {
    /// The code of the state line.
    Code(&'static str),
    /// A selector of something that is there.
    Part(&'static str),
}
use Shows::{Code, Part};

/// Every state, in the order of the pictures.
pub(crate) const EXPECTED: &[(&str, Shows)] = &[
    ("waiting", Code("put-document")),
    ("waiting-first", Code("put-document")),
    ("must-leave", Code("take-document")),
    ("reading", Code("reading")),
    ("seated", Code("seated")),
    ("seated-no-photo", Part(".who .portrait__none")),
    ("seated-reshoot", Part(".who .id__again")),
    ("seated-referred", Part(".cmp .is-different mark")),
    ("again", Code("portrait-refused")),
    ("exposing", Code("exposing")),
    ("developing", Code("developing")),
    ("review", Code("review")),
    ("review-warns", Part(".review .findings .warns")),
    ("filing", Code("filing")),
    ("filed", Code("filed")),
    ("refused", Code("name-differs")),
    ("refused-not-on-roster", Code("not-on-roster")),
    ("refused-already-filed", Code("already-filed")),
    ("refused-ambiguous", Code("ambiguous-entry")),
    ("refused-unreadable", Code("document-unreadable")),
    ("refused-pile", Code("pile-of-documents")),
    ("refused-long", Code("document-contradicts")),
    ("void-document", Code("document-taken")),
    ("void-camera", Code("camera-lost")),
    ("fault-service", Code("reader-service-down")),
    ("fault-camera", Code("camera-stalled")),
    ("camera-starting", Code("camera-starting")),
    ("seated-long", Part(".id__name.is-longer")),
    ("seated-latin", Part(".cmp .is-different mark")),
    ("reshoot-long", Part(".id .portrait.is-grey")),
    ("review-long", Part(".review .id__name.is-longest")),
    ("filed-long", Part(".id__name.is-longer")),
    ("waiting-long", Part(".strip.is-fine > :nth-child(120)")),
    ("refused-long-name", Part(".names.is-long mark")),
    ("void-long", Part(".kept")),
    ("scanner", Part(".keys .toast")),
    ("claim", Part(".booth-window ~ dialog[open] input")),
    ("tray", Part(".training .tray .is-here")),
    (
        "training",
        Part(".training + .booth-window [data-code=seated]"),
    ),
    (
        "training-review",
        Part(".training + .booth-window [data-code=review]"),
    ),
    ("booting", Part(".boot [aria-busy], .boot .dim")),
    ("booting-silent", Part(".boot .note.is-bad")),
    ("start-failed", Part(".start .note.is-bad")),
    ("first-run", Part(".start .empty-line")),
    ("start", Part(".start .jobs li:nth-child(3)")),
    ("start-create", Part(".start ~ dialog[open] select")),
    ("operator-missing", Code("booth-closed")),
    ("booth-failed", Part(".closed .note.is-bad")),
    ("silent", Code("station-silent")),
    ("help", Part("dialog[open] .helps")),
    ("roster", Part(".rows .standing")),
    ("roster-empty", Part(".page > .empty")),
    ("roster-loading", Part(".page [aria-busy]")),
    ("roster-failed", Part(".page .note.is-bad + p button")),
    ("roster-long", Part(".rows td[title^=阿卜力克木江]")),
    (
        "roster-encoding",
        Part("dialog[open] [data-encoding=doubtful]"),
    ),
    (
        "roster-many-faults",
        Part("dialog[open] .note tr:nth-child(500)"),
    ),
    ("roster-unreadable", Part(".page > .note.is-bad")),
    (
        "roster-importing",
        Part(".work progress + .num + button:enabled"),
    ),
    ("roster-imported", Part(".page > .note.is-good")),
    ("roster-cancelled", Part(".page > .note:not(.is-bad) code")),
    (
        "photos-running",
        Part(".work progress + .num + button:enabled"),
    ),
    ("photos-cancelled", Part(".page > .note:not(.is-bad) code")),
    ("roster-preview", Part("dialog[open] .figures")),
    ("roster-faults", Part("dialog[open] .note.is-bad")),
    ("roster-photos", Part("dialog[open] .note.is-look")),
    ("reshoot", Part(".rows .why-cell")),
    ("reshoot-missing", Part(".one .pair__words")),
    ("reshoot-filed", Part(".one .button.is-stop")),
    ("reshoot-empty", Part(".page > .empty")),
    (
        "reshoot-both",
        Part(".pair .is-grey + .portrait:not(.is-grey) img"),
    ),
    ("reshoot-names", Part(".rows td[title^=阿卜力克木江]")),
    ("reshoot-loading", Part(".page [aria-busy]")),
    ("reshoot-failed", Part(".page .note.is-bad")),
    ("flag", Part("dialog[open] select")),
    ("devices", Part(".health li:nth-child(4) .is-ok")),
    ("devices-broken", Part(".health .is-bad")),
    ("devices-unplugged", Part(".health .is-bad")),
    ("devices-drift", Part(".health .is-adjust")),
    ("devices-searching", Part(".one [aria-busy]")),
    ("devices-none", Part(".one .empty-line")),
    ("devices-chosen", Part(".one .is-ok")),
    ("devices-failed", Part(".page > .note.is-bad")),
    ("devices-training", Part(".health .tag")),
    ("delivery", Part(".half .figures")),
    ("delivery-running", Part(".work progress")),
    ("delivery-done", Part(".half .note.is-good")),
    ("delivery-failed", Part(".half .note.is-bad")),
    ("delivery-empty", Part(".half__act .button:disabled + .dim")),
    (
        "delivery-cancelled",
        Part(".half:first-child .note:not(.is-bad) code"),
    ),
    (
        "verify-cancelled",
        Part(".half:last-child .note:not(.is-bad) code"),
    ),
    ("verify-running", Part(".work progress")),
    ("verify-ok", Part(".half .note.is-good")),
    ("verify-wrong", Part(".half .note.is-bad table")),
    ("settings", Part(".settings .segments")),
];

/// Every state of the subject's window, with its stage and something that only it says.
pub(crate) const SUBJECT: &[(&str, Shows)] = &[
    ("subject-nothing", Part("[data-subject=nothing]:empty")),
    ("subject-welcome", Part("[data-subject=welcome] .do__zh")),
    ("subject-reading", Part("[data-subject=reading] .do__zh")),
    (
        "subject-framing",
        Part("[data-subject=framing] .mirror canvas + svg"),
    ),
    (
        "subject-instruction",
        Part("[data-subject=framing][data-stop=eyes-tilted] .mirror"),
    ),
    (
        "subject-instruction-long",
        Part("[data-subject=framing][data-stop=crown-out-of-band] .mirror"),
    ),
    ("subject-dead", Part("[data-subject=framing] .mirror__none")),
    (
        "subject-exposing",
        Part("[data-subject=exposing] .mirror canvas + svg"),
    ),
    (
        "subject-confirm",
        Part("[data-subject=confirm] .mirror img"),
    ),
    ("subject-filed", Part("[data-subject=filed] .do__zh")),
    (
        "subject-refused",
        Part("[data-subject=stopped][data-stop=name-differs] .do__zh"),
    ),
    (
        "subject-ambiguous",
        Part("[data-subject=stopped][data-stop=ambiguous-entry] .do__zh"),
    ),
    (
        "subject-void",
        Part("[data-subject=stopped][data-stop=document-taken] .do__zh"),
    ),
    (
        "subject-fault",
        Part("[data-subject=stopped][data-stop=camera-stalled] .do__zh"),
    ),
    ("subject-training", Part("[data-subject=framing] .practice")),
];
