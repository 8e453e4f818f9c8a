//! The booth driven by hand: one small world with a reader, a camera and a store.

use super::*;
use crate::digest::{Digest, DigestKey};
use crate::document::{
    Assurance, DocumentFields, DocumentKind, Nature, ReadFailure, ReadMoments, Validity,
};
use crate::frame::{Birth, Encoding, Frame, FrameStamp, SourceKind};
use crate::identity::{DocumentNumber, PersonName, Sex, StudentNumber};
use crate::refusal::FilingFault;
use crate::roster::{Entry, Standing};
use crate::sitting::{Attendance, DevelopFault, Developed, JobKind, Normalised, Portrait, Token};
use crate::time::{BootId, Date};
use proptest::prelude::*;

mod held;

const ANNA: &str = "11010519491231002X";
const BORIS: &str = "110105194912310038";

fn now(ms: u64) -> Now {
    let at = Timestamp::new(BootId([3; 16]), ms * 1_000_000);
    Now {
        at,
        today: Date::new(2026, 11, 24).unwrap(),
    }
}

fn device(driver: &str) -> Device {
    Device {
        driver: driver.into(),
        bus: String::new(),
        identity: "test".into(),
        nature: Nature::Physical,
    }
}

fn entry(id: i64, student: &str, name: &str, number: &str) -> Entry {
    Entry {
        id: EntryId(id),
        version: 1,
        student_number: StudentNumber::parse(student).unwrap(),
        name: PersonName::parse(name).unwrap(),
        number: DocumentNumber::parse(number).unwrap(),
        sex: None,
        college: String::new(),
        major: String::new(),
        class: String::new(),
    }
}

fn roster(standing: Standing) -> Roster {
    Roster::new([
        (entry(1, "2022001", "安娜", ANNA), standing),
        (entry(2, "2022002", "鲍里斯", BORIS), Standing::Open),
    ])
}

fn fields(name: &str, number: &str) -> DocumentFields {
    DocumentFields {
        name: PersonName::parse(name).unwrap(),
        latin_name: None,
        sex: if number.as_bytes()[16] % 2 == 1 {
            Sex::Male
        } else {
            Sex::Female
        },
        nation: "01".into(),
        birth: Date::parse_compact(&number[6..14]).unwrap(),
        address: String::new(),
        number: number.into(),
        travel_permit: None,
        issuer: String::new(),
        valid_from: Date::new(2020, 1, 1).unwrap(),
        valid_to: Validity::Until(Date::new(2040, 1, 1).unwrap()),
    }
}

/// The world around a booth: answers reads and remembers what was done.
struct World {
    booth: Booth,
    ms: u64,
    on_reader: Option<(InsertionId, DocumentFields)>,
    last_event_ms: u64,
    next_insertion: u64,
    sequence: u64,
    filed: Vec<Filing>,
    log: Vec<String>,
    offer: Option<Token>,
    pending: VecDeque<Effect>,
}

use crate::sitting::Filing;

impl World {
    fn new(roster: Roster, claim: Claim, left: bool) -> Self {
        let rules = Rules {
            job: JobKind::Production,
            attendance: Attendance::Attended,
            key: DigestKey::from_bytes([5; 32]),
            next_sitting: SittingId(1),
            last_document_left: left,
        };
        let mut world = Self {
            booth: Booth::new(rules, roster, claim),
            ms: 1_000,
            on_reader: None,
            last_event_ms: 0,
            next_insertion: 1,
            sequence: 0,
            filed: Vec::new(),
            log: Vec::new(),
            offer: None,
            pending: VecDeque::new(),
        };
        world.tell(Event::CameraLive {
            device: device("v4l2"),
            epoch: Epoch(9),
        });
        world
    }

    fn fresh() -> Self {
        Self::new(roster(Standing::Open), Claim::default(), true)
    }

    fn tell(&mut self, event: Event) {
        let effects = self.booth.handle(event, now(self.ms));
        for effect in effects {
            self.log.push(format!("{effect:?}"));
            match effect {
                Effect::Offer(offer) => self.offer = Some(offer.token),
                Effect::File(filing) => {
                    let sitting = filing.sitting();
                    self.filed.push(*filing);
                    self.pending.push_back(Effect::EndSitting {
                        sitting,
                        outcome: Outcome::Filed,
                    });
                }
                other @ (Effect::Read { .. } | Effect::Expose { .. } | Effect::Develop(_)) => {
                    self.pending.push_back(other);
                }
                Effect::OpenSitting { .. }
                | Effect::Seat(_)
                | Effect::Refused(_)
                | Effect::TakeDocument
                | Effect::EndSitting { .. }
                | Effect::Journal(_) => {}
            }
        }
    }

    fn insert(&mut self, document: DocumentFields) {
        let insertion = InsertionId(self.next_insertion);
        self.next_insertion += 1;
        self.last_event_ms = self.ms;
        self.on_reader = Some((insertion, document));
        self.tell(Event::Presented {
            insertion,
            already_there: false,
        });
    }

    fn remove(&mut self) {
        self.last_event_ms = self.ms;
        if let Some((insertion, _)) = self.on_reader.take() {
            self.tell(Event::Removed { insertion });
        }
    }

    /// Another document in the same insertion: what PC/SC cannot see.
    fn swap_silently(&mut self, document: DocumentFields) {
        if let Some((_, there)) = &mut self.on_reader {
            *there = document;
        }
    }

    fn card_read(&self, insertion: InsertionId, quiet: bool) -> Result<Box<CardRead>, ReadFailure> {
        let Some((there, fields)) = &self.on_reader else {
            return Err(ReadFailure::Taken);
        };
        if *there != insertion {
            return Err(ReadFailure::Taken);
        }
        let begun = if quiet {
            self.ms.max(self.last_event_ms + 500)
        } else {
            self.ms
        };
        let moments = ReadMoments {
            quiet_since: now(self.last_event_ms).at,
            begun: now(begun).at,
            ended: now(begun + 20).at,
        };
        let raw = format!(
            "{}|{}|{:?}",
            fields.name.as_str(),
            fields.number,
            fields.valid_to
        );
        Ok(Box::new(CardRead::new(
            DocumentKind::ResidentCard,
            Assurance::SamVerified,
            device("pcsc"),
            insertion,
            fields.clone(),
            raw.as_bytes(),
            moments,
        )))
    }

    fn frame(&mut self, birth_ms: u64) -> Frame {
        self.sequence += 1;
        let stamp = FrameStamp {
            kind: SourceKind::Live,
            epoch: Epoch(9),
            sequence: self.sequence,
            birth: Birth::Driver(now(birth_ms).at),
            arrived: now(self.ms).at,
        };
        Frame::new(stamp, Encoding::Jpeg, self.sequence.to_be_bytes().to_vec())
    }

    /// Answers one thing that is under way, as the devices would.
    fn answer_one(&mut self) -> bool {
        let Some(effect) = self.pending.pop_front() else {
            return false;
        };
        self.ms += 30;
        match effect {
            Effect::Read {
                read,
                insertion,
                quiet,
            } => {
                let result = self.card_read(insertion, quiet);
                if quiet {
                    self.ms = self.ms.max(self.last_event_ms + 520);
                }
                self.tell(Event::Read {
                    read,
                    insertion,
                    result,
                });
            }
            Effect::Expose { exposure, .. } => {
                let frame = self.frame(self.ms - 10);
                self.tell(Event::Frames {
                    exposure,
                    frames: vec![frame],
                });
            }
            Effect::Develop(framed) => self.develop(framed),
            Effect::EndSitting { sitting, .. } => self.tell(Event::Filed { sitting }),
            other @ (Effect::OpenSitting { .. }
            | Effect::Seat(_)
            | Effect::Offer(_)
            | Effect::File(_)
            | Effect::Refused(_)
            | Effect::TakeDocument
            | Effect::Journal(_)) => panic!("nothing answers {other:?}"),
        }
        true
    }

    fn develop(&mut self, framed: Box<crate::sitting::Framed>) {
        let made = framed.develop(|frame| {
            Ok::<_, ()>(Portrait::new(frame.bytes().to_vec(), frame.digest(), 90))
        });
        self.tell(Event::Developed(Box::new(made.unwrap())));
    }

    fn settle(&mut self) {
        while self.answer_one() {}
    }

    fn seat(&mut self, document: DocumentFields) {
        self.insert(document);
        self.settle();
        self.ms += 100;
    }

    fn expose(&mut self) {
        self.tell(Event::Intent(Intent::Expose));
        self.settle();
        self.ms += 100;
    }

    fn accept(&mut self) {
        let token = self
            .offer
            .unwrap_or(Token::echoed(Digest::from_bytes([0; 32])));
        self.tell(Event::Intent(Intent::Accept(token)));
    }

    fn has(&self, line: &str) -> bool {
        self.log.iter().any(|entry| entry.contains(line))
    }
}

#[test]
fn a_verified_subject_is_filed_under_their_own_entry() {
    let mut world = World::fresh();
    world.seat(fields("安娜", ANNA));
    world.expose();
    world.accept();
    world.settle();
    assert_eq!(world.filed.len(), 1, "{:#?}", world.log);
    assert_eq!(world.filed[0].entry().id, EntryId(1));
    assert_eq!(world.booth.stage(), StageName::Leaving);
    world.remove();
    assert_eq!(world.booth.stage(), StageName::Vacant);
}

#[test]
fn refusals_are_named_and_nothing_is_filed() {
    let mut late = fields("安娜", ANNA);
    late.valid_to = Validity::Until(Date::new(2026, 11, 23).unwrap());
    let mut early = fields("安娜", ANNA);
    early.valid_from = Date::new(2026, 11, 25).unwrap();
    let mut wrong_sex = fields("安娜", ANNA);
    wrong_sex.sex = Sex::Male;
    let mut wrong_digit = fields("安娜", ANNA);
    wrong_digit.number = "110105194912310021".into();
    let cases = [
        (fields("安娜", "11010519491231007X"), "check-digit-wrong"),
        (fields("陌生人", "110105194912310054"), "not-on-roster"),
        (fields("安妮", ANNA), "name-differs"),
        (late, "document-expired"),
        (early, "document-not-yet-valid"),
        (wrong_sex, "document-contradicts"),
        (wrong_digit, "check-digit-wrong"),
    ];
    for (document, code) in cases {
        let mut world = World::fresh();
        world.seat(document);
        assert!(
            world.has(&format!("EndSitting(refused {code})")),
            "{code}: {:#?}",
            world.log
        );
        world.expose();
        assert!(world.has("Refused(not-seated)"));
        assert!(world.filed.is_empty());
    }
}

#[test]
fn the_last_day_of_validity_is_valid() {
    let mut document = fields("安娜", ANNA);
    document.valid_to = Validity::Until(Date::new(2026, 11, 24).unwrap());
    let mut world = World::fresh();
    world.seat(document);
    assert_eq!(world.booth.stage(), StageName::Seated);
}

#[test]
fn one_number_with_two_enrolments_needs_the_typed_student_number() {
    let twice = || {
        Roster::new([
            (entry(1, "2022001", "安娜", ANNA), Standing::Open),
            (entry(7, "2024777", "安娜", ANNA), Standing::Open),
        ])
    };
    let mut world = World::new(twice(), Claim::default(), true);
    world.seat(fields("安娜", ANNA));
    assert!(world.has("EndSitting(refused ambiguous-entry)"));

    let claim = |text: &str| Claim {
        student_number: Some(StudentNumber::parse(text).unwrap()),
        referred_by: None,
    };
    let mut world = World::new(twice(), claim("2024777"), true);
    world.seat(fields("安娜", ANNA));
    world.expose();
    world.accept();
    world.settle();
    assert_eq!(world.filed[0].entry().id, EntryId(7));

    let mut world = World::new(twice(), claim("2022002"), true);
    world.seat(fields("安娜", ANNA));
    assert!(world.has("EndSitting(refused claim-differs)"));
}

#[test]
fn a_wrong_roster_is_referred_only_with_somebody_who_answers() {
    let claim = Claim {
        student_number: Some(StudentNumber::parse("2022002").unwrap()),
        referred_by: Some("registrar".into()),
    };
    let mut world = World::new(roster(Standing::Open), claim, true);
    world.seat(fields("鲍里斯二世", BORIS));
    assert_eq!(world.booth.stage(), StageName::Seated);
    world.expose();
    world.accept();
    world.settle();
    assert_eq!(world.filed.len(), 1);
}

#[test]
fn a_filed_record_admits_nobody_and_a_flagged_one_the_next_generation() {
    let mut world = World::new(
        roster(Standing::Filed(Generation(1))),
        Claim::default(),
        true,
    );
    world.seat(fields("安娜", ANNA));
    assert!(world.has("EndSitting(refused already-filed)"));

    let mut world = World::new(
        roster(Standing::Flagged(Generation(1))),
        Claim::default(),
        true,
    );
    world.seat(fields("安娜", ANNA));
    world.expose();
    world.accept();
    world.settle();
    assert_eq!(world.filed[0].generation(), Generation(2));
}

/// Plays a good sitting and calls `disturb` after `steps` answers.
fn disturbed(steps: usize, disturb: impl Fn(&mut World)) -> World {
    let mut world = World::fresh();
    world.insert(fields("安娜", ANNA));
    let mut left = steps;
    let mut pressed = false;
    let mut accepted = false;
    loop {
        if left == 0 {
            disturb(&mut world);
            world.settle();
            world.expose();
            world.accept();
            world.settle();
            return world;
        }
        left -= 1;
        if world.answer_one() {
            continue;
        }
        if !pressed {
            pressed = true;
            world.tell(Event::Intent(Intent::Expose));
        } else if !accepted {
            accepted = true;
            world.accept();
        } else {
            return world;
        }
    }
}

/// Steps of a good sitting up to the moment the filing goes to the store.
const STEPS_BEFORE_STORE: usize = 8;

#[test]
fn a_document_taken_at_any_stage_voids() {
    for step in 0..STEPS_BEFORE_STORE {
        let world = disturbed(step, World::remove);
        assert!(world.filed.is_empty(), "step {step}: {:#?}", world.log);
        assert!(world.has("document-taken"), "step {step}: {:#?}", world.log);
    }
    let world = disturbed(STEPS_BEFORE_STORE, |_| {});
    assert_eq!(
        world.filed.len(),
        1,
        "the count of steps is wrong: {:#?}",
        world.log
    );
}

/// No read is under way there, so that nothing but the removal itself tells of it.
#[test]
fn a_document_taken_from_the_seat_voids_at_once() {
    let mut world = World::fresh();
    world.seat(fields("安娜", ANNA));
    world.remove();
    assert!(
        world.has("EndSitting(void document-taken)"),
        "{:#?}",
        world.log
    );
}

#[test]
fn a_silent_swap_at_any_stage_never_files() {
    for step in 0..STEPS_BEFORE_STORE {
        let world = disturbed(step, |world| world.swap_silently(fields("鲍里斯", BORIS)));
        for filing in &world.filed {
            // Swapped before the first read: Boris is simply the one who sits.
            assert_eq!(
                filing.entry().id,
                EntryId(2),
                "step {step}: {:#?}",
                world.log
            );
            assert_eq!(step, 0);
        }
    }
}

#[test]
fn a_second_document_at_any_stage_ends_the_sitting() {
    for step in 0..STEPS_BEFORE_STORE {
        let world = disturbed(step, |world| {
            world.tell(Event::Presented {
                insertion: InsertionId(99),
                already_there: false,
            });
        });
        assert!(world.filed.is_empty(), "step {step}");
        assert!(
            world.has("second-document"),
            "step {step}: {:#?}",
            world.log
        );
        assert!(world.has("TakeDocument"));
    }
}

/// Three people on the roster, to read one after the other.
fn three_people() -> (World, [DocumentFields; 3]) {
    const CLARA: &str = "110105194912310046";
    let people = [("安娜", ANNA), ("鲍里斯", BORIS), ("克拉拉", CLARA)];
    let entries = people.iter().zip(1..).map(|((name, number), id)| {
        let entry = entry(id, &format!("202200{id}"), name, number);
        (entry, Standing::Open)
    });
    let world = World::new(Roster::new(entries), Claim::default(), true);
    (world, people.map(|(name, number)| fields(name, number)))
}

#[test]
fn a_pile_of_documents_is_refused_and_a_queue_is_not() {
    let (mut world, people) = three_people();
    for person in people.clone() {
        world.seat(person);
        world.remove();
    }
    assert!(world.has("EndSitting(refused pile-of-documents)"));
    assert_eq!(world.booth.stage(), StageName::Vacant);
    world.seat(people[2].clone());
    assert_eq!(world.booth.stage(), StageName::Seated, "told once");

    // The twins: the same document again and again, an exposure between, and slowly.
    let (mut again, people) = three_people();
    for person in [0, 1, 1, 0, 1] {
        again.seat(people[person].clone());
        again.remove();
    }
    assert!(!again.has("pile-of-documents"));

    let (mut photographed, people) = three_people();
    for (person, pressed) in [(0, false), (1, false), (1, true), (2, false)] {
        photographed.seat(people[person].clone());
        if pressed {
            photographed.expose();
        }
        photographed.remove();
    }
    assert!(!photographed.has("pile-of-documents"));

    let (mut slow, people) = three_people();
    for person in people {
        slow.seat(person);
        slow.remove();
        slow.ms += 31_000;
    }
    assert!(!slow.has("pile-of-documents"));
}

#[test]
fn a_lost_device_at_any_stage_files_nothing() {
    for step in 2..STEPS_BEFORE_STORE {
        let world = disturbed(step, |world| world.tell(Event::CameraLost));
        assert!(
            world.filed.is_empty() && world.has("camera-lost"),
            "step {step}: {:#?}",
            world.log
        );
        let world = disturbed(step, |world| world.tell(Event::ReaderLost));
        assert!(
            world.filed.is_empty() && world.has("reader-lost"),
            "step {step}"
        );
        let world = disturbed(step, |world| {
            world.tell(Event::CameraLive {
                device: device("v4l2"),
                epoch: Epoch(10),
            });
        });
        assert!(
            world.filed.is_empty() && world.has("camera-interrupted"),
            "step {step}"
        );
    }
}

#[test]
fn an_unreadable_document_is_tried_again_and_then_refused() {
    let mut world = World::fresh();
    world.insert(fields("安娜", ANNA));
    for _ in 0..READ_TRIES_MAX {
        let Some(Effect::Read {
            read, insertion, ..
        }) = world.pending.pop_front()
        else {
            panic!("no read asked for: {:#?}", world.log);
        };
        world.tell(Event::Read {
            read,
            insertion,
            result: Err(ReadFailure::Unreadable),
        });
    }
    assert!(world.has("EndSitting(refused document-unreadable)"));
}

#[test]
fn the_second_read_must_be_late_enough() {
    let mut world = World::fresh();
    world.insert(fields("安娜", ANNA));
    world.answer_one();
    let Some(Effect::Read {
        read,
        insertion,
        quiet: true,
    }) = world.pending.pop_front()
    else {
        panic!("the second read is not a quiet one: {:#?}", world.log);
    };
    // After the first read, but before the reader was quiet for long enough.
    world.ms += 400;
    let result = world.card_read(insertion, false);
    world.tell(Event::Read {
        read,
        insertion,
        result,
    });
    assert!(
        world.has("EndSitting(refused reads-disagree)"),
        "{:#?}",
        world.log
    );
}

#[test]
fn frames_from_before_the_seat_never_become_portraits() {
    let mut world = World::fresh();
    world.seat(fields("安娜", ANNA));
    world.tell(Event::Intent(Intent::Expose));
    let exposure = ExposureId(1);
    let old = world.frame(100);
    world.tell(Event::Frames {
        exposure,
        frames: vec![old],
    });
    assert!(world.has("Refused(frame-before-seat)"), "{:#?}", world.log);
    assert_eq!(world.booth.stage(), StageName::Seated);
}

#[test]
fn a_repeated_frame_is_refused_across_presses() {
    let mut world = World::fresh();
    world.seat(fields("安娜", ANNA));
    let twin = |world: &World| {
        let stamp = FrameStamp {
            kind: SourceKind::Live,
            epoch: Epoch(9),
            sequence: 1,
            birth: Birth::Driver(now(world.ms).at),
            arrived: now(world.ms).at,
        };
        Frame::new(stamp, Encoding::Jpeg, vec![42])
    };
    world.tell(Event::Intent(Intent::Expose));
    let frame = twin(&world);
    world.tell(Event::Frames {
        exposure: ExposureId(1),
        frames: vec![frame],
    });
    world
        .pending
        .retain(|effect| !matches!(effect, Effect::Expose { .. }));
    world.settle();
    world.tell(Event::Intent(Intent::Retake));
    world.tell(Event::Intent(Intent::Expose));
    let frame = twin(&world);
    world.tell(Event::Frames {
        exposure: ExposureId(2),
        frames: vec![frame],
    });
    assert!(world.has("Refused(frame-repeated)"), "{:#?}", world.log);
}

#[test]
fn late_results_are_dropped() {
    let mut world = World::fresh();
    world.seat(fields("安娜", ANNA));
    world.tell(Event::Intent(Intent::Expose));
    world.answer_one(); // frames
    world.answer_one(); // re-read
    let Some(Effect::Develop(late)) = world.pending.pop_front() else {
        panic!("{:#?}", world.log);
    };
    world.tell(Event::Intent(Intent::Void));
    world.remove();
    world.seat(fields("鲍里斯", BORIS));
    world.tell(Event::Intent(Intent::Expose));
    world.answer_one();
    world.answer_one();
    world.pending.clear();
    world.develop(late);
    assert!(world.has("Refused(late-result)"), "{:#?}", world.log);
    world.accept();
    world.settle();
    assert!(world.filed.is_empty());
}

#[test]
fn frames_of_an_earlier_press_are_late() {
    let mut world = World::fresh();
    world.seat(fields("安娜", ANNA));
    world.tell(Event::Intent(Intent::Expose));
    let frame = world.frame(world.ms);
    world.tell(Event::Frames {
        exposure: ExposureId(77),
        frames: vec![frame],
    });
    assert!(world.has("Refused(late-result)"));
    assert_eq!(world.booth.stage(), StageName::Exposing);
}

#[test]
fn a_stale_token_and_a_second_acceptance_are_refused() {
    let mut world = World::fresh();
    world.seat(fields("安娜", ANNA));
    world.expose();
    let stale = world.offer.unwrap();
    world.tell(Event::Intent(Intent::Retake));
    world.expose();
    assert_ne!(world.offer, Some(stale));
    world.tell(Event::Intent(Intent::Accept(stale)));
    assert!(world.has("Refused(stale-token)"));
    assert!(world.filed.is_empty());
    world.accept();
    world.accept();
    assert!(world.has("Refused(accepted-already)"));
    world.settle();
    world.accept();
    world.settle();
    assert_eq!(world.filed.len(), 1);
}

/// The press brought no frame, or was retaken, while its re-read was under way: what the
/// read saw still counts.
#[test]
fn a_reread_that_comes_after_its_press_still_ends_the_sitting() {
    let mut world = World::fresh();
    world.seat(fields("安娜", ANNA));
    world.tell(Event::Intent(Intent::Expose));
    let reads: Vec<Effect> = std::mem::take(&mut world.pending)
        .into_iter()
        .filter(|effect| matches!(effect, Effect::Read { .. }))
        .collect();
    world.tell(Event::Frames {
        exposure: ExposureId(1),
        frames: Vec::new(),
    });
    assert_eq!(world.booth.stage(), StageName::Seated);
    world.swap_silently(fields("鲍里斯", BORIS));
    world.pending.extend(reads);
    world.settle();
    assert!(
        world.has("EndSitting(void document-changed)"),
        "{:#?}",
        world.log
    );
}

#[test]
fn another_frame_of_the_burst_is_shown_anew_and_is_what_is_filed() {
    let mut world = World::fresh();
    world.seat(fields("安娜", ANNA));
    world.tell(Event::Intent(Intent::Expose));
    world.ms += 30;
    let frames: Vec<_> = (0..3).map(|_| world.frame(world.ms - 10)).collect();
    let third = frames[2].digest();
    // The exposure is answered by hand; the re-read is left to the world.
    let wanted = |effect: &Effect| !matches!(effect, Effect::Expose { .. });
    world.pending.retain(wanted);
    world.tell(Event::Frames {
        exposure: ExposureId(1),
        frames,
    });
    world.settle();
    let first_shown = world.offer.unwrap();
    world.tell(Event::Intent(Intent::Choose(7)));
    world.tell(Event::Intent(Intent::Choose(0)));
    assert_eq!(world.booth.stage(), StageName::Review);
    world.tell(Event::Intent(Intent::Choose(2)));
    world.settle();
    let then_shown = world.offer.unwrap();
    assert_ne!(then_shown, first_shown);
    world.tell(Event::Intent(Intent::Accept(first_shown)));
    assert!(world.has("Refused(stale-token)"));
    world.accept();
    world.settle();
    assert_eq!(world.filed.len(), 1);
    assert_eq!(world.filed[0].frame().digest(), third);
}

#[test]
fn nothing_is_offered_before_the_reread_matched() {
    let mut world = World::fresh();
    world.seat(fields("安娜", ANNA));
    world.tell(Event::Intent(Intent::Expose));
    let reads: Vec<_> = {
        let (reads, rest) = std::mem::take(&mut world.pending)
            .into_iter()
            .partition::<Vec<_>, _>(|effect| matches!(effect, Effect::Read { .. }));
        world.pending = rest.into();
        reads
    };
    world.settle();
    assert_eq!(world.booth.stage(), StageName::Review);
    assert!(world.offer.is_none());
    world.accept();
    assert!(world.has("Refused(nothing-to-accept)"));
    world.pending.extend(reads);
    world.settle();
    assert!(world.offer.is_some());
}

#[test]
fn a_portrait_of_another_frame_is_foreign() {
    let mut world = World::fresh();
    world.seat(fields("安娜", ANNA));
    world.tell(Event::Intent(Intent::Expose));
    world.answer_one();
    world.answer_one();
    let Some(Effect::Develop(framed)) = world.pending.pop_front() else {
        panic!("{:#?}", world.log);
    };
    let other = crate::digest::sha256(b"another frame");
    let made = framed.develop(|_| Ok::<_, ()>(Portrait::new(vec![1], other, 90)));
    let Err((undeveloped, DevelopFault::Foreign)) = made else {
        panic!("a foreign portrait was taken");
    };
    world.tell(Event::Undeveloped {
        undeveloped,
        foreign: true,
    });
    assert!(world.has("Refused(portrait-foreign)"));
    assert_eq!(world.booth.stage(), StageName::Seated);
}

/// Up to the developer, who makes whatever is asked.
fn developed(make: impl FnOnce(&Frame) -> Portrait) -> Result<Developed, DevelopFault<()>> {
    let mut world = World::fresh();
    world.seat(fields("安娜", ANNA));
    world.tell(Event::Intent(Intent::Expose));
    world.answer_one();
    world.answer_one();
    let Some(Effect::Develop(framed)) = world.pending.pop_front() else {
        panic!("{:#?}", world.log);
    };
    let made = framed.develop(|frame| Ok::<_, ()>(make(frame)));
    made.map_err(|(_, fault)| fault)
}

#[test]
fn a_copy_of_another_portrait_is_foreign_and_each_copy_has_a_token_of_its_own() {
    let with = |copy: &'static [u8], of: Option<Digest>| {
        developed(move |frame| {
            let portrait = Portrait::new(vec![1], frame.digest(), 90);
            let of = of.unwrap_or(portrait.digest());
            portrait.with_normalised(Some(Normalised::new(copy.to_vec(), 80, of)))
        })
    };
    let other = crate::digest::sha256(b"another portrait");
    assert!(matches!(
        with(b"copy", Some(other)),
        Err(DevelopFault::Foreign)
    ));
    let token = |made: Result<Developed, DevelopFault<()>>| made.map(|made| made.token()).ok();
    let plain = developed(|frame| Portrait::new(vec![1], frame.digest(), 90));
    let tokens = [
        token(plain),
        token(with(b"copy", None)),
        token(with(b"other", None)),
    ];
    assert!(tokens.iter().all(Option::is_some));
    assert!(tokens[0] != tokens[1] && tokens[1] != tokens[2] && tokens[0] != tokens[2]);
    assert_eq!(
        token(with(b"copy", None)),
        tokens[1],
        "the same is the same"
    );
}

/// Whoever presses again is not told that nobody is seated.
#[test]
fn a_press_while_a_portrait_waits_is_refused_by_its_own_name() {
    let mut world = World::fresh();
    world.seat(fields("安娜", ANNA));
    world.expose();
    let shown = world.offer.unwrap();
    world.tell(Event::Intent(Intent::Expose));
    assert!(world.has("Refused(portrait-waits)"), "{:#?}", world.log);
    assert!(!world.has("Refused(not-seated)"));
    assert_eq!(world.booth.stage(), StageName::Review);
    world.tell(Event::Intent(Intent::Accept(shown)));
    world.settle();
    assert_eq!(world.filed.len(), 1, "it waited");
}

#[test]
fn a_document_at_the_start_counts_only_if_the_last_one_left() {
    let mut world = World::new(roster(Standing::Open), Claim::default(), false);
    world.on_reader = Some((InsertionId(1), fields("安娜", ANNA)));
    world.tell(Event::Presented {
        insertion: InsertionId(1),
        already_there: true,
    });
    world.settle();
    assert!(world.has("TakeDocument"));
    world.expose();
    assert!(world.filed.is_empty() && world.has("Refused(not-seated)"));
    world.next_insertion = 2;
    world.remove();
    world.seat(fields("安娜", ANNA));
    assert_eq!(world.booth.stage(), StageName::Seated);

    let mut world = World::fresh();
    world.on_reader = Some((InsertionId(1), fields("安娜", ANNA)));
    world.tell(Event::Presented {
        insertion: InsertionId(1),
        already_there: true,
    });
    world.settle();
    assert_eq!(world.booth.stage(), StageName::Seated);
}

#[test]
fn one_insertion_serves_one_sitting() {
    let mut world = World::fresh();
    world.seat(fields("安娜", ANNA));
    world.expose();
    world.accept();
    world.settle();
    // The document stays; another one is put beside it.
    world.tell(Event::Presented {
        insertion: InsertionId(50),
        already_there: false,
    });
    world.settle();
    assert!(world.has("TakeDocument"));
    world.expose();
    assert_eq!(world.filed.len(), 1);
}

#[test]
fn a_disk_that_says_no_voids_the_sitting() {
    let mut world = World::fresh();
    world.seat(fields("安娜", ANNA));
    world.expose();
    world.accept();
    world.answer_one();
    let sitting = world.filed[0].sitting();
    world.tell(Event::FilingFailed {
        sitting,
        fault: FilingFault::Disk,
    });
    assert!(
        world.has("EndSitting(void record-not-written)"),
        "{:#?}",
        world.log
    );
}

#[test]
fn a_simulated_reader_is_refused_in_a_production_job() {
    let mut world = World::fresh();
    world.insert(fields("安娜", ANNA));
    let Some(Effect::Read {
        read, insertion, ..
    }) = world.pending.pop_front()
    else {
        panic!("{:#?}", world.log);
    };
    let mut simulated = device("simulator");
    simulated.nature = Nature::Simulated;
    let moments = ReadMoments {
        quiet_since: now(1).at,
        begun: now(2).at,
        ended: now(3).at,
    };
    let read_of_file = CardRead::new(
        DocumentKind::ResidentCard,
        Assurance::Simulated,
        simulated,
        insertion,
        fields("安娜", ANNA),
        b"raw",
        moments,
    );
    world.tell(Event::Read {
        read,
        insertion,
        result: Ok(Box::new(read_of_file)),
    });
    assert!(world.has("EndSitting(refused simulated-device)"));
}

#[derive(Clone, Debug)]
enum Move {
    Insert(bool),
    Remove,
    Swap(bool),
    Answer,
    Expose,
    Retake,
    Accept,
    AcceptStale,
    Void,
    CameraLost,
    CameraBack,
    Wait(u64),
}

fn moves() -> impl Strategy<Value = Move> {
    prop_oneof![
        3 => any::<bool>().prop_map(Move::Insert),
        1 => Just(Move::Remove),
        1 => any::<bool>().prop_map(Move::Swap),
        12 => Just(Move::Answer),
        4 => Just(Move::Expose),
        1 => Just(Move::Retake),
        4 => Just(Move::Accept),
        1 => Just(Move::AcceptStale),
        1 => Just(Move::Void),
        1 => Just(Move::CameraLost),
        1 => Just(Move::CameraBack),
        2 => (1u64..900).prop_map(Move::Wait),
    ]
}

fn person(anna: bool) -> DocumentFields {
    if anna {
        fields("安娜", ANNA)
    } else {
        fields("鲍里斯", BORIS)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whatever happens in whatever order: a filing carries the entry of the
    /// document that lay on the reader at the last read, no sitting files twice,
    /// and no entry is filed twice in one generation.
    #[test]
    fn any_order_of_events_keeps_the_promise(script in prop::collection::vec(moves(), 1..80)) {
        let mut world = World::fresh();
        let mut epoch = 9;
        for step in script {
            let before = world.filed.len();
            let there = world.on_reader.as_ref().map(|(_, fields)| fields.number.clone());
            match step {
                Move::Insert(anna) if world.on_reader.is_none() => world.insert(person(anna)),
                Move::Insert(_) => {}
                Move::Remove => world.remove(),
                Move::Swap(anna) => world.swap_silently(person(anna)),
                Move::Answer => { world.answer_one(); }
                Move::Expose => world.tell(Event::Intent(Intent::Expose)),
                Move::Retake => world.tell(Event::Intent(Intent::Retake)),
                Move::Accept => world.accept(),
                Move::AcceptStale => {
                    let token = Token::echoed(Digest::from_bytes([9; 32]));
                    world.tell(Event::Intent(Intent::Accept(token)));
                }
                Move::Void => world.tell(Event::Intent(Intent::Void)),
                Move::CameraLost => world.tell(Event::CameraLost),
                Move::CameraBack => {
                    epoch += 1;
                    world.tell(Event::CameraLive { device: device("v4l2"), epoch: Epoch(epoch) });
                }
                Move::Wait(ms) => world.ms += ms,
            }
            for filing in &world.filed[before..] {
                let number = filing.entry().number.as_str().to_owned();
                prop_assert_eq!(Some(number), there.clone());
                prop_assert!(filing.frame().stamp().birth.at().since(filing.seated_at()).is_some());
            }
        }
        let mut sittings: Vec<_> = world.filed.iter().map(|filing| filing.sitting()).collect();
        sittings.dedup();
        prop_assert_eq!(sittings.len(), world.filed.len());
        let mut entries: Vec<_> =
            world.filed.iter().map(|filing| (filing.entry().id, filing.generation())).collect();
        entries.sort_unstable();
        entries.dedup();
        prop_assert_eq!(entries.len(), world.filed.len());
    }
}
