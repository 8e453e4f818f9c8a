//! What is to be shown of an open booth, gathered while it runs and put together into
//! one view.

use crate::desk::Desk;
use crate::error::StationError;
use crate::report::{EndReport, ReviewReport, SeatedReport};
use crate::sitting::Turn;
use crate::studio::Cut;
use crate::view::{
    BackgroundPlace, BandView, Bands, BoothView, Cell, ClassView, CopyView, DeviceLine, DeviceNote,
    DevicesView, EndView, FieldLine, FindingView, GuidanceView, JobLine, MeasuresView, NextLine,
    ReviewView, StateKind, StateLine, SubjectView,
};
use booth::{
    Birth, Developed, Device, DocumentFields, Encoding, Entry, FrameStamp, JobKind, NameMatch,
    Nature, Sex, SourceKind, StageName, Timestamp, mask,
};
use portrait::{Advice, Band, FaceGeometry, Finding, FindingCode, Place};
use std::sync::Arc;
use store::EntryRow;

/// What was measured on a portrait, and what informs or warns.
#[derive(Default)]
pub struct Shown {
    /// The face in the portrait's own pixels.
    pub face: Option<FaceGeometry>,
    /// Findings that do not block.
    pub findings: Vec<Finding>,
    /// Where the photo standard allows a copy with an even background: what was found on it, or why there
    /// is none.
    pub copy: Option<Result<Vec<Finding>, &'static str>>,
    /// Where the background fails, in the portrait's own pixels.
    pub(crate) places: Vec<Place>,
    /// Where the frame was cut.
    pub(crate) cut: Option<Cut>,
    /// What the last step of the cut stopped at.
    pub(crate) stopped: Option<FindingCode>,
}

/// What a window shows of the sitting, as long as it lasts, and of its end.
#[derive(Default)]
pub(crate) struct StageShow {
    /// What the document said, unproven.
    pub(crate) document: Option<DocumentFields>,
    /// Who sits.
    pub(crate) seated: Option<SeatedReport>,
    /// The entry of whoever sits or sat.
    pub(crate) entry: Option<Entry>,
    /// The portrait of the chip of whoever sits, or why it is not shown.
    pub(crate) chip: Option<Result<Chip, &'static str>>,
    /// What differed between document and roster, where the last refusal was about that.
    pub(crate) difference: Option<FieldLine>,
    /// The portrait that is offered.
    pub(crate) offered: Option<Offered>,
    /// The last refusal that left the sitting open, with the finding behind it.
    pub(crate) refused: Option<(&'static str, Option<&'static str>)>,
    /// How the last sitting ended.
    pub(crate) end: Option<EndReport>,
    /// A document lies there that has to leave first.
    pub(crate) must_leave: bool,
}

/// An opened portrait of a chip.
pub(crate) struct Chip {
    /// The name that view and gallery use: of the picture itself, for sitting numbers begin anew
    /// in each job.
    pub(crate) path: String,
    /// The picture.
    pub(crate) png: Arc<Vec<u8>>,
}

impl Chip {
    pub(crate) fn new(png: Vec<u8>) -> Self {
        Self {
            path: format!("chip/{}", booth::sha256(&png)),
            png: Arc::new(png),
        }
    }
}

/// A portrait with everything that stands beside it.
pub(crate) struct Offered {
    pub(crate) report: ReviewReport,
    /// The very bytes that acceptance would file.
    pub(crate) jpeg: Arc<Vec<u8>>,
    /// Those of its copy, where there is one.
    pub(crate) copy: Option<Arc<Vec<u8>>>,
    /// The frames of the press.
    pub(crate) burst: Vec<(Encoding, Arc<Vec<u8>>)>,
    pub(crate) chosen: usize,
    pub(crate) shown: Shown,
    /// The re-read matched: it may be accepted.
    pub(crate) is_open: bool,
}

pub(crate) fn offered(developed: &Developed, report: ReviewReport, shown: Shown) -> Offered {
    let (portrait, burst) = (developed.portrait(), developed.burst().iter());
    Offered {
        report,
        jpeg: Arc::new(portrait.jpeg().to_vec()),
        copy: portrait
            .normalised()
            .map(|copy| Arc::new(copy.jpeg().to_vec())),
        burst: burst
            .map(|frame| (frame.encoding(), Arc::new(frame.bytes().to_vec())))
            .collect(),
        chosen: developed.chosen(),
        shown,
        is_open: false,
    }
}

/// The view of an open booth. `class` is kept by the caller, because it costs a query.
pub(crate) fn view(
    turn: &Turn<'_>,
    seq: u64,
    bands: Bands,
    job: JobLine,
    class: Option<ClassView>,
    fps: f32,
) -> BoothView {
    let show = &turn.stage_show;
    let stage = turn.booth.stage();
    let subject = show.seated.as_ref().map(|seated| subject(seated, show));
    let review = on_the_screen(turn).map(|offered| review_view(offered, &bands));
    BoothView {
        seq,
        job,
        bands,
        stage: stage.code().to_owned(),
        state: state(turn),
        subject,
        guidance: guidance(turn),
        presses_itself: turn.booth.presses_itself(),
        review,
        end: show.end.as_ref().map(|end| end_view(end, turn)),
        class,
        devices: devices(turn, fps),
        live: turn.camera_ready,
        open: true,
    }
}

/// The view of a job whose booth is closed.
pub(crate) fn closed_view(desk: &Desk, seq: u64, job: JobLine, fault: Option<&str>) -> BoothView {
    let nothing = |state: &str| DeviceLine {
        notes: Vec::new(),
        name: String::new(),
        identity: String::new(),
        nature: Nature::Physical.code().to_owned(),
        state: state.to_owned(),
        ok: false,
    };
    let kind = if fault.is_some() {
        StateKind::Fault
    } else {
        StateKind::Wait
    };
    BoothView {
        seq,
        job,
        bands: bands(desk),
        stage: StageName::Vacant.code().to_owned(),
        state: line(kind, fault.unwrap_or("booth-closed"), None),
        subject: None,
        guidance: None,
        presses_itself: false,
        review: None,
        end: None,
        class: None,
        devices: DevicesView {
            reader: nothing("reader-closed"),
            document: "none".to_owned(),
            camera: nothing("camera-closed"),
            fps: 0.0,
        },
        live: false,
        open: false,
    }
}

fn line(kind: StateKind, code: &str, finding: Option<&str>) -> StateLine {
    StateLine {
        kind,
        code: code.to_owned(),
        finding: finding.map(str::to_owned),
    }
}

/// The one line that says what the station waits for.
fn state(turn: &Turn<'_>) -> StateLine {
    let show = &turn.stage_show;
    if let Some(fault) = &turn.fault {
        return line(StateKind::Fault, fault.code(), None);
    }
    match turn.booth.stage() {
        StageName::Vacant | StageName::Leaving => between_sittings(turn),
        StageName::Presented => line(StateKind::Reading, "reading", None),
        StageName::Seated => match show.refused {
            Some((code, finding)) => line(StateKind::Refused, code, finding),
            None => line(StateKind::Ready, "seated", None),
        },
        StageName::Exposing if on_the_screen(turn).is_some() => {
            line(StateKind::Busy, "developing", None)
        }
        StageName::Exposing => line(StateKind::Busy, "exposing", None),
        StageName::Review => match (&show.offered, show.refused) {
            (_, Some((code, finding))) => line(StateKind::Refused, code, finding),
            (Some(offered), None) if offered.is_open => line(StateKind::Review, "review", None),
            (Some(_) | None, None) => line(StateKind::Busy, "developing", None),
        },
        StageName::Filing => line(StateKind::Busy, "filing", None),
    }
}

/// The end of the last sitting stands until the next document; a device that fails
/// stands above it, for nobody can be seated then.
fn between_sittings(turn: &Turn<'_>) -> StateLine {
    let show = &turn.stage_show;
    if !turn.reader_ready {
        return line(StateKind::Fault, turn.reader_state, None);
    }
    if !turn.camera_ready {
        return line(StateKind::Fault, turn.camera_state, None);
    }
    match &show.end {
        Some(end) => {
            let kind = match end.outcome {
                "filed" => StateKind::Filed,
                "refused" => StateKind::Refused,
                _ => StateKind::Void,
            };
            line(kind, end.code, end.finding)
        }
        None if show.must_leave => line(StateKind::Refused, "document-not-removed", None),
        None => line(StateKind::Wait, "put-document", None),
    }
}

/// What was last told to whoever sits; it goes with the press, the seat and the picture.
fn guidance(turn: &Turn<'_>) -> Option<GuidanceView> {
    let advice = turn.watcher.as_ref()?.told(turn.armed()?)?;
    Some(GuidanceView {
        code: advice.map(|advice| advice.code().to_owned()),
        arrow: advice
            .and_then(Advice::arrow)
            .map(|arrow| arrow.word().to_owned()),
    })
}

fn subject(seated: &SeatedReport, show: &StageShow) -> SubjectView {
    let fields = match (&show.document, &show.entry) {
        (Some(document), Some(entry)) => beside(document, entry),
        (Some(_) | None, _) => Vec::new(),
    };
    let number = &seated.student_number;
    let former = seated
        .generation
        .checked_sub(1)
        .filter(|former| *former > 0);
    SubjectView {
        sitting: seated.sitting,
        student_number: number.clone(),
        name: seated.name.clone(),
        class: seated.class.clone(),
        number: seated.number.clone(),
        generation: seated.generation,
        basis: seated.basis.to_owned(),
        detail: seated.detail.to_owned(),
        fields,
        admission_photo: seated
            .admission_photo
            .then(|| format!("admission/{number}")),
        chip_portrait: show
            .chip
            .as_ref()
            .and_then(|chip| chip.as_ref().ok())
            .map(|chip| chip.path.clone()),
        chip_fault: show
            .chip
            .as_ref()
            .and_then(|chip| chip.as_ref().err())
            .map(|code| (*code).to_owned()),
        former_portrait: former.map(|former| format!("record/{number}/{former}")),
    }
}

/// Document fields beside roster fields.
fn beside(document: &DocumentFields, entry: &Entry) -> Vec<FieldLine> {
    vec![
        name_line(document, entry),
        FieldLine {
            field: "number".to_owned(),
            document: Some(mask(&document.number)),
            roster: Some(entry.number.masked()),
            same: document.number == entry.number.as_str(),
        },
        FieldLine {
            field: "sex".to_owned(),
            document: Some(sex(document.sex).to_owned()),
            roster: entry.sex.map(|there| sex(there).to_owned()),
            same: entry.sex.is_none_or(|there| there == document.sex),
        },
        FieldLine {
            field: "class".to_owned(),
            document: None,
            roster: Some(entry.class.clone()),
            same: true,
        },
    ]
}

fn name_line(document: &DocumentFields, entry: &Entry) -> FieldLine {
    let (spelled, agrees) = document.compare_name(&entry.name);
    FieldLine {
        field: "name".to_owned(),
        document: Some(spelled.as_str().to_owned()),
        roster: Some(entry.name.as_str().to_owned()),
        same: agrees != NameMatch::Differs,
    }
}

const fn sex(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "male",
        Sex::Female => "female",
    }
}

/// The portrait that is to be looked at now: not before the read beside its exposure
/// agreed, and not after somebody turned it down.
pub(crate) fn reviewed<'a>(turn: &'a Turn<'_>) -> Option<&'a Offered> {
    let in_review = matches!(turn.booth.stage(), StageName::Review | StageName::Filing);
    on_the_screen(turn).filter(|_| in_review)
}

/// The same, and the one that is being made anew from its own press (cut otherwise, or from another
/// frame), until the new one is there: it stands still then, and its token is no longer good. Views
/// name it and pictures are given of it by this one rule.
pub(crate) fn on_the_screen<'a>(turn: &'a Turn<'_>) -> Option<&'a Offered> {
    let stands = match turn.booth.stage() {
        // A press takes away what was offered before it, so what is there is of this press.
        StageName::Review | StageName::Filing | StageName::Exposing => true,
        StageName::Vacant | StageName::Presented | StageName::Seated | StageName::Leaving => false,
    };
    let offered = turn.stage_show.offered.as_ref();
    offered.filter(|offered| offered.is_open && stands)
}

fn review_view(offered: &Offered, bands: &Bands) -> ReviewView {
    let token = &offered.report.token;
    let burst = 0..offered.burst.len();
    ReviewView {
        token: token.clone(),
        portrait: format!("portrait/{token}"),
        bytes: count(offered.report.bytes),
        quality: offered.report.quality,
        measures: offered.shown.face.as_ref().map(measures),
        findings: offered.shown.findings.iter().map(finding_view).collect(),
        places: places_view(&offered.shown.places, bands),
        burst: burst.map(|at| format!("burst/{token}/{at}")).collect(),
        chosen: count(offered.chosen),
        stopped: offered.shown.stopped.map(|code| code.code().to_owned()),
        copy: offered
            .shown
            .copy
            .as_ref()
            .map(|copy| copy_view(token, copy)),
    }
}

fn copy_view(token: &str, copy: &Result<Vec<Finding>, &'static str>) -> CopyView {
    match copy {
        Ok(findings) => CopyView {
            picture: Some(format!("copy/{token}")),
            code: None,
            findings: findings.iter().map(finding_view).collect(),
        },
        Err(code) => CopyView {
            picture: None,
            code: Some((*code).to_owned()),
            findings: Vec::new(),
        },
    }
}

/// As fractions, so that a window need not know how large it draws the portrait.
fn places_view(places: &[Place], bands: &Bands) -> Vec<BackgroundPlace> {
    let part = |px: u32, of: u32| px as f32 / of.max(1) as f32;
    let shown = |place: &Place| BackgroundPlace {
        flaw: place.flaw.word().to_owned(),
        left: part(place.left, bands.width),
        top: part(place.top, bands.height),
        width: part(place.width, bands.width),
        height: part(place.height, bands.height),
    };
    places.iter().map(shown).collect()
}

fn measures(face: &FaceGeometry) -> MeasuresView {
    MeasuresView {
        crown_px: face.crown_y,
        eye_line_px: face.eye_line_y(),
        face_width_px: face.face_width(),
        tilt_deg: face.tilt_deg(),
    }
}

fn finding_view(finding: &Finding) -> FindingView {
    FindingView {
        code: finding.code.code().to_owned(),
        severity: finding.severity().code().to_owned(),
        official_name: finding.code.official_name().map(str::to_owned),
        value: finding.value,
        min: finding.band.map(|band| band.min),
        max: finding.band.map(|band| band.max),
    }
}

fn end_view(end: &EndReport, turn: &Turn<'_>) -> EndView {
    let show = &turn.stage_show;
    let record = end.record.as_ref();
    let name = show.entry.as_ref().filter(|_| record.is_some());
    EndView {
        outcome: end.outcome.to_owned(),
        code: end.code.to_owned(),
        finding: end.finding.map(str::to_owned),
        student_number: record.map(|record| record.student_number.clone()),
        name: name.map(|entry| entry.name.as_str().to_owned()),
        portrait: record.map(|record| {
            let (number, generation) = (&record.student_number, record.generation);
            format!("record/{number}/{generation}")
        }),
        difference: show.difference.clone(),
    }
}

/// What differs, where the refusal is about that: the operator says it aloud.
pub(crate) fn difference(code: &str, turn: &Turn<'_>) -> Option<FieldLine> {
    let document = turn.stage_show.document.as_ref()?;
    if code != "name-differs" && code != "name-needs-a-look" {
        return None;
    }
    let (entry, _) = turn.booth.roster().with_number(&document.number).next()?;
    Some(name_line(document, entry))
}

fn devices(turn: &Turn<'_>, fps: f32) -> DevicesView {
    let device = |device: Device, state: &str, ok: bool| DeviceLine {
        notes: Vec::new(),
        name: format!("{} {}", device.driver, device.identity)
            .trim()
            .to_owned(),
        identity: device.identity,
        nature: device.nature.code().to_owned(),
        state: state.to_owned(),
        ok,
    };
    let document = match (turn.stage_show.must_leave, turn.booth.stage()) {
        (true, _) | (false, StageName::Leaving) => "must-leave",
        (false, StageName::Vacant) => "none",
        (
            false,
            StageName::Presented
            | StageName::Seated
            | StageName::Exposing
            | StageName::Review
            | StageName::Filing,
        ) => "present",
    };
    DevicesView {
        reader: device(turn.reader.device(), turn.reader_state, turn.reader_ready),
        document: document.to_owned(),
        camera: DeviceLine {
            notes: turn
                .watch
                .notes()
                .into_iter()
                .map(DeviceNote::from)
                .collect(),
            ..device(turn.camera.device(), turn.camera_state, turn.camera_ready)
        },
        fps,
    }
}

fn bands(desk: &Desk) -> Bands {
    let band = |band: &Band| BandView {
        min: band.min,
        max: band.max,
    };
    // A standard that cannot be read opens no booth, which says so; a blank one draws nothing.
    desk.profile().map_or_else(
        |_| Bands {
            width: 480,
            height: 640,
            crown: BandView { min: 0.0, max: 0.0 },
            eye_line: BandView { min: 0.0, max: 0.0 },
            face_width: BandView { min: 0.0, max: 0.0 },
            bytes: BandView { min: 0.0, max: 0.0 },
            quality_min: 0,
        },
        |profile| Bands {
            width: profile.width,
            height: profile.height,
            crown: band(&profile.crown),
            eye_line: band(&profile.eye_line),
            face_width: band(&profile.face_width),
            bytes: band(&profile.bytes.band()),
            quality_min: profile.quality_min,
        },
    )
}

/// A job in one line.
///
/// # Errors
/// A fault of the disk.
pub(crate) fn job_line(desk: &Desk) -> Result<JobLine, StationError> {
    let rows = desk.job.entries(None)?;
    let standing = |wanted: fn(&booth::Standing) -> bool| {
        count(rows.iter().filter(|row| wanted(&row.standing)).count())
    };
    let dir = desk.job.dir();
    let name = dir.file_name().map(|name| name.to_string_lossy());
    Ok(JobLine {
        name: name.unwrap_or_default().into_owned(),
        dir: dir.to_string_lossy().into_owned(),
        kind: desk.job.kind().code().to_owned(),
        profile: desk.job.profile().to_owned(),
        entries: count(rows.len()),
        filed: standing(|standing| matches!(standing, booth::Standing::Filed(_))),
        flagged: standing(|standing| matches!(standing, booth::Standing::Flagged(_))),
    })
}

/// Progress of the class of whoever sits or sat last, in roster order.
pub(crate) fn class_view(rows: &[EntryRow], last: &Entry, sitting: Option<&Entry>) -> ClassView {
    let standing = |row: &EntryRow| match row.standing {
        booth::Standing::Open => Cell::Missing,
        booth::Standing::Filed(_) => Cell::Filed,
        booth::Standing::Flagged(_) => Cell::Flagged,
    };
    let number_of = |wanted: Cell| count(rows.iter().filter(|row| standing(row) == wanted).count());
    let place = rows.iter().position(|row| row.entry.id == last.id);
    let sits = place.filter(|_| sitting.is_some());
    let cells = rows.iter().enumerate().map(|(at, row)| {
        if Some(at) == sits {
            Cell::Now
        } else {
            standing(row)
        }
    });
    let after = rows.iter().skip(place.map_or(0, |place| place + 1));
    let next = after.filter(|row| standing(row) != Cell::Filed).take(3);
    ClassView {
        class: last.class.clone(),
        total: count(rows.len()),
        filed: number_of(Cell::Filed),
        flagged: number_of(Cell::Flagged),
        missing: number_of(Cell::Missing),
        position: sits.map(|place| count(place + 1)),
        cells: cells.collect(),
        next: next
            .map(|row| NextLine {
                name: row.entry.name.as_str().to_owned(),
                tail: tail(row.entry.student_number.as_str()),
            })
            .collect(),
    }
}

fn tail(number: &str) -> String {
    let characters: Vec<char> = number.chars().collect();
    characters[characters.len().saturating_sub(4)..]
        .iter()
        .collect()
}

pub(crate) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Whether a picture may be shown beside the name of who was seated then: what a folder
/// brings may be of the last subject. A live stream is of now, and nobody's name stands
/// beside a picture while nobody sits.
pub(crate) fn is_of_the_seat(stamp: FrameStamp, seat: Option<Timestamp>, job: JobKind) -> bool {
    // The same that the rules ask of a frame: a clock that nobody measured proves nothing.
    let is_proven = job == JobKind::Training || matches!(stamp.birth, Birth::Exif(_));
    let is_after = |seat| is_proven && stamp.birth.at().since(seat).is_some();
    stamp.kind == SourceKind::Live || seat.is_none_or(is_after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use booth::{BootId, Epoch};

    #[test]
    fn the_last_subjects_late_picture_is_not_shown_beside_the_next_name() {
        let at = |ms: u64| Timestamp::new(BootId([1; 16]), ms * 1_000_000);
        let picture = |kind, born| FrameStamp {
            kind,
            epoch: Epoch(1),
            sequence: 1,
            birth: Birth::Exif(at(born)),
            arrived: at(9_000),
        };
        let seat = Some(at(5_000));
        let shown = |stamp, seat| is_of_the_seat(stamp, seat, JobKind::Production);
        assert!(!shown(picture(SourceKind::Folder, 4_999), seat));
        assert!(shown(picture(SourceKind::Folder, 5_000), seat));
        assert!(shown(picture(SourceKind::Folder, 4_999), None));
        assert!(shown(picture(SourceKind::Live, 4_999), seat));
        let unmeasured = FrameStamp {
            birth: Birth::ExifUnmapped(at(6_000)),
            ..picture(SourceKind::Folder, 0)
        };
        assert!(!shown(unmeasured, seat));
        assert!(is_of_the_seat(unmeasured, seat, JobKind::Training));
    }
}
