//! The desk against a whole world that is made up: cards that come, go and are swapped
//! between two polls of the service, workers that are slow or hang and answer when nobody
//! waits any more, a service that dies and freezes, readers that are unplugged. Time is a
//! number, so ten thousand such stories are told in seconds.
//!
//! Every story has a seed, which a failure names; `LIKENESS_SEED=N` tells that one alone.

use super::*;
use crate::layout::encode_resident;
use booth::{BootId, CardRead, Date, DocumentFields, PersonName, ReadId, Sex, Validity};

const READERS: [&str; 2] = ["Reader 00 00", "Reader 00 01"];
const STORIES: u64 = 10_000;
const FIRST_SEED: u64 = 20_261_128;
/// How often the world moves, the service looks at its readers and the watch at the service.
const STEP_MS: u64 = 50;
const POLL_MS: u64 = 400;
const WATCH_MS: u64 = 250;
/// A read that takes longer was given up.
const HANG_MS: u64 = 8_000;
/// When everything is well again, a card is read within this time.
const READY_MS: u64 = 5_000;

fn at(ms: u64) -> Timestamp {
    Timestamp::new(BootId([7; 16]), (1_000_000 + ms) * 1_000_000)
}

/// `SplitMix64`: a seed is all that a story depends on.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % sides
    }

    fn one_in(&mut self, sides: u64) -> bool {
        self.below(sides) == 0
    }
}

/// Whose card: the last digit of its number.
type Owner = u8;

fn text_of(owner: Owner) -> Box<[u8; 256]> {
    let fields = DocumentFields {
        name: PersonName::parse("安娜·试验").unwrap(),
        latin_name: None,
        sex: Sex::Female,
        nation: "01".into(),
        birth: Date::new(1880, 1, 7).unwrap(),
        address: String::new(),
        number: format!("11010518800107001{owner}"),
        travel_permit: None,
        issuer: "某市公安局".into(),
        valid_from: Date::new(2020, 1, 1).unwrap(),
        valid_to: Validity::LongTerm,
    };
    Box::new(encode_resident(&fields).unwrap())
}

fn owner_of(read: &CardRead) -> Owner {
    read.fields().number.as_bytes()[17] - b'0'
}

/// One reader: what is true, and what the service believes.
#[derive(Default)]
struct Place {
    lies: Option<Owner>,
    is_unplugged: bool,
    is_believed: bool,
    count: u32,
    /// What lay there, since when.
    history: Vec<(u64, Option<Owner>)>,
}

impl Place {
    fn lay(&mut self, card: Option<Owner>, ms: u64) {
        self.lies = card;
        self.history.push((ms, card));
    }

    fn lay_at(&self, ms: u64) -> Option<Owner> {
        let before = self.history.iter().rev().find(|(since, _)| *since <= ms);
        before.and_then(|(_, card)| *card)
    }
}

/// A read on its way, or one that hangs.
struct Work {
    worker: u64,
    place: usize,
    begun: u64,
    ends: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Service {
    Up,
    Down,
    Frozen,
}

/// What the program knows, which is what it was told.
#[derive(Default)]
struct Told {
    ready: bool,
    /// Insertion and when it was told.
    lying: BTreeMap<InsertionId, u64>,
    /// Reads without an answer.
    awaited: BTreeMap<ReadId, (InsertionId, bool)>,
    good: Vec<(InsertionId, Owner)>,
    reads: u64,
}

struct World {
    dice: Dice,
    ms: u64,
    desk: Desk,
    places: [Place; 2],
    service: Service,
    work: Vec<Work>,
    /// Nothing is slow any more.
    is_calm: bool,
    told: Told,
    all_insertions: Vec<InsertionId>,
}

impl World {
    fn new(seed: u64) -> Self {
        Self {
            dice: Dice(seed),
            ms: 0,
            desk: Desk::new(at(0)),
            places: Default::default(),
            service: Service::Up,
            work: Vec::new(),
            is_calm: false,
            told: Told::default(),
            all_insertions: Vec::new(),
        }
    }

    /// Something happens to the things.
    fn stir(&mut self) {
        let which = usize::from(self.dice.one_in(4));
        let owner = Owner::try_from(self.dice.below(6)).unwrap();
        let ms = self.ms;
        match self.dice.below(14) {
            0..=3 => self.places[which].lay(Some(owner), ms),
            4..=5 => self.places[which].lay(None, ms),
            // Swapped within one poll: nobody is told.
            6..=7 if self.places[which].lies.is_some() => self.places[which].lay(Some(owner), ms),
            8 => self.service = Service::Down,
            9 => self.service = Service::Frozen,
            10..=11 => self.service = Service::Up,
            12 => self.places[which].is_unplugged ^= true,
            _ => {}
        }
    }

    /// The program asks: about what lies there, and now and then about what does not.
    fn wish(&mut self) {
        if self.all_insertions.is_empty() || !self.dice.one_in(3) {
            return;
        }
        let last = self.all_insertions.len() as u64 - 1;
        let back = if self.dice.one_in(4) {
            self.dice.below(last + 1)
        } else {
            0
        };
        let insertion = self.all_insertions[usize::try_from(last - back).unwrap()];
        let quiet = !self.dice.one_in(3);
        self.request(insertion, quiet);
    }

    fn request(&mut self, insertion: InsertionId, quiet: bool) {
        self.told.reads += 1;
        let read = ReadId(self.told.reads);
        self.told.awaited.insert(read, (insertion, quiet));
        self.say(Message::Request(ReadRequest {
            read,
            insertion,
            quiet,
        }));
    }

    fn say(&mut self, message: Message) {
        let orders = self.desk.handle(message, at(self.ms));
        self.carry_out(orders);
    }

    fn carry_out(&mut self, orders: Vec<Order>) {
        for order in orders {
            match order {
                Order::Tell(event) => self.hear(*event),
                Order::Read { worker, reader } => self.begin(worker, &reader),
                Order::Watched(_) => {}
                Order::Renew => {}
            }
        }
    }

    fn begin(&mut self, worker: u64, reader: &str) {
        let place = READERS.iter().position(|name| *name == reader).unwrap();
        let takes = match self.dice.below(12) {
            0..=2 if !self.is_calm => 3_000,
            3 if !self.is_calm => 8_500 + self.dice.below(9_000),
            _ => self.dice.below(4) * STEP_MS,
        };
        self.work.push(Work {
            worker,
            place,
            begun: self.ms,
            ends: self.ms + takes,
        });
    }

    /// What a worker brings: the card is asked at its beginning and at its end. One that
    /// hung brings what it had asked for before, whoever lies there now.
    fn result_of(&self, work: &Work) -> Result<RawRead, ReadFault> {
        let place = &self.places[work.place];
        if let (true, Some(then)) = (work.ends - work.begun > HANG_MS, place.lay_at(work.begun)) {
            return Ok(RawRead {
                text: text_of(then),
                begun: at(work.begun),
                ended: at(work.begun),
            });
        }
        if self.service == Service::Down || place.is_unplugged {
            return Err(ReadFault::Gone);
        }
        match (place.lay_at(work.begun), place.lies) {
            (Some(then), Some(now)) if then == now => Ok(RawRead {
                text: text_of(then),
                begun: at(work.begun),
                ended: at(self.ms),
            }),
            (Some(_), Some(_)) => Err(ReadFault::Changed),
            (_, None) | (None, _) => Err(ReadFault::Taken),
        }
    }

    fn step(&mut self) {
        self.ms += STEP_MS;
        if self.ms.is_multiple_of(POLL_MS) && self.service == Service::Up {
            for place in &mut self.places {
                if place.is_believed != place.lies.is_some() {
                    place.is_believed ^= true;
                    place.count += 1;
                }
            }
        }
        let is_done = |work: &Work| work.ends <= self.ms && self.service != Service::Frozen;
        let (done, work) = std::mem::take(&mut self.work)
            .into_iter()
            .partition(is_done);
        self.work = work;
        let done: Vec<Work> = done;
        for work in done {
            let result = self.result_of(&work);
            let worker = work.worker;
            self.say(Message::Answer { worker, result });
        }
        if self.ms.is_multiple_of(WATCH_MS) {
            match self.service {
                Service::Up => self.look(),
                Service::Down => self.say(Message::ServiceDown),
                Service::Frozen => {}
            }
        }
        let due = self.desk.tick(at(self.ms));
        self.carry_out(due);
    }

    fn look(&mut self) {
        let plugged = READERS
            .iter()
            .zip(&self.places)
            .filter(|(_, place)| !place.is_unplugged);
        let looks = plugged.map(|(reader, place)| Look {
            reader: (*reader).to_owned(),
            seen: if place.is_believed {
                Seen::Present
            } else {
                Seen::Empty
            },
            count: place.count,
        });
        let looks = looks.collect();
        self.say(Message::Looked(looks));
    }
}

// --- what must hold whatever is told --------------------------------------------------

impl World {
    fn hear(&mut self, event: ReaderEvent) {
        match event {
            ReaderEvent::Health(health) => {
                self.told.ready = health.is_ready();
                if !self.told.ready {
                    self.told.lying.clear();
                }
            }
            ReaderEvent::Empty { .. } => assert!(self.told.lying.is_empty()),
            ReaderEvent::Presented { insertion, .. } => {
                assert!(self.told.ready, "a document on no reader");
                assert!(!self.all_insertions.contains(&insertion), "told twice");
                self.told.lying.insert(insertion, self.ms);
                self.all_insertions.push(insertion);
            }
            ReaderEvent::Removed { insertion, .. } => {
                assert!(
                    self.told.lying.remove(&insertion).is_some(),
                    "nothing lay there"
                );
            }
            ReaderEvent::Read {
                read,
                insertion,
                result,
            } => {
                let asked = self.told.awaited.remove(&read);
                let (of, quiet) = asked.expect("an answer that nobody waits for");
                assert_eq!(of, insertion, "the answer to another question");
                if let Ok(read) = result {
                    self.judge(&read, insertion, quiet);
                }
            }
        }
    }

    fn judge(&mut self, read: &CardRead, insertion: InsertionId, quiet: bool) {
        let since = self.told.lying.get(&insertion);
        let since = *since.expect("a read of a document that has left");
        assert_eq!(read.insertion(), insertion);
        let place = READERS
            .iter()
            .position(|name| name.ends_with(&read.device().bus));
        let place = &self.places[place.unwrap()];
        let moments = read.moments();
        let ms = |moment: Timestamp| {
            let passed = moment.since(at(0)).expect("after the beginning");
            u64::try_from(passed.as_millis()).unwrap()
        };
        let owner = Some(owner_of(read));
        assert_eq!(
            place.lay_at(ms(moments.begun)),
            owner,
            "it did not lie there"
        );
        assert_eq!(place.lay_at(ms(moments.ended)), owner, "it had left");
        assert!(ms(moments.begun) >= since, "read before it came");
        assert!(ms(moments.quiet_since) >= since);
        let rest = moments
            .begun
            .since(moments.quiet_since)
            .expect("in this order");
        assert!(!quiet || rest >= QUIET_MIN, "begun after {rest:?}");
        self.told.good.push((insertion, owner_of(read)));
    }

    /// Everything is set right: nobody waits for ever, and the next card is read.
    fn recover(&mut self) {
        self.service = Service::Up;
        self.is_calm = true;
        let ms = self.ms;
        for place in &mut self.places {
            place.is_unplugged = false;
            place.lay(None, ms);
        }
        // What hung longest comes back within this time.
        for _ in 0..20_000 / STEP_MS {
            self.step();
        }
        assert!(self.told.awaited.is_empty(), "a read was never answered");
        assert!(self.told.ready, "not ready again");
        assert!(
            self.told.lying.is_empty(),
            "what was taken away still lies there"
        );
        let before = self.all_insertions.len();
        let ms = self.ms;
        self.places[0].lay(Some(9), ms);
        while self.all_insertions.len() == before {
            self.step();
            assert!(self.ms < ms + 1_000, "the next card is not seen");
        }
        let insertion = self.all_insertions[before];
        loop {
            if self.told.awaited.is_empty() {
                self.request(insertion, true);
            }
            self.step();
            if self.told.good.last() == Some(&(insertion, 9)) {
                return;
            }
            assert!(self.ms < ms + READY_MS, "the next card is not read");
        }
    }
}

/// One story; how many reads brought a document.
fn tell(seed: u64) -> usize {
    let mut world = World::new(seed);
    while world.ms < 20_000 {
        if world.dice.one_in(6) {
            world.stir();
        }
        world.wish();
        world.step();
    }
    world.recover();
    world.told.good.len()
}

#[test]
fn no_story_ends_with_a_wrong_read_or_a_hang() {
    let wanted = std::env::var("LIKENESS_SEED").ok();
    let wanted: Option<u64> = wanted.map(|seed| seed.parse().expect("a number"));
    let seeds = wanted.map_or(FIRST_SEED..FIRST_SEED + STORIES, |seed| seed..seed + 1);
    let mut good = 0;
    for seed in seeds {
        let told = std::panic::catch_unwind(|| tell(seed));
        good += told.unwrap_or_else(|_| panic!("the story of LIKENESS_SEED={seed}"));
    }
    assert!(
        wanted.is_some() || good > 3 * 10_000,
        "only {good} good reads"
    );
}
