//! The chain from sitting to acceptance, followed link by link.
//!
//! The codes are the names of the rules in `rules.rs`, and the conditions say the
//! same in another language: a rule that was lost there is missed here.

use super::Checker;
use crate::job::Identity;
use crate::key::StationPublicKey;
use crate::seal::{Vouched, normalised_message};
use booth::{DigestKey, FlagReason, JobKind, PersonName, identity_digest, name_digest, sha256};
use rusqlite::Row;
use std::collections::{BTreeMap, HashMap, HashSet};

const FIVE_MINUTES_NS: i64 = 300_000_000_000;
const FRAME_AGE_NS_MAX: i64 = 250_000_000;
const FUTURE_NS_MAX: i64 = 2_000_000_000;

type Bytes = Vec<u8>;

/// What was read so far, by id.
#[derive(Default)]
struct Book {
    entries: HashMap<i64, String>,
    versions: HashMap<(i64, i64), Bytes>,
    sittings: BTreeMap<i64, Sitting>,
    devices: HashSet<(i64, String)>,
    ends: HashMap<i64, String>,
    evidence: HashMap<i64, Evidence>,
    verifications: HashMap<i64, Verification>,
    tickets: HashMap<Bytes, Ticket>,
    photos: HashMap<i64, Photo>,
    flags: HashSet<(i64, i64)>,
}

struct Sitting {
    boot: Bytes,
    opened_ns: i64,
    operator: String,
}

struct Evidence {
    sitting: i64,
    id_digest: Bytes,
    read_ns: i64,
}

struct Verification {
    sitting: i64,
    entry: i64,
    id_digest: Bytes,
    verified_ns: i64,
}

struct Ticket {
    verification: i64,
    sitting: i64,
    entry: i64,
    boot: Bytes,
    epoch: i64,
    seated_ns: i64,
    expires_ns: i64,
}

struct Photo {
    verification: i64,
    sitting: i64,
    entry: i64,
    portrait: Bytes,
    frame: Bytes,
    pressed_ns: i64,
    accepted: bool,
}

impl Checker<'_, '_> {
    /// Follows every link and every value that a promise rests on.
    pub(super) fn check_chain(&mut self, job: &Identity, key: Option<&StationPublicKey>) {
        let digest_key = DigestKey::from_bytes(job.digest_key);
        let mut book = Book::default();
        self.check_entries(&mut book, &digest_key);
        self.check_sittings(&mut book);
        self.check_evidence(&mut book, job.kind);
        self.check_verifications(&mut book);
        self.check_tickets(&mut book);
        self.check_photos(&mut book, job.kind);
        if self.version >= 2 {
            self.check_controls(&book);
        }
        if self.version >= 3 {
            self.check_normalised(&book, job, key);
        }
        self.check_pictures();
        self.check_flags(&mut book);
        let vouch = Vouch {
            job,
            digest_key,
            key,
        };
        self.check_acceptances(&mut book, &vouch);
        self.check_ends(&book);
        self.check_stages(&book);
    }

    fn check_entries(&mut self, book: &mut Book, key: &DigestKey) {
        self.each(
            "entry",
            "SELECT entry_id, student_number FROM entry",
            |_, row| {
                book.entries.insert(row.get(0)?, row.get(1)?);
                Ok(())
            },
        );
        self.report.counts.entries = book.entries.len();
        let sql =
            "SELECT entry_id, version, number, name, id_digest, name_digest FROM entry_version
                   ORDER BY entry_id, version";
        let mut last = (0, 0);
        self.each("entry_version", sql, |checker, row| {
            let (entry, version): (i64, i64) = (row.get(0)?, row.get(1)?);
            let id = format!("{entry}/{version}");
            let next = if last.0 == entry { last.1 + 1 } else { 1 };
            checker.require(version == next, "version-not-next", "entry_version", &id);
            last = (entry, version);
            let known = book.entries.contains_key(&entry);
            checker.require(known, "entry-unknown", "entry_version", &id);
            let (number, name): (String, String) = (row.get(2)?, row.get(3)?);
            let (id_digest, told): (Bytes, Bytes) = (row.get(4)?, row.get(5)?);
            let name = PersonName::parse(&name)
                .ok()
                .map(|name| name_digest(key, &name));
            let same = identity_digest(key, &number).as_bytes() == id_digest.as_slice()
                && name.is_some_and(|name| name.as_bytes() == told.as_slice());
            checker.require(same, "digest-foreign", "entry_version", &id);
            book.versions.insert((entry, version), id_digest);
            Ok(())
        });
    }

    fn check_sittings(&mut self, book: &mut Book) {
        let sql = "SELECT sitting_id, outcome FROM sitting_end";
        self.each("sitting_end", sql, |_, row| {
            book.ends.insert(row.get(0)?, row.get(1)?);
            Ok(())
        });
        let sql = "SELECT sitting_id, boot, opened_ns, operator FROM sitting ORDER BY sitting_id";
        let mut last = 0;
        self.each("sitting", sql, |checker, row| {
            let id: i64 = row.get(0)?;
            checker.require(id == last + 1, "sitting-not-next", "sitting", id);
            let ended = last == 0 || book.ends.contains_key(&last);
            checker.require(ended, "sitting-still-open", "sitting", last);
            last = id;
            let sitting = Sitting {
                boot: row.get(1)?,
                opened_ns: row.get(2)?,
                operator: row.get(3)?,
            };
            book.sittings.insert(id, sitting);
            Ok(())
        });
        self.report.counts.sittings = book.sittings.len();
        let sql = "SELECT sitting_id, role FROM sitting_device";
        self.each("sitting_device", sql, |checker, row| {
            let (sitting, role): (i64, String) = (row.get(0)?, row.get(1)?);
            let id = format!("{sitting}/{role}");
            let known = book.sittings.contains_key(&sitting);
            checker.require(known, "sitting-unknown", "sitting_device", id);
            book.devices.insert((sitting, role));
            Ok(())
        });
    }

    fn check_evidence(&mut self, book: &mut Book, job: JobKind) {
        let sql =
            "SELECT evidence_id, sitting_id, kind, assurance, second_operator, id_digest, boot,
                     read_ns FROM evidence";
        self.each("evidence", sql, |checker, row| {
            let id: i64 = row.get(0)?;
            let sitting: i64 = row.get(1)?;
            let (kind, assurance): (String, String) = (row.get(2)?, row.get(3)?);
            let second: String = row.get(4)?;
            let (boot, read_ns): (Bytes, i64) = (row.get(6)?, row.get(7)?);
            let within = book.sittings.get(&sitting);
            let fresh = within.is_some_and(|it| it.boot == boot && it.opened_ns <= read_ns);
            checker.require(fresh, "evidence-before-sitting", "evidence", id);
            let alone = second.is_empty() || within.is_some_and(|it| it.operator == second);
            checker.require(
                kind != "manual" || !alone,
                "second-operator-missing",
                "evidence",
                id,
            );
            let fits = (kind == "manual") == (assurance == "manual");
            checker.require(fits, "assurance-foreign", "evidence", id);
            let simulated = assurance == "simulated" && job == JobKind::Production;
            checker.require(!simulated, "simulated-in-production", "evidence", id);
            let evidence = Evidence {
                sitting,
                id_digest: row.get(5)?,
                read_ns,
            };
            book.evidence.insert(id, evidence);
            Ok(())
        });
    }

    fn check_verifications(&mut self, book: &mut Book) {
        let sql =
            "SELECT verification_id, sitting_id, entry_id, id_digest, verified_ns, evidence_id,
                     entry_version, basis, referred_by FROM verification";
        let mut seen = HashSet::new();
        self.each("verification", sql, |checker, row| {
            let id: i64 = row.get(0)?;
            let verification = Verification {
                sitting: row.get(1)?,
                entry: row.get(2)?,
                id_digest: row.get(3)?,
                verified_ns: row.get(4)?,
            };
            let (evidence, version): (i64, i64) = (row.get(5)?, row.get(6)?);
            let (basis, referred_by): (String, String) = (row.get(7)?, row.get(8)?);
            let follows = book.evidence.get(&evidence).is_some_and(|it| {
                it.sitting == verification.sitting
                    && it.id_digest == verification.id_digest
                    && it.read_ns <= verification.verified_ns
            });
            checker.require(follows, "evidence-foreign", "verification", id);
            let told = book.versions.get(&(verification.entry, version));
            let belongs = match basis.as_str() {
                "matched" => told == Some(&verification.id_digest) && referred_by.is_empty(),
                "referred" => told.is_some() && !referred_by.is_empty(),
                _ => false,
            };
            checker.require(belongs, "entry-foreign", "verification", id);
            let first = seen.insert(evidence);
            checker.require(first, "verification-exists", "verification", id);
            book.verifications.insert(id, verification);
            Ok(())
        });
    }

    fn check_tickets(&mut self, book: &mut Book) {
        let sql = "SELECT ticket, verification_id, sitting_id, entry_id, boot, epoch, seated_ns,
                     expires_ns FROM ticket";
        self.each("ticket", sql, |checker, row| {
            let bytes: Bytes = row.get(0)?;
            let id = hex::encode(&bytes);
            let ticket = Ticket {
                verification: row.get(1)?,
                sitting: row.get(2)?,
                entry: row.get(3)?,
                boot: row.get(4)?,
                epoch: row.get(5)?,
                seated_ns: row.get(6)?,
                expires_ns: row.get(7)?,
            };
            let follows = book
                .verifications
                .get(&ticket.verification)
                .is_some_and(|it| {
                    it.sitting == ticket.sitting
                        && it.entry == ticket.entry
                        && it.verified_ns <= ticket.seated_ns
                });
            checker.require(follows, "verification-foreign", "ticket", &id);
            let sitting = book.sittings.get(&ticket.sitting);
            let same_boot = sitting.is_some_and(|it| it.boot == ticket.boot);
            checker.require(same_boot, "boots-differ", "ticket", &id);
            let seen = ["reader", "camera"]
                .into_iter()
                .all(|role| book.devices.contains(&(ticket.sitting, role.to_owned())));
            checker.require(seen, "device-missing", "ticket", &id);
            let life = ticket.expires_ns.saturating_sub(ticket.seated_ns);
            let short = bytes.len() == 16 && (1..=FIVE_MINUTES_NS).contains(&life);
            checker.require(short, "ticket-life", "ticket", &id);
            book.tickets.insert(bytes, ticket);
            Ok(())
        });
    }

    fn check_photos(&mut self, book: &mut Book, job: JobKind) {
        let sql = "SELECT photo_id, verification_id, sitting_id, entry_id, sha256, frame_sha256,
                     pressed_ns, ticket, boot, frame_epoch, birth_ns, arrived_ns, frame_kind,
                     birth_basis FROM photo";
        let (mut used, mut seen) = (HashSet::new(), HashSet::new());
        self.each("photo", sql, |checker, row| {
            let id: i64 = row.get(0)?;
            let photo = Photo {
                verification: row.get(1)?,
                sitting: row.get(2)?,
                entry: row.get(3)?,
                portrait: row.get(4)?,
                frame: row.get(5)?,
                pressed_ns: row.get(6)?,
                accepted: false,
            };
            let bytes: Bytes = row.get(7)?;
            checker.require(
                seen.insert(photo.portrait.clone()),
                "portrait-twice",
                "photo",
                id,
            );
            checker.require(seen.insert(photo.frame.clone()), "frame-twice", "photo", id);
            match book.tickets.get(&bytes) {
                Some(ticket) => checker.check_age(id, row, &photo, ticket, job)?,
                None => checker.fault("ticket-foreign", "photo", id),
            }
            checker.require(used.insert(bytes), "ticket-used", "photo", id);
            book.photos.insert(id, photo);
            Ok(())
        });
    }

    /// What a camera was set to belongs to a photo, once.
    fn check_controls(&mut self, book: &Book) {
        let sql = "SELECT photo_id FROM photo_controls";
        self.each("photo_controls", sql, |checker, row| {
            let id: i64 = row.get(0)?;
            let known = book.photos.contains_key(&id);
            checker.require(known, "photo-foreign", "photo_controls", id);
            Ok(())
        });
    }

    /// A copy belongs to the very portrait it was made from, and the station said so.
    fn check_normalised(&mut self, book: &Book, job: &Identity, key: Option<&StationPublicKey>) {
        let sql =
            "SELECT photo_id, portrait_sha256, sha256, signature, picture FROM photo_normalised";
        let portraits: HashMap<&Bytes, i64> = book
            .photos
            .iter()
            .map(|(id, photo)| (&photo.portrait, *id))
            .collect();
        self.each("photo_normalised", sql, |checker, row| {
            let id: i64 = row.get(0)?;
            let (portrait, copy, signature): (Bytes, Bytes, Bytes) =
                (row.get(1)?, row.get(2)?, row.get(3)?);
            let own = book
                .photos
                .get(&id)
                .is_some_and(|it| it.portrait == portrait);
            checker.require(own, "normalised-source", "photo_normalised", id);
            let others = portraits.get(&copy).is_some_and(|photo| *photo != id);
            checker.require(!others, "normalised-foreign", "photo_normalised", id);
            let same = copy == sha256(row.get_ref(4)?.as_blob()?).as_bytes();
            checker.require(same, "normalised-bytes", "photo_normalised", id);
            let message = normalised_message(&job.uuid, &portrait, &copy);
            let signed = key.is_some_and(|key| key.verifies(&message, &signature));
            checker.require(signed, "signature-wrong", "photo_normalised", id);
            Ok(())
        });
    }

    /// A photo against its ticket: whose it is, and when its pixels were born.
    fn check_age(
        &mut self,
        id: i64,
        row: &Row<'_>,
        photo: &Photo,
        ticket: &Ticket,
        job: JobKind,
    ) -> rusqlite::Result<()> {
        let (boot, epoch): (Bytes, i64) = (row.get(8)?, row.get(9)?);
        let (birth_ns, arrived_ns): (i64, i64) = (row.get(10)?, row.get(11)?);
        let (kind, basis): (String, String) = (row.get(12)?, row.get(13)?);
        let own = photo.verification == ticket.verification
            && photo.sitting == ticket.sitting
            && photo.entry == ticket.entry;
        self.require(own, "ticket-foreign", "photo", id);
        let same_life = boot == ticket.boot && epoch == ticket.epoch;
        self.require(same_life, "frame-other-epoch", "photo", id);
        let earliest = birth_ns.min(arrived_ns).min(photo.pressed_ns);
        self.require(
            earliest >= ticket.seated_ns,
            "frame-before-seat",
            "photo",
            id,
        );
        let latest = arrived_ns.max(photo.pressed_ns);
        self.require(latest <= ticket.expires_ns, "ticket-expired", "photo", id);
        let ahead = birth_ns.saturating_sub(arrived_ns);
        self.require(ahead <= FUTURE_NS_MAX, "frame-from-the-future", "photo", id);
        let age = photo.pressed_ns.saturating_sub(birth_ns);
        let proven = match (kind.as_str(), basis.as_str()) {
            ("live", "driver" | "dequeued") => {
                self.require(age <= FRAME_AGE_NS_MAX, "frame-stale", "photo", id);
                true
            }
            ("folder", "exif") => true,
            ("folder", _) => job == JobKind::Training,
            (_, _) => false,
        };
        self.require(proven, "birth-unproven", "photo", id);
        Ok(())
    }

    fn check_flags(&mut self, book: &mut Book) {
        let sql = "SELECT f.entry_id, f.gen, f.reason, f.flagged_by, a.gen IS NOT NULL
                   FROM flag f LEFT JOIN acceptance a ON a.entry_id = f.entry_id AND a.gen = f.gen";
        self.each("flag", sql, |checker, row| {
            let (entry, generation): (i64, i64) = (row.get(0)?, row.get(1)?);
            let (reason, by): (String, String) = (row.get(2)?, row.get(3)?);
            let id = format!("{entry}/{generation}");
            let known = FlagReason::from_code(&reason).is_some() && !by.is_empty();
            checker.require(known, "flag-without-reason", "flag", &id);
            checker.require(row.get(4)?, "acceptance-unknown", "flag", &id);
            book.flags.insert((entry, generation));
            Ok(())
        });
    }

    fn check_acceptances(&mut self, book: &mut Book, vouch: &Vouch<'_>) {
        let sql =
            "SELECT entry_id, gen, photo_id, id_digest, accepted_ns, signature FROM acceptance
                   ORDER BY entry_id, gen";
        let mut last = (0, 0);
        self.each("acceptance", sql, |checker, row| {
            let (entry, generation): (i64, i64) = (row.get(0)?, row.get(1)?);
            let id = format!("{entry}/{generation}");
            let next = if last.0 == entry { last.1 + 1 } else { 1 };
            checker.require(generation == next, "generation-not-next", "acceptance", &id);
            // One portrait stands at most: each but the last generation is flagged.
            let open = generation == 1 || book.flags.contains(&(entry, generation - 1));
            checker.require(open, "not-flagged", "acceptance", &id);
            last = (entry, generation);
            checker.report.counts.records += 1;
            let photo: i64 = row.get(2)?;
            let Some(photo) = book.photos.get_mut(&photo) else {
                checker.fault("photo-foreign", "acceptance", &id);
                return Ok(());
            };
            let own = photo.entry == entry && photo.pressed_ns <= row.get(4)?;
            checker.require(own, "photo-foreign", "acceptance", &id);
            checker.require(!photo.accepted, "photo-accepted", "acceptance", &id);
            photo.accepted = true;
            let id_digest: Bytes = row.get(3)?;
            let verification = book.verifications.get(&photo.verification);
            let same = verification.is_some_and(|it| it.id_digest == id_digest);
            checker.require(same, "identity-foreign", "acceptance", &id);
            let student = book.entries.get(&entry).map_or("", String::as_str);
            let message = vouch.message(photo, (entry, student), generation, &id_digest);
            let signature: Bytes = row.get(5)?;
            let signed = vouch
                .key
                .is_some_and(|key| key.verifies(&message, &signature));
            checker.require(signed, "signature-wrong", "acceptance", &id);
            Ok(())
        });
        for (id, photo) in &book.photos {
            self.require(photo.accepted, "photo-unaccepted", "photo", id);
        }
    }

    /// A sitting is filed exactly when a portrait of it was accepted.
    fn check_ends(&mut self, book: &Book) {
        let accepted = book.photos.values().filter(|photo| photo.accepted);
        let filed: HashSet<i64> = accepted.map(|photo| photo.sitting).collect();
        for (sitting, outcome) in &book.ends {
            let known = book.sittings.contains_key(sitting);
            self.require(known, "sitting-unknown", "sitting_end", sitting);
            let true_word = (outcome == "filed") == filed.contains(sitting);
            self.require(true_word, "outcome-untrue", "sitting_end", sitting);
        }
        for sitting in filed {
            let ended = book.ends.contains_key(&sitting);
            self.require(ended, "sitting-still-open", "sitting", sitting);
        }
    }

    fn check_stages(&mut self, book: &Book) {
        let sql = "SELECT change_id, sitting_id FROM stage_change ORDER BY change_id";
        let mut last = 0;
        self.each("stage_change", sql, |checker, row| {
            let (id, sitting): (i64, i64) = (row.get(0)?, row.get(1)?);
            checker.require(id == last + 1, "change-not-next", "stage_change", id);
            last = id;
            let known = sitting == 0 || book.sittings.contains_key(&sitting);
            checker.require(known, "sitting-unknown", "stage_change", id);
            Ok(())
        });
    }
}

/// What an acceptance's signature is checked with.
struct Vouch<'a> {
    job: &'a Identity,
    digest_key: DigestKey,
    key: Option<&'a StationPublicKey>,
}

impl Vouch<'_> {
    fn message(
        &self,
        photo: &Photo,
        (entry, student_number): (i64, &str),
        generation: i64,
        id_digest: &[u8],
    ) -> Vec<u8> {
        Vouched {
            job: &self.job.uuid,
            sitting: photo.sitting,
            entry,
            student_number,
            generation,
            id_digest,
            portrait: &photo.portrait,
            frame: &photo.frame,
        }
        .message(&self.digest_key)
    }
}
