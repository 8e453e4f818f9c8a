use super::*;
use crate::station::newest;
use crate::view::{
    BandView, Bands, Cell, ClassView, CopyView, DeviceLine, DevicesView, EndView, FieldLine,
    JobLine, NextLine, ReviewView, StateLine, SubjectView,
};
use tokio::sync::watch;

const NAME: &str = "林知夏";
const NUMBER: &str = "2021210345";
/// Whoever else a view can name.
const OTHERS: [&str; 3] = ["周二", "吴三", "20260042"];

fn line(kind: StateKind, code: &str) -> StateLine {
    StateLine {
        kind,
        code: code.to_owned(),
        finding: None,
    }
}

fn job(kind: &str) -> JobLine {
    JobLine {
        name: "job".into(),
        dir: "/job".into(),
        kind: kind.into(),
        profile: "national".into(),
        entries: 2,
        filed: 1,
        flagged: 0,
    }
}

fn bands() -> Bands {
    let band = BandView { min: 1.0, max: 2.0 };
    Bands {
        width: 480,
        height: 640,
        crown: band,
        eye_line: band,
        face_width: band,
        bytes: band,
        quality_min: 60,
    }
}

fn devices() -> DevicesView {
    let device = || DeviceLine {
        notes: Vec::new(),
        name: "device".into(),
        identity: "id".into(),
        nature: "physical".into(),
        state: "live".into(),
        ok: true,
    };
    DevicesView {
        reader: device(),
        document: "present".into(),
        camera: device(),
        fps: 30.0,
    }
}

/// The class strip names others in every view.
fn class() -> ClassView {
    ClassView {
        class: "测试 2201 班".into(),
        total: 2,
        filed: 1,
        flagged: 0,
        missing: 1,
        position: Some(1),
        cells: vec![Cell::Now, Cell::Missing],
        next: vec![NextLine {
            name: "吴三".into(),
            tail: "0042".into(),
        }],
    }
}

fn view(stage: StageName, state: StateLine) -> BoothView {
    BoothView {
        seq: 7,
        job: job("production"),
        bands: bands(),
        stage: stage.code().to_owned(),
        state,
        subject: None,
        guidance: None,
        presses_itself: false,
        review: None,
        end: None,
        class: Some(class()),
        devices: devices(),
        live: true,
        open: true,
    }
}

fn sitter(sitting: i64, name: &str, number: &str) -> SubjectView {
    SubjectView {
        sitting,
        student_number: number.to_owned(),
        name: name.to_owned(),
        class: "测试 2201 班".into(),
        number: "**************001X".into(),
        generation: 2,
        basis: "matched".into(),
        detail: "exact".into(),
        fields: vec![FieldLine {
            field: "name".into(),
            document: Some(name.to_owned()),
            roster: Some(name.to_owned()),
            same: true,
        }],
        admission_photo: Some(format!("admission/{number}")),
        chip_portrait: None,
        chip_fault: None,
        former_portrait: Some(format!("record/{number}/1")),
    }
}

fn review(token: &str) -> ReviewView {
    ReviewView {
        token: token.to_owned(),
        portrait: format!("portrait/{token}"),
        bytes: 36_000,
        quality: 80,
        measures: None,
        findings: Vec::new(),
        places: vec![crate::view::BackgroundPlace {
            flaw: "uneven".into(),
            left: 0.0,
            top: 0.0,
            width: 0.5,
            height: 0.25,
        }],
        burst: vec![format!("burst/{token}/0")],
        chosen: 0,
        stopped: None,
        copy: Some(CopyView {
            picture: Some(format!("copy/{token}")),
            code: None,
            findings: Vec::new(),
        }),
    }
}

/// An end that names whoever was filed, and whoever the roster has instead.
fn end(outcome: &str, code: &str) -> EndView {
    EndView {
        outcome: outcome.to_owned(),
        code: code.to_owned(),
        finding: None,
        student_number: Some("20260042".into()),
        name: Some("周二".into()),
        portrait: Some("record/20260042/1".into()),
        difference: Some(FieldLine {
            field: "name".into(),
            document: Some("周二".into()),
            roster: Some("吴三".into()),
            same: false,
        }),
    }
}

fn seated(stage: StageName, state: StateLine) -> BoothView {
    BoothView {
        subject: Some(sitter(3, NAME, NUMBER)),
        ..view(stage, state)
    }
}

fn ended(stage: StageName, kind: StateKind, outcome: &str, code: &str) -> BoothView {
    BoothView {
        end: Some(end(outcome, code)),
        ..view(stage, line(kind, code))
    }
}

/// What crosses to the window, as the window gets it.
fn told(screen: &SubjectScreen) -> String {
    serde_json::to_string(screen).unwrap()
}

fn assert_nobody(view: &BoothView) -> SubjectScreen {
    let shown = screen(view);
    assert_eq!(shown.name, None, "{:?}", shown.stage);
    assert_eq!(shown.student_number, None, "{:?}", shown.stage);
    assert_eq!(shown.portrait, None, "{:?}", shown.stage);
    let text = told(&shown);
    for personal in OTHERS.into_iter().chain([NAME, NUMBER, "record/", "0042"]) {
        assert!(
            !text.contains(personal),
            "{:?} tells {personal}",
            shown.stage
        );
    }
    assert!(!mirrors(shown.stage), "{:?} mirrors", shown.stage);
    shown
}

#[test]
fn whoever_sits_sees_their_own_name_and_the_last_four_of_their_number() {
    for stage in [StageName::Seated, StageName::Exposing] {
        let shown = screen(&seated(stage, line(StateKind::Ready, "seated")));
        assert_eq!(shown.name.as_deref(), Some(NAME));
        assert_eq!(shown.student_number.as_deref(), Some("******0345"));
        assert_eq!((shown.portrait.as_deref(), shown.seq), (None, 7));
        assert!(mirrors(shown.stage) && shown.live);
        let text = told(&shown);
        assert!(!text.contains(NUMBER) && !text.contains("001X"));
        for secret in ["record/", "admission/", "测试 2201 班", "吴三", "0042"] {
            assert!(!text.contains(secret), "{secret}");
        }
    }
    // One of four digits would be told whole.
    assert_eq!(last_four("1234"), "****");
    assert_eq!(last_four("12345"), "*2345");
}

#[test]
fn an_exposure_that_was_refused_is_an_instruction() {
    let mut again = seated(
        StageName::Seated,
        line(StateKind::Refused, "portrait-refused"),
    );
    assert_eq!(screen(&again).code.as_deref(), Some("portrait-refused"));
    again.state.finding = Some("eyes-tilted".into());
    let shown = screen(&again);
    assert_eq!(shown.stage, SubjectStage::Framing);
    assert_eq!(shown.code.as_deref(), Some("eyes-tilted"));
    let ready = screen(&seated(StageName::Seated, line(StateKind::Ready, "seated")));
    assert_eq!((ready.stage, ready.code), (SubjectStage::Framing, None));
}

/// Guidance is of the mirror alone, and of what whoever sits can do.
#[test]
fn guidance_stands_beside_the_mirror_and_nowhere_else() {
    let told = |code: &str, arrow: Option<&str>| GuidanceView {
        code: Some(code.to_owned()),
        arrow: arrow.map(str::to_owned),
    };
    let guided = |stage, told: GuidanceView| {
        let view = BoothView {
            guidance: Some(told),
            ..seated(stage, line(StateKind::Ready, "seated"))
        };
        screen(&view).guidance
    };
    let left = told("guide-left", Some("left"));
    assert_eq!(guided(StageName::Seated, left.clone()), Some(left.clone()));
    for stage in [StageName::Exposing, StageName::Review, StageName::Vacant] {
        assert_eq!(guided(stage, left.clone()), None, "{}", stage.code());
    }
    let here = told("guide-look-here", None);
    assert_eq!(guided(StageName::Seated, here.clone()), Some(here));
    assert_eq!(guided(StageName::Seated, told("guide-dark", None)), None);
}

#[test]
fn the_portrait_is_shown_when_it_may_be_accepted_and_not_before() {
    let developing = seated(StageName::Review, line(StateKind::Busy, "developing"));
    let shown = screen(&developing);
    assert_eq!(
        (shown.stage, shown.portrait),
        (SubjectStage::Exposing, None)
    );
    for stage in [StageName::Review, StageName::Filing] {
        let offered = BoothView {
            review: Some(review("5e1f")),
            ..seated(stage, line(StateKind::Review, "review"))
        };
        let shown = screen(&offered);
        assert_eq!(shown.stage, SubjectStage::Confirm);
        assert_eq!(shown.portrait.as_deref(), Some("portrait/5e1f"));
        assert_eq!(shown.name.as_deref(), Some(NAME));
        let text = told(&shown);
        assert!(
            !["burst/", "admission/", "copy/"]
                .iter()
                .any(|secret| text.contains(secret))
        );
        // Cloth and lamps are not theirs: no mark is laid over their portrait.
        assert!(!text.contains("uneven") && !text.contains("places"));
        assert!(!mirrors(shown.stage), "one face at a time");
    }
    // While another is made of the press, the former one is nothing to confirm.
    let remade = BoothView {
        review: Some(review("5e1f")),
        ..seated(StageName::Exposing, line(StateKind::Busy, "developing"))
    };
    let shown = screen(&remade);
    assert_eq!(
        (shown.stage, shown.portrait),
        (SubjectStage::Exposing, None)
    );
}

#[test]
fn a_document_that_is_read_names_nobody() {
    // Whatever else stands in such a view.
    let reading = BoothView {
        end: Some(end("filed", "filed")),
        review: Some(review("old")),
        ..seated(StageName::Presented, line(StateKind::Reading, "reading"))
    };
    assert_eq!(assert_nobody(&reading).stage, SubjectStage::Reading);
}

#[test]
fn nothing_of_anybody_is_left_after_an_end() {
    let leaving = |kind, outcome, code| {
        let shown = assert_nobody(&ended(StageName::Leaving, kind, outcome, code));
        (shown.stage, shown.code)
    };
    let filed = leaving(StateKind::Filed, "filed", "filed");
    assert_eq!(filed, (SubjectStage::Filed, None));
    for (kind, outcome, code) in [
        (StateKind::Refused, "refused", "name-differs"),
        (StateKind::Refused, "refused", "already-filed"),
        (StateKind::Void, "void", "voided-by-operator"),
    ] {
        let stopped = leaving(kind, outcome, code);
        assert_eq!(stopped, (SubjectStage::Stopped, Some(code.to_owned())));
    }
}

#[test]
fn an_end_goes_with_its_document_but_for_one_that_was_taken() {
    for (kind, outcome, code) in [
        (StateKind::Filed, "filed", "filed"),
        (StateKind::Refused, "refused", "already-filed"),
        (StateKind::Void, "void", "voided-by-operator"),
    ] {
        let shown = assert_nobody(&ended(StageName::Vacant, kind, outcome, code));
        assert_eq!((shown.stage, shown.code), (SubjectStage::Welcome, None));
    }
    let taken = ended(StageName::Vacant, StateKind::Void, "void", "document-taken");
    let shown = assert_nobody(&taken);
    assert_eq!(shown.stage, SubjectStage::Stopped);
    assert_eq!(shown.code.as_deref(), Some("document-taken"));
}

#[test]
fn nobody_is_told_before_anybody_sits_and_the_closed_booth_shows_nothing() {
    let waiting = view(StageName::Vacant, line(StateKind::Wait, "put-document"));
    assert_eq!(assert_nobody(&waiting).stage, SubjectStage::Welcome);
    let left = line(StateKind::Refused, "document-not-removed");
    let must_leave = assert_nobody(&view(StageName::Vacant, left));
    assert_eq!(must_leave.code.as_deref(), Some("document-not-removed"));
    let closed = BoothView {
        open: false,
        ..seated(StageName::Seated, line(StateKind::Ready, "seated"))
    };
    assert_eq!(assert_nobody(&closed).stage, SubjectStage::Nothing);
    // A fault takes the name away even from under a sitting.
    let fault = seated(StageName::Seated, line(StateKind::Fault, "camera-lost"));
    let shown = assert_nobody(&fault);
    assert_eq!(shown.stage, SubjectStage::Stopped);
    assert_eq!(shown.code.as_deref(), Some("camera-lost"));
    // A stage that contradicts its state shows nothing rather than somebody.
    let odd = view(StageName::Seated, line(StateKind::Ready, "seated"));
    assert_eq!(assert_nobody(&odd).stage, SubjectStage::Nothing);
}

#[test]
fn whoever_was_filed_is_not_troubled_with_what_broke_since() {
    let broke = |stage, outcome| BoothView {
        end: Some(end(outcome, outcome)),
        ..view(stage, line(StateKind::Fault, "camera-stalled"))
    };
    let filed = assert_nobody(&broke(StageName::Leaving, "filed"));
    assert_eq!((filed.stage, filed.code), (SubjectStage::Filed, None));
    for other in [
        broke(StageName::Vacant, "filed"),
        broke(StageName::Leaving, "void"),
    ] {
        let stopped = assert_nobody(&other);
        assert_eq!(stopped.code.as_deref(), Some("camera-stalled"));
    }
}

#[test]
fn a_training_job_says_so() {
    let mut seated = seated(StageName::Seated, line(StateKind::Ready, "seated"));
    assert!(!screen(&seated).training);
    seated.job = job("training");
    assert!(screen(&seated).training);
}

/// A poll that began in one sitting and is answered in the next tells of the next only.
#[tokio::test]
async fn a_late_view_of_a_sitting_is_never_shown_in_the_next() {
    let at = |seq: u64, view: BoothView| Arc::new(BoothView { seq, ..view });
    let confirm = |sitting, name: &str, number: &str, token: &str| BoothView {
        subject: Some(sitter(sitting, name, number)),
        review: Some(review(token)),
        ..view(StageName::Review, line(StateKind::Review, "review"))
    };
    let first = confirm(3, NAME, NUMBER, "one");
    let (room, seen) = watch::channel(at(7, first.clone()));
    let poll = tokio::spawn(newest(seen.clone(), 7));
    tokio::task::yield_now().await;
    // All of this happens before the poll gets its turn.
    room.send_replace(at(
        8,
        ended(StageName::Leaving, StateKind::Filed, "filed", "filed"),
    ));
    room.send_replace(at(9, confirm(4, "郑四", "2021210346", "two")));
    let answer = screen(&poll.await.unwrap());
    assert_eq!(answer.seq, 9);
    assert_eq!(answer.name.as_deref(), Some("郑四"));
    assert_eq!(answer.portrait.as_deref(), Some("portrait/two"));
    assert!(!told(&answer).contains(NAME) && !told(&answer).contains("portrait/one"));
    // The twin: while the first sits, it is the first that is told.
    let (_room, seen) = watch::channel(at(7, first));
    let now = newest(seen, 6).await;
    assert_eq!(screen(&now).name.as_deref(), Some(NAME));
}
