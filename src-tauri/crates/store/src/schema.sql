-- The tables of a job. All STRICT, all append-only, no NULL in any key: a NULL
-- switches a composite foreign key off. Triggers (rules.rs) repeat what FOREIGN KEY
-- says and of CHECK what the promise rests on, because two pragmas of a raw
-- connection can switch those off.
-- WITHOUT ROWID where the key is not one integer: REPLACE onto a hidden row number
-- would otherwise take an old row away, and ask no delete trigger.

-- Whose job this is. One row, written at creation.
CREATE TABLE job (
  job_id INTEGER PRIMARY KEY NOT NULL CONSTRAINT job_single CHECK (job_id = 1),
  uuid BLOB NOT NULL CONSTRAINT job_uuid CHECK (length(uuid) = 16),
  kind TEXT NOT NULL CONSTRAINT job_kind CHECK (kind IN ('production', 'training')),
  profile TEXT NOT NULL CONSTRAINT job_profile CHECK (length(profile) BETWEEN 1 AND 64),
  digest_key BLOB NOT NULL CONSTRAINT job_digest_key CHECK (length(digest_key) = 32),
  station_key BLOB NOT NULL CONSTRAINT job_station_key CHECK (length(station_key) = 32),
  created_wall_ms INTEGER NOT NULL
) STRICT;

-- One roster file that was read.
CREATE TABLE roster_import (
  import_id INTEGER PRIMARY KEY NOT NULL,
  file_digest BLOB NOT NULL CONSTRAINT import_digest CHECK (length(file_digest) = 32),
  entry_count INTEGER NOT NULL,
  operator TEXT NOT NULL,
  wall_ms INTEGER NOT NULL
) STRICT;

-- One enrolment, for good. `salt` keeps the row's digest in the journal from being guessed.
CREATE TABLE entry (
  entry_id INTEGER PRIMARY KEY NOT NULL CONSTRAINT entry_positive CHECK (entry_id > 0),
  student_number TEXT NOT NULL UNIQUE CONSTRAINT entry_number CHECK (length(student_number) BETWEEN 1 AND 32),
  salt BLOB NOT NULL CONSTRAINT entry_salt CHECK (length(salt) = 16)
) STRICT;

-- What a roster said about it: a correction is another version.
CREATE TABLE entry_version (
  entry_id INTEGER NOT NULL REFERENCES entry (entry_id),
  version INTEGER NOT NULL CONSTRAINT version_positive CHECK (version > 0),
  import_id INTEGER NOT NULL REFERENCES roster_import (import_id),
  name TEXT NOT NULL CONSTRAINT version_name CHECK (length(name) BETWEEN 1 AND 100),
  number TEXT NOT NULL CONSTRAINT version_number CHECK (length(number) BETWEEN 5 AND 20),
  id_digest BLOB NOT NULL CONSTRAINT version_id_digest CHECK (length(id_digest) = 32),
  name_digest BLOB NOT NULL CONSTRAINT version_name_digest CHECK (length(name_digest) = 32),
  sex INTEGER NOT NULL CONSTRAINT version_sex CHECK (sex IN (0, 1, 2)),  -- GB/T 2261.1, 0 where the roster is silent
  college TEXT NOT NULL,
  major TEXT NOT NULL,
  class TEXT NOT NULL,
  position INTEGER NOT NULL,
  salt BLOB NOT NULL CONSTRAINT version_salt CHECK (length(salt) = 16),
  PRIMARY KEY (entry_id, version),
  UNIQUE (entry_id, version, id_digest)
) STRICT, WITHOUT ROWID;

-- The school's older picture, shown beside the live one.
CREATE TABLE admission_photo (
  entry_id INTEGER NOT NULL REFERENCES entry (entry_id),
  version INTEGER NOT NULL CONSTRAINT admission_positive CHECK (version > 0),
  sha256 BLOB NOT NULL CONSTRAINT admission_sha256 CHECK (length(sha256) = 32),
  wall_ms INTEGER NOT NULL,
  picture BLOB NOT NULL CONSTRAINT admission_size CHECK (length(picture) BETWEEN 1 AND 8388608),
  PRIMARY KEY (entry_id, version)
) STRICT, WITHOUT ROWID;

-- One subject's turn.
CREATE TABLE sitting (
  sitting_id INTEGER PRIMARY KEY NOT NULL CONSTRAINT sitting_positive CHECK (sitting_id > 0),
  boot BLOB NOT NULL CONSTRAINT sitting_boot CHECK (length(boot) = 16),
  opened_ns INTEGER NOT NULL CONSTRAINT sitting_opened CHECK (opened_ns >= 0),
  opened_wall_ms INTEGER NOT NULL,
  operator TEXT NOT NULL CONSTRAINT sitting_operator CHECK (length(operator) BETWEEN 1 AND 100),
  attendance TEXT NOT NULL CONSTRAINT sitting_attendance CHECK (attendance IN ('attended', 'unattended'))
) STRICT;

CREATE TABLE sitting_device (
  sitting_id INTEGER NOT NULL REFERENCES sitting (sitting_id),
  role TEXT NOT NULL CONSTRAINT device_role CHECK (role IN ('reader', 'camera')),
  driver TEXT NOT NULL,
  bus TEXT NOT NULL,
  identity TEXT NOT NULL,
  nature TEXT NOT NULL CONSTRAINT device_nature CHECK (nature IN ('physical', 'virtual', 'simulated')),
  PRIMARY KEY (sitting_id, role)
) STRICT, WITHOUT ROWID;

CREATE TABLE sitting_end (
  sitting_id INTEGER PRIMARY KEY NOT NULL REFERENCES sitting (sitting_id),
  outcome TEXT NOT NULL CONSTRAINT end_outcome CHECK (outcome IN ('filed', 'refused', 'void')),
  code TEXT NOT NULL,
  boot BLOB NOT NULL CONSTRAINT end_boot CHECK (length(boot) = 16),
  ended_ns INTEGER NOT NULL,
  wall_ms INTEGER NOT NULL
) STRICT;

-- What was shown to prove who sits: digests only.
CREATE TABLE evidence (
  evidence_id INTEGER PRIMARY KEY NOT NULL CONSTRAINT evidence_positive CHECK (evidence_id > 0),
  sitting_id INTEGER NOT NULL UNIQUE REFERENCES sitting (sitting_id),
  kind TEXT NOT NULL CONSTRAINT evidence_kind CHECK (kind IN ('resident_card', 'hmt_permit',
    'foreigner_card_2017', 'foreigner_card_2023', 'passport', 'collection_code', 'manual')),
  assurance TEXT NOT NULL CONSTRAINT evidence_assurance CHECK (assurance IN ('sam_verified', 'emrtd_pa_csca',
    'emrtd_pa_self', 'emrtd_bac_only', 'code', 'manual', 'simulated')),
  second_operator TEXT NOT NULL,
  id_digest BLOB NOT NULL CONSTRAINT evidence_id_digest CHECK (length(id_digest) = 32),
  name_digest BLOB NOT NULL CONSTRAINT evidence_name_digest CHECK (length(name_digest) = 32),
  raw_digest BLOB NOT NULL CONSTRAINT evidence_raw_digest CHECK (length(raw_digest) = 32),
  insertion INTEGER NOT NULL,
  boot BLOB NOT NULL CONSTRAINT evidence_boot CHECK (length(boot) = 16),
  read_ns INTEGER NOT NULL,
  UNIQUE (evidence_id, sitting_id, id_digest),
  CONSTRAINT evidence_second_operator CHECK (kind <> 'manual' OR length(second_operator) > 0),
  CONSTRAINT evidence_manual CHECK ((kind = 'manual') = (assurance = 'manual'))
) STRICT;

-- Document against roster. The same digest column stands in two foreign keys: a
-- document cannot be tied to another student's entry, by declaration.
CREATE TABLE verification (
  verification_id INTEGER PRIMARY KEY NOT NULL CONSTRAINT verification_positive CHECK (verification_id > 0),
  sitting_id INTEGER NOT NULL UNIQUE REFERENCES sitting (sitting_id),
  evidence_id INTEGER NOT NULL UNIQUE,
  entry_id INTEGER NOT NULL,
  entry_version INTEGER NOT NULL,
  id_digest BLOB NOT NULL CONSTRAINT verification_id_digest CHECK (length(id_digest) = 32),
  basis TEXT NOT NULL CONSTRAINT verification_basis CHECK (basis IN ('matched', 'referred')),
  detail TEXT NOT NULL,
  referred_by TEXT NOT NULL,
  verified_ns INTEGER NOT NULL,
  matched_digest BLOB GENERATED ALWAYS AS (CASE WHEN basis = 'matched' THEN id_digest END) STORED,
  UNIQUE (verification_id, sitting_id, entry_id),
  CONSTRAINT verification_referred_by CHECK ((basis = 'referred') = (length(referred_by) > 0)),
  FOREIGN KEY (evidence_id, sitting_id, id_digest) REFERENCES evidence (evidence_id, sitting_id, id_digest),
  FOREIGN KEY (entry_id, entry_version) REFERENCES entry_version (entry_id, version),
  FOREIGN KEY (entry_id, entry_version, matched_digest) REFERENCES entry_version (entry_id, version, id_digest)
) STRICT;

-- The right to one portrait of one subject, for five minutes, in one life of the camera.
CREATE TABLE ticket (
  ticket BLOB PRIMARY KEY NOT NULL CONSTRAINT ticket_bytes CHECK (length(ticket) = 16),
  verification_id INTEGER NOT NULL UNIQUE,
  sitting_id INTEGER NOT NULL UNIQUE,
  entry_id INTEGER NOT NULL,
  boot BLOB NOT NULL CONSTRAINT ticket_boot CHECK (length(boot) = 16),
  epoch INTEGER NOT NULL,
  seated_ns INTEGER NOT NULL,
  expires_ns INTEGER NOT NULL,
  UNIQUE (ticket, verification_id, sitting_id, entry_id),
  CONSTRAINT ticket_life CHECK (expires_ns BETWEEN seated_ns + 1 AND seated_ns + 300000000000),
  FOREIGN KEY (verification_id, sitting_id, entry_id) REFERENCES verification (verification_id, sitting_id, entry_id)
) STRICT, WITHOUT ROWID;

-- Portrait and camera frame with the proof of their age. The bytes come last so
-- that reading a row does not read them.
CREATE TABLE photo (
  photo_id INTEGER PRIMARY KEY NOT NULL CONSTRAINT photo_positive CHECK (photo_id > 0),
  ticket BLOB NOT NULL UNIQUE,
  verification_id INTEGER NOT NULL UNIQUE,
  sitting_id INTEGER NOT NULL UNIQUE,
  entry_id INTEGER NOT NULL,
  sha256 BLOB NOT NULL UNIQUE CONSTRAINT photo_sha256 CHECK (length(sha256) = 32),
  frame_sha256 BLOB NOT NULL UNIQUE CONSTRAINT photo_frame_sha256 CHECK (length(frame_sha256) = 32),
  frame_encoding TEXT NOT NULL,
  frame_kind TEXT NOT NULL CONSTRAINT photo_frame_kind CHECK (frame_kind IN ('live', 'folder')),
  frame_epoch INTEGER NOT NULL,
  frame_sequence INTEGER NOT NULL,
  birth_basis TEXT NOT NULL CONSTRAINT photo_birth_basis CHECK (birth_basis IN
    ('driver', 'dequeued', 'exif', 'exif_unmapped', 'arrived')),
  boot BLOB NOT NULL CONSTRAINT photo_boot CHECK (length(boot) = 16),
  birth_ns INTEGER NOT NULL,
  arrived_ns INTEGER NOT NULL,
  pressed_ns INTEGER NOT NULL,
  quality INTEGER NOT NULL CONSTRAINT photo_quality CHECK (quality BETWEEN 1 AND 100),
  portrait BLOB NOT NULL CONSTRAINT photo_portrait_size CHECK (length(portrait) BETWEEN 1 AND 1048576),
  original BLOB NOT NULL CONSTRAINT photo_original_size CHECK (length(original) BETWEEN 1 AND 33554432),
  UNIQUE (photo_id, entry_id),
  CONSTRAINT photo_age CHECK (frame_kind <> 'live' OR pressed_ns - birth_ns <= 250000000),
  CONSTRAINT photo_future CHECK (birth_ns <= arrived_ns + 2000000000),
  CONSTRAINT photo_live_basis CHECK (frame_kind <> 'live' OR birth_basis IN ('driver', 'dequeued')),
  FOREIGN KEY (ticket, verification_id, sitting_id, entry_id)
    REFERENCES ticket (ticket, verification_id, sitting_id, entry_id)
) STRICT;

-- What stands on file. Generation n + 1 needs the flag of generation n, so at
-- most one portrait of an entry stands, and every earlier one stays.
CREATE TABLE acceptance (
  entry_id INTEGER NOT NULL REFERENCES entry (entry_id),
  gen INTEGER NOT NULL CONSTRAINT acceptance_gen CHECK (gen > 0),
  photo_id INTEGER NOT NULL UNIQUE,
  id_digest BLOB NOT NULL CONSTRAINT acceptance_id_digest CHECK (length(id_digest) = 32),
  operator TEXT NOT NULL CONSTRAINT acceptance_operator CHECK (length(operator) BETWEEN 1 AND 100),
  attendance TEXT NOT NULL CONSTRAINT acceptance_attendance CHECK (attendance IN ('attended', 'unattended')),
  token BLOB NOT NULL CONSTRAINT acceptance_token CHECK (length(token) = 32),
  accepted_ns INTEGER NOT NULL,
  wall_ms INTEGER NOT NULL,
  signature BLOB NOT NULL CONSTRAINT acceptance_signature CHECK (length(signature) = 64),
  prev_gen INTEGER GENERATED ALWAYS AS (CASE WHEN gen > 1 THEN gen - 1 END) STORED,
  PRIMARY KEY (entry_id, gen),
  FOREIGN KEY (photo_id, entry_id) REFERENCES photo (photo_id, entry_id),
  FOREIGN KEY (entry_id, prev_gen) REFERENCES flag (entry_id, gen)
) STRICT, WITHOUT ROWID;

-- A portrait was found wrong: who said so and why. Opens one new sitting.
CREATE TABLE flag (
  entry_id INTEGER NOT NULL,
  gen INTEGER NOT NULL,
  reason TEXT NOT NULL CONSTRAINT flag_reason CHECK (length(reason) BETWEEN 4 AND 40),
  flagged_by TEXT NOT NULL CONSTRAINT flag_by CHECK (length(flagged_by) BETWEEN 1 AND 100),
  wall_ms INTEGER NOT NULL,
  PRIMARY KEY (entry_id, gen),
  FOREIGN KEY (entry_id, gen) REFERENCES acceptance (entry_id, gen)
) STRICT, WITHOUT ROWID;

-- The booth's own account. `sitting_id` 0 is the reader between sittings.
CREATE TABLE stage_change (
  change_id INTEGER PRIMARY KEY NOT NULL,
  sitting_id INTEGER NOT NULL CONSTRAINT change_sitting CHECK (sitting_id >= 0),
  from_stage TEXT NOT NULL,
  to_stage TEXT NOT NULL,
  why TEXT NOT NULL,
  boot BLOB NOT NULL CONSTRAINT change_boot CHECK (length(boot) = 16),
  at_ns INTEGER NOT NULL,
  wall_ms INTEGER NOT NULL
) STRICT;

-- How far a folder camera's clock is ahead of the station's, as measured. The zone
-- is what the camera said of itself, minutes east of UTC; empty when it said nothing.
CREATE TABLE camera_clock (
  clock_id INTEGER PRIMARY KEY NOT NULL,
  camera_serial TEXT NOT NULL CONSTRAINT clock_serial CHECK (length(camera_serial) BETWEEN 1 AND 100),
  wall_offset_ms INTEGER NOT NULL,
  boot BLOB NOT NULL CONSTRAINT clock_boot CHECK (length(boot) = 16),
  monotonic_offset_ms INTEGER NOT NULL,
  coarse_ms INTEGER NOT NULL CONSTRAINT clock_coarse CHECK (coarse_ms BETWEEN 0 AND 60000),
  zone TEXT NOT NULL CONSTRAINT clock_zone CHECK (length(zone) <= 6),
  wall_ms INTEGER NOT NULL
) STRICT;

-- Every row of every table above, in the order it was written, as a chain.
-- Digests only: no name, no number.
CREATE TABLE journal (
  seq INTEGER PRIMARY KEY NOT NULL CONSTRAINT journal_positive CHECK (seq > 0),
  wall_ms INTEGER NOT NULL,
  kind TEXT NOT NULL,
  row_id TEXT NOT NULL,
  row_digest BLOB NOT NULL CONSTRAINT journal_digest CHECK (length(row_digest) = 32),
  prev BLOB NOT NULL CONSTRAINT journal_prev CHECK (length(prev) = 32),
  hash BLOB NOT NULL UNIQUE CONSTRAINT journal_hash CHECK (length(hash) = 32),
  signature BLOB NOT NULL CONSTRAINT journal_signature CHECK (length(signature) = 64),
  UNIQUE (kind, row_id)
) STRICT;
