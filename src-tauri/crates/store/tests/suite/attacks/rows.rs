//! Attacks by one row that does not follow from the others.

use super::list::{Attack, DENIED, Raw};
use crate::raw::{
    Row, acceptance, admission, camera_clock, controls, device, end, entry, evidence, flag, fresh,
    import, normalised, normalised_of, own, photo, script, seat, sitting, stage, ticket, told,
    verification, version, vouch, vouch_for,
};
use std::sync::LazyLock;

pub(super) fn by_one_row() -> Vec<Attack> {
    let families = [
        on_photos(),
        on_frames(),
        on_controls(),
        on_copies(),
        on_acceptances(),
        on_generations(),
        on_evidence(),
        on_devices(),
        on_verifications(),
        on_tickets(),
        on_sittings(),
        on_the_roster(),
        on_the_account(),
    ];
    families.into_iter().flatten().collect()
}

/// Attacks that each change some columns of one legitimate row, which is the twin. A
/// line reads `what it is | why it is refused | column = expression & column = ..`.
fn spoiled(before: &[Row], good: &Row, lines: &'static str) -> Vec<Attack> {
    let lines = lines.lines().map(str::trim);
    let attack = |line: &'static str| {
        let [name, refusal, changes] = line.split(" | ").collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let bad = changes.split(" & ").fold(good.clone(), |row, change| {
            let (column, value) = change.split_once(" = ").unwrap();
            row.with(column, &spelt_out(value))
        });
        insert(name, refusal, before, &bad, std::slice::from_ref(good))
    };
    lines.filter(|line| !line.is_empty()).map(attack).collect()
}

/// Short names for what many lines need.
fn spelt_out(value: &str) -> String {
    let names = [
        ("$SHA256_1", "(SELECT sha256 FROM photo WHERE photo_id = 1)"),
        (
            "$TICKET_1",
            "(SELECT ticket FROM ticket WHERE sitting_id = 1)",
        ),
        (
            "$TICKET_3",
            "(SELECT ticket FROM ticket WHERE sitting_id = 3)",
        ),
        ("$SEATED", &*own("ticket", "seated_ns")),
        ("$OPENED", &own("sitting", "opened_ns")),
        ("$READ", &own("evidence", "read_ns")),
        ("$VERIFIED", &own("verification", "verified_ns")),
        ("$IDENTITY_4", &told("4", "id_digest")),
        ("$IDENTITY_5", &told("5", "id_digest")),
        (
            "$PORTRAIT_1",
            "(SELECT portrait FROM photo WHERE photo_id = 1)",
        ),
        (
            "$ORIGINAL_1",
            "(SELECT original FROM photo WHERE photo_id = 1)",
        ),
        ("$ZEROS_SHA256", &*ZEROS),
    ];
    let spell = |value: String, (name, sql): (&str, &str)| value.replace(name, sql);
    names.into_iter().fold(value.to_owned(), spell)
}

/// The digest of 32 MiB and one byte of zeros, as SQL.
static ZEROS: LazyLock<String> =
    LazyLock::new(|| format!("x'{}'", booth::sha256(&vec![0; 33_554_433])));

/// An attack by one row; the twin may be several.
fn insert(name: &str, refusal: &'static str, before: &[Row], bad: &Row, twin: &[Row]) -> Attack {
    Attack {
        name: name.to_owned(),
        setup: script(before),
        hostile: bad.sql(),
        twin: script(twin),
        hardened: refusal,
        raw: Raw::Refused(refusal),
    }
}

fn and(mut rows: Vec<Row>, more: &[Row]) -> Vec<Row> {
    rows.extend_from_slice(more);
    rows
}

fn on_photos() -> Vec<Attack> {
    let lines = "
        photo under another entry | ticket-foreign | entry_id = 4
        photo under no entry | ticket-foreign | entry_id = NULL
        photo under no ticket | ticket-foreign | ticket = NULL
        photo with an invented ticket | ticket-foreign | ticket = zeroblob(16)
        photo with a used ticket | ticket-used | ticket = $TICKET_1
        photo of another verification | ticket-used | verification_id = 1
        photo of an invented verification | ticket-foreign | verification_id = 99
        photo in the place of another | ticket-used | photo_id = 1
        photo out of turn | photo-not-next | photo_id = 9223372036854775807
        photo without a number | photo-not-next | photo_id = NULL
        the portrait of another entry | portrait-twice | portrait = $PORTRAIT_1 & sha256 = likeness_sha256($PORTRAIT_1)
        other pixels than the digest says | portrait-bytes | portrait = $PORTRAIT_1
        another digest than the pixels have | portrait-bytes | sha256 = zeroblob(32)
        no pixels | portrait-bytes | portrait = NULL
        empty portrait | portrait-bytes | portrait = x'' & sha256 = likeness_sha256(x'')
        portrait of more than 1 MiB | portrait-bytes | portrait = zeroblob(1048577) & sha256 = likeness_sha256(zeroblob(1048577))
        repeated frame | frame-twice | original = $ORIGINAL_1 & frame_sha256 = likeness_sha256($ORIGINAL_1)
        another original | original-bytes | original = $ORIGINAL_1
        no original | original-bytes | original = NULL
        original of more than 32 MiB | original-bytes | original = zeroblob(33554433) & frame_sha256 = $ZEROS_SHA256
    ";
    let mut list = spoiled(&[], &photo(), lines);
    let earlier = "photo of an earlier sitting | sitting-not-open | sitting_id = 3 & entry_id = 3 & verification_id = 3 & ticket = $TICKET_3";
    list.extend(spoiled(&seat("4"), &photo(), earlier));
    let mut add = |name, refusal, before: Row, bad: &Row, twin: &[Row]| {
        list.push(insert(name, refusal, &[before], bad, twin));
    };
    let other_pixels = photo()
        .with("sha256", "likeness_sha256(x'01')")
        .with("portrait", "x'01'")
        .with("frame_sha256", "likeness_sha256(x'02')")
        .with("original", "x'02'");
    let twin = [acceptance(), end("'filed'")];
    let name = "second photo on one ticket";
    add(name, "ticket-used", photo(), &other_pixels, &twin);
    let name = "photo on the ticket of an ended sitting";
    let ended = end("'void'");
    add(name, "sitting-not-open", ended, &photo(), &[sitting()]);
    list
}

fn on_frames() -> Vec<Attack> {
    let lines = "
        frame of another epoch | frame-other-epoch | frame_epoch = 8
        frame of another boot | frame-other-epoch | boot = zeroblob(16)
        frame born before the seat | frame-before-seat | birth_ns = $SEATED - 1
        frame arrived before the seat | frame-before-seat | arrived_ns = $SEATED - 1
        pressed before the seat | frame-before-seat | pressed_ns = $SEATED - 1
        frame without a birth | frame-before-seat | birth_ns = NULL
        live frame aged by its file | birth-unproven | birth_basis = 'exif'
        frame of no known kind | birth-unproven | frame_kind = 'still'
    ";
    let mut list = spoiled(&[], &photo(), lines);
    let at = |columns: &[&str], ns: i64| {
        let moment = own("ticket", &format!("seated_ns + {ns}"));
        let set = |row: Row, column: &&str| row.with(column, &moment);
        columns.iter().fold(photo(), set)
    };
    let lines = "
        pressed after the ticket ran out | ticket-expired | pressed_ns = $SEATED + 300000000001
        arrived after the ticket ran out | ticket-expired | arrived_ns = $SEATED + 300000000001
    ";
    let last = at(&["birth_ns", "arrived_ns", "pressed_ns"], 300_000_000_000);
    list.extend(spoiled(&[], &last, lines));
    let line = "stale frame | frame-stale | pressed_ns = $SEATED + 251000001";
    list.extend(spoiled(&[], &at(&["pressed_ns"], 251_000_000), line));
    let line = "frame from the future | frame-from-the-future | birth_ns = $SEATED + 2002000001";
    list.extend(spoiled(&[], &at(&["birth_ns"], 2_002_000_000), line));
    let folder = photo()
        .with("frame_kind", "'folder'")
        .with("birth_basis", "'exif'");
    let lines = "
        folder picture that only arrived | birth-unproven | birth_basis = 'arrived'
        folder picture by a clock nobody measured | birth-unproven | birth_basis = 'exif_unmapped'
    ";
    list.extend(spoiled(&[], &folder, lines));
    list
}

fn on_controls() -> Vec<Attack> {
    let lines = "
        controls of no photo | sitting-not-open | photo_id = 99
        controls of a photo that is filed | controls-exist | photo_id = 1
    ";
    let mut list = spoiled(&[photo()], &controls(), lines);
    let mut add = |name, refusal, before: &[Row], bad: &Row, twin: &[Row]| {
        list.push(insert(name, refusal, before, bad, twin));
    };
    let name = "controls told twice";
    let before = [photo(), controls()];
    add(
        name,
        "controls-exist",
        &before,
        &controls(),
        &[acceptance()],
    );
    let name = "controls after the sitting's end";
    let before = [photo(), end("'void'")];
    add(name, "sitting-not-open", &before, &controls(), &[sitting()]);
    list
}

fn on_copies() -> Vec<Attack> {
    let lines = "
        copy of no photo | sitting-not-open | photo_id = 99
        copy of a photo that is filed | normalised-exists | photo_id = 1
        copy of another portrait | normalised-source | portrait_sha256 = $SHA256_1
        copy of no portrait | normalised-source | portrait_sha256 = NULL
        copy with a digest of other bytes | normalised-bytes | sha256 = zeroblob(32)
        copy without bytes | normalised-bytes | picture = x''
        copy that nobody signed | signature-wrong | signature = zeroblob(64)
        signature of another copy | signature-wrong | signature = (SELECT signature FROM photo_normalised LIMIT 1)
    ";
    let mut list = spoiled(&[photo()], &normalised(), lines);
    let mut add = |name, refusal, before: &[Row], bad: &Row, twin: &[Row]| {
        list.push(insert(name, refusal, before, bad, twin));
    };
    // Signed as it should be: the face of one beside the portrait of another.
    let face = normalised_of("(SELECT portrait FROM photo WHERE photo_id = 1)");
    let name = "copy that is the portrait of another record";
    add(
        name,
        "normalised-foreign",
        &[photo()],
        &face,
        &[normalised()],
    );
    let face = normalised_of("(SELECT picture FROM photo_normalised WHERE photo_id = 1)");
    let name = "copy signed for another portrait";
    let other = spelt_out("$SHA256_1");
    let signed = normalised();
    let signature = format!(
        "test_vouch_copy((SELECT uuid FROM job), {other}, {})",
        signed.value("sha256")
    );
    let signed = signed
        .with("portrait_sha256", &other)
        .with("signature", &signature);
    add(
        name,
        "normalised-source",
        &[photo()],
        &signed,
        &[normalised()],
    );
    let name = "copy that is the copy of another record";
    add(
        name,
        "normalised-exists",
        &[photo()],
        &face,
        &[normalised()],
    );
    let before = [photo(), normalised()];
    let second = normalised_of("CAST('another copy' AS BLOB)");
    let name = "second copy of a portrait";
    add(name, "normalised-exists", &before, &second, &[acceptance()]);
    let before = [photo(), end("'void'")];
    let name = "copy after the sitting's end";
    add(
        name,
        "sitting-not-open",
        &before,
        &normalised(),
        &[sitting()],
    );
    list
}

fn on_acceptances() -> Vec<Attack> {
    let lines = "
        acceptance for another student | photo-foreign | entry_id = 4
        acceptance of no photo | photo-foreign | photo_id = 99
        identity digest of another entry | identity-foreign | id_digest = $IDENTITY_4
        no identity digest | identity-foreign | id_digest = NULL
        accepted before it was taken | photo-foreign | accepted_ns = $SEATED - 1
        no signature | signature-wrong | signature = zeroblob(64)
        signature of another acceptance | signature-wrong | signature = (SELECT signature FROM acceptance LIMIT 1)
    ";
    let taken = [photo()];
    let good = [acceptance()];
    let mut list = spoiled(&taken, &acceptance(), lines);
    let mut add = |name, refusal, before: &[Row], bad: &Row, twin: &[Row]| {
        list.push(insert(name, refusal, before, bad, twin));
    };
    let signed = |entry: &str, generation: &str| {
        acceptance()
            .with("entry_id", entry)
            .with("gen", generation)
            .with("signature", &vouch(entry, generation))
    };
    let name = "acceptance for another student, signed for them";
    add(name, "photo-foreign", &taken, &signed("4", "1"), &good);
    let name = "another student's photo, for one who is missing";
    let bad = signed("4", "1").with("photo_id", "1");
    add(name, "photo-accepted", &taken, &bad, &good);
    let name = "signature of another generation";
    let bad = acceptance().with("signature", &vouch("3", "2"));
    add(name, "signature-wrong", &taken, &bad, &good);
    let name = "identity digest of another entry, signed for it";
    let other = told("4", "id_digest");
    let bad = acceptance()
        .with("id_digest", &other)
        .with("signature", &vouch_for("3", "1", &other));
    add(name, "identity-foreign", &taken, &bad, &good);
    let (bad, filed) = (signed("3", "2"), [end("'filed'")]);
    let before = [photo(), acceptance()];
    add("acceptance twice", "photo-accepted", &before, &bad, &filed);
    let name = "a flagged photo again, as the next generation";
    let before = [photo(), acceptance(), flag("3", "1")];
    add(name, "photo-accepted", &before, &bad, &filed);
    let name = "acceptance after the sitting's end";
    let before = [photo(), end("'void'")];
    let bad = acceptance();
    add(name, "sitting-not-open", &before, &bad, &[sitting()]);
    list
}

fn on_generations() -> Vec<Attack> {
    let at = |generation: &str| {
        let signature = vouch("3", generation);
        let row = acceptance().with("gen", generation);
        row.with("signature", &signature)
    };
    let lines = "
        flag on nothing | acceptance-unknown | entry_id = 3
        flag ahead of its generation | acceptance-unknown | gen = 2
        flag twice | flagged-already | entry_id = 2
        flag without a reason | flag-without-reason | reason = ''
        flag by nobody | flag-without-reason | flagged_by = ''
    ";
    let mut list = spoiled(&[], &flag("1", "1"), lines);
    let mut add = |name, refusal, before: &[Row], bad: &Row, twin: &[Row]| {
        list.push(insert(name, refusal, before, bad, twin));
    };
    let jump = "generation-not-next";
    let (taken, good) = ([photo()], [acceptance()]);
    add("generation two first", jump, &taken, &at("2"), &good);
    add("generation seven first", jump, &taken, &at("7"), &good);
    add("generation zero", jump, &taken, &at("0"), &good);
    let first = acceptance().with("gen", "1");
    let first = first.with("signature", &vouch("2", "1"));
    let before = and(seat("2"), &[photo()]);
    let name = "the generation that was flagged, once more";
    add(name, jump, &before, &first, &good);
    let before = and(fresh(), &[evidence("1"), verification("1")]);
    let mut twin = vec![flag("1", "1"), ticket(), photo()];
    twin.extend([acceptance(), end("'filed'")]);
    let name = "second live photo of one entry";
    add(name, "already-filed", &before, &ticket(), &twin);
    let upsert = at("1").with("entry_id", "1").sql();
    list.push(Attack {
        name: "acceptance moved to another photo by an upsert".to_owned(),
        setup: script(&[photo()]),
        hostile: format!(
            "{} ON CONFLICT DO UPDATE SET photo_id = excluded.photo_id",
            upsert.trim_end_matches(';')
        ),
        twin: acceptance().sql(),
        hardened: DENIED,
        raw: Raw::Refused("photo-foreign"),
    });
    list
}

fn on_evidence() -> Vec<Attack> {
    let lines = "
        manual evidence that calls itself read | assurance-foreign | kind = 'manual' & second_operator = 'wang'
        a document read that calls itself manual | assurance-foreign | assurance = 'manual'
        simulated document in a production job | simulated-in-production | assurance = 'simulated'
        evidence of no known kind | evidence-unknown | kind = 'Manual' & assurance = 'Manual'
        evidence of no known assurance | evidence-unknown | assurance = 'Simulated'
        document read before the sitting | evidence-before-sitting | read_ns = $OPENED - 1
        document read in another boot | evidence-before-sitting | boot = zeroblob(16)
        half a digest | digest-length | id_digest = zeroblob(16)
        evidence out of turn | evidence-not-next | evidence_id = 9223372036854775807
        evidence in the place of another | evidence-exists | evidence_id = 1
    ";
    let mut list = spoiled(&fresh(), &evidence("4"), lines);
    let manual = evidence("4")
        .with("kind", "'manual'")
        .with("assurance", "'manual'")
        .with("second_operator", "'wang'");
    let lines = "
        manual evidence without a second operator | second-operator-missing | second_operator = ''
        manual evidence by one operator twice | second-operator-missing | second_operator = 'op'
    ";
    list.extend(spoiled(&fresh(), &manual, lines));
    let line = "evidence in an ended sitting | sitting-not-open | sitting_id = 4";
    let left = and(fresh(), &fresh());
    list.extend(spoiled(&left, &evidence("4"), line));
    list.push(insert(
        "second document in one sitting",
        "evidence-exists",
        &and(fresh(), &[evidence("4")]),
        &evidence("5"),
        &[verification("4")],
    ));
    list
}

fn on_devices() -> Vec<Attack> {
    let lines = "
        simulated camera in a production job | simulated-in-production | nature = 'simulated'
        camera of no known nature | simulated-in-production | nature = 'Simulated'
        device of an ended sitting | sitting-not-open | sitting_id = 1 & role = 'other'
        second reader | device-exists | role = 'reader'
    ";
    let before = vec![end("'void'"), sitting(), device("'reader'")];
    let mut list = spoiled(&before, &device("'camera'"), lines);
    list.push(insert(
        "seat without a camera on record",
        "device-missing",
        &and(before, &[evidence("4"), verification("4")]),
        &ticket(),
        &[device("'camera'"), ticket()],
    ));
    list
}

fn on_verifications() -> Vec<Attack> {
    let lines = "
        document of one entry for another | entry-foreign | entry_id = 5 & entry_version = 1
        identity digest of another entry than the document's | evidence-foreign | entry_id = 5 & entry_version = 1 & id_digest = $IDENTITY_5
        verification of no entry | entry-foreign | entry_id = NULL
        verification of an invented entry | entry-foreign | entry_id = 99
        verification on used evidence | verification-exists | evidence_id = 1
        verification in the place of another | verification-exists | verification_id = 1
        verification out of turn | verification-not-next | verification_id = 9223372036854775807
        verified before the document was read | evidence-foreign | verified_ns = $READ - 1
        referral that nobody answers for | referral-unanswered | basis = 'referred'
        match that somebody answers for | referral-unanswered | referred_by = 'li'
    ";
    let before = and(fresh(), &[evidence("4")]);
    let good = verification("4");
    let mut list = spoiled(&before, &good, lines);
    let line = "verification on another sitting's evidence | evidence-foreign | evidence_id = 4";
    let unused = and(and(fresh(), &[evidence("5")]), &before);
    list.extend(spoiled(&unused, &good, line));
    let line = "against an outdated roster | entry-outdated | entry_version = 1";
    let corrected = vec![import(), version("4", "'110105194912310070'")];
    list.extend(spoiled(&and(corrected, &before), &good, line));
    let mut add = |name, refusal, before: &[Row], twin: &[Row]| {
        list.push(insert(name, refusal, before, &good, twin));
    };
    let name = "verification twice";
    let verified = and(before.clone(), &[verification("4")]);
    add(name, "verification-exists", &verified, &[ticket()]);
    let name = "verification without a document";
    let twin = [evidence("4"), verification("4")];
    add(name, "evidence-foreign", &fresh(), &twin);
    let name = "verification in an ended sitting";
    let left = and(before, &[end("'void'")]);
    add(name, "sitting-not-open", &left, &[sitting()]);
    list
}

fn on_tickets() -> Vec<Attack> {
    let lines = "
        ticket for longer than five minutes | ticket-life | expires_ns = $VERIFIED + 300001000001
        ticket that ends as it begins | ticket-life | expires_ns = $VERIFIED + 1000000
        ticket without an end | ticket-life | expires_ns = NULL
        short ticket | ticket-life | ticket = zeroblob(15)
        ticket for another entry | verification-foreign | entry_id = 5
        ticket in another boot | verification-foreign | boot = zeroblob(16)
        seated before verified | verification-foreign | seated_ns = $VERIFIED - 1 & expires_ns = $VERIFIED
        ticket on another sitting's verification | ticket-exists | verification_id = 1
        ticket drawn twice | ticket-exists | ticket = $TICKET_1
    ";
    let before = and(fresh(), &[evidence("4"), verification("4")]);
    let mut list = spoiled(&before, &ticket(), lines);
    let mut add = |name, refusal, before: &[Row], bad: &Row, twin: &[Row]| {
        list.push(insert(name, refusal, before, bad, twin));
    };
    let name = "second ticket of one sitting";
    let used = and(before.clone(), &[ticket()]);
    let bad = ticket().with("ticket", "zeroblob(16)");
    add(name, "ticket-exists", &used, &bad, &[photo()]);
    let name = "ticket without a verification";
    let bad = ticket()
        .with("verification_id", "99")
        .with("entry_id", "4")
        .with("seated_ns", "1000003000000")
        .with("expires_ns", "1000004000000");
    let twin = [evidence("4"), verification("4"), ticket()];
    add(name, "verification-foreign", &fresh(), &bad, &twin);
    let name = "ticket in an ended sitting";
    let left = and(before, &[end("'void'")]);
    add(name, "sitting-not-open", &left, &ticket(), &[sitting()]);
    list
}

fn on_sittings() -> Vec<Attack> {
    let (void, filed) = (end("'void'"), end("'filed'"));
    let lines = "
        sitting out of turn | sitting-not-next | sitting_id = 9
        sitting without a number | sitting-not-next | sitting_id = NULL
    ";
    let mut list = spoiled(&[end("'void'")], &sitting(), lines);
    let lines = "
        sitting that ended in no known way | outcome-untrue | outcome = 'Filed'
        sitting called filed | outcome-untrue | outcome = 'filed'
        end of an invented sitting | sitting-not-open | sitting_id = 99
        end of no sitting | sitting-not-open | sitting_id = NULL
    ";
    list.extend(spoiled(&[], &void, lines));
    let mut add = |name, refusal, before: &[Row], bad: &Row, twin: &[Row]| {
        list.push(insert(name, refusal, before, bad, twin));
    };
    let name = "second open sitting";
    let twin = [end("'void'"), sitting()];
    add(name, "sitting-still-open", &[], &sitting(), &twin);
    let name = "filed sitting called void";
    let before = [photo(), acceptance()];
    add(name, "outcome-untrue", &before, &void, &[end("'filed'")]);
    let name = "end of a filed sitting ahead of its record";
    let twin = [acceptance(), end("'filed'")];
    add(name, "outcome-untrue", &[photo()], &filed, &twin);
    let name = "sitting ended twice";
    let before = [photo(), acceptance(), end("'filed'")];
    add(name, "sitting-not-open", &before, &filed, &[sitting()]);
    list
}

fn on_the_roster() -> Vec<Attack> {
    let lines = "
        number of one, digest of another | digest-foreign | id_digest = $IDENTITY_5
        name of one, digest of another | digest-foreign | name = '别人'
        name that is none | digest-foreign | name = '' & name_digest = likeness_name_digest('')
        version over a version | version-not-next | version = 1
        version ahead of the next | version-not-next | version = 3
        version of an invented entry | entry-unknown | entry_id = 99 & version = 1
        version out of an earlier import | import-unknown | import_id = 1
        version out of no import | import-unknown | import_id = 99
    ";
    let corrected = version("4", "'110105194912310097'");
    let mut list = spoiled(&[import()], &corrected, lines);
    let line = "import out of turn | import-not-next | import_id = 9";
    list.extend(spoiled(&[], &import(), line));
    let lines = "
        entry out of turn | entry-not-next | entry_id = 99
        entry in the place of another | entry-not-next | entry_id = 4
        second entry of one student number | student-number-taken | student_number = (SELECT student_number FROM entry)
    ";
    list.extend(spoiled(&[], &entry(), lines));
    let lines = "
        admission photo with a foreign digest | picture-bytes | sha256 = zeroblob(32)
        admission photo over another | version-not-next | version = 1
        admission photo ahead of its turn | version-not-next | version = 9
        admission photo of an invented entry | entry-unknown | entry_id = 99 & version = 1
    ";
    list.extend(spoiled(&[], &admission("1"), lines));
    list
}

fn on_the_account() -> Vec<Attack> {
    let lines = "
        a document seen to leave, out of turn | change-not-next | change_id = 9999
        stage of an invented sitting | sitting-unknown | sitting_id = 99
    ";
    let mut list = spoiled(&[], &stage(), lines);
    let line = "clock out of turn | clock-not-next | clock_id = 9";
    list.extend(spoiled(&[], &camera_clock(), line));
    list
}
