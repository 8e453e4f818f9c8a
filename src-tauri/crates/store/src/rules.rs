//! The promise as triggers: one list of tables, one list of rules for each.
//!
//! The schema grows by steps ([`STEPS`]): a job of an earlier version is brought to the
//! newest one when it is opened, and judged by its own when it is only looked at.
//!
//! A rule names what has to hold for a row to come in; where it does not hold, or
//! a NULL leaves it open, the row is refused under the rule's name. Foreign keys, and
//! the checks that the promise rests on, are repeated here because
//! `PRAGMA foreign_keys` and `PRAGMA ignore_check_constraints` switch the declared
//! ones off, and no pragma switches triggers off. A value that a CHECK alone refuses,
//! such as an operator without a name, is found by the checker as `integrity`.

/// One table of a job and what guards it.
pub(crate) struct Table {
    /// Its name, also the `kind` of its journal rows.
    pub(crate) name: &'static str,
    /// The columns that name a row, joined by `/` in the journal.
    pub(crate) key: &'static [&'static str],
    /// The other columns that the row's digest covers. Columns of pictures are left
    /// out: their SHA-256 columns are covered, and a rule ties those to the bytes.
    /// Generated columns follow from the others.
    pub(crate) columns: &'static [&'static str],
    /// Name and condition of each rule, in the order they are tried.
    pub(crate) rules: &'static [Rule],
}

/// A name for the refusal and the SQL that must be true of `NEW`.
pub(crate) type Rule = (&'static str, &'static str);

/// The sitting of the row is open: the last one, not ended.
const OPEN: Rule = (
    "sitting-not-open",
    "NEW.sitting_id = (SELECT max(sitting_id) FROM sitting)
       AND NOT EXISTS (SELECT 1 FROM sitting_end WHERE sitting_id = NEW.sitting_id)",
);

/// The sitting of the photo that the row belongs to is open.
const PHOTO_OPEN: Rule = (
    "sitting-not-open",
    "(SELECT sitting_id FROM photo WHERE photo_id = NEW.photo_id)
                 = (SELECT max(sitting_id) FROM sitting)
               AND NOT EXISTS (SELECT 1 FROM sitting_end
                 WHERE sitting_id = (SELECT max(sitting_id) FROM sitting))",
);

/// What one version of the schema added to the one before.
struct Step {
    /// Its tables as SQL.
    sql: &'static str,
    /// The same tables with what guards them.
    tables: &'static [Table],
}

/// Version 1, 2, ..; a step that was released is never changed.
const STEPS: &[Step] = &[
    Step {
        sql: include_str!("schema.sql"),
        tables: FIRST,
    },
    Step {
        sql: include_str!("schema-2.sql"),
        tables: &[PHOTO_CONTROLS],
    },
    Step {
        sql: include_str!("schema-3.sql"),
        tables: &[JOB_STANDARD, PHOTO_NORMALISED],
    },
];

/// The newest version of the schema; `PRAGMA user_version` of a current job.
pub(crate) const SCHEMA_VERSION: usize = STEPS.len();

/// Every table of this version whose rows are journaled.
pub(crate) fn tables(version: usize) -> impl Iterator<Item = &'static Table> {
    STEPS.iter().take(version).flat_map(|step| step.tables)
}

const FIRST: &[Table] = &[
    Table {
        name: "job",
        key: &["job_id"],
        columns: &["uuid", "kind", "profile", "digest_key", "station_key", "created_wall_ms"],
        rules: &[("job-exists", "NOT EXISTS (SELECT 1 FROM job)")],
    },
    Table {
        name: "roster_import",
        key: &["import_id"],
        columns: &["file_digest", "entry_count", "operator", "wall_ms"],
        rules: &[(
            "import-not-next",
            "NEW.import_id = (SELECT coalesce(max(import_id), 0) + 1 FROM roster_import)",
        )],
    },
    Table {
        name: "entry",
        key: &["entry_id"],
        columns: &["student_number", "salt"],
        rules: &[
            ("entry-not-next", "NEW.entry_id = (SELECT coalesce(max(entry_id), 0) + 1 FROM entry)"),
            (
                "student-number-taken",
                "NOT EXISTS (SELECT 1 FROM entry WHERE student_number = NEW.student_number)",
            ),
        ],
    },
    Table {
        name: "entry_version",
        key: &["entry_id", "version"],
        columns: &[
            "import_id", "name", "number", "id_digest", "name_digest", "sex", "college", "major",
            "class", "position", "salt",
        ],
        rules: &[
            ("entry-unknown", "EXISTS (SELECT 1 FROM entry WHERE entry_id = NEW.entry_id)"),
            (
                "import-unknown",
                "NEW.import_id = (SELECT max(import_id) FROM roster_import)",
            ),
            (
                "version-not-next",
                "NEW.version = (SELECT coalesce(max(version), 0) + 1 FROM entry_version
                   WHERE entry_id = NEW.entry_id)",
            ),
            ("digest-foreign", "NEW.id_digest = likeness_identity_digest(NEW.number)
                AND NEW.name_digest = likeness_name_digest(NEW.name)"),
        ],
    },
    Table {
        name: "admission_photo",
        key: &["entry_id", "version"],
        columns: &["sha256", "wall_ms"],
        rules: &[
            ("entry-unknown", "EXISTS (SELECT 1 FROM entry WHERE entry_id = NEW.entry_id)"),
            (
                "version-not-next",
                "NEW.version = (SELECT coalesce(max(version), 0) + 1 FROM admission_photo
                   WHERE entry_id = NEW.entry_id)",
            ),
            ("picture-bytes", "NEW.sha256 = likeness_sha256(NEW.picture)"),
        ],
    },
    Table {
        name: "sitting",
        key: &["sitting_id"],
        columns: &["boot", "opened_ns", "opened_wall_ms", "operator", "attendance"],
        rules: &[
            (
                "sitting-not-next",
                "NEW.sitting_id = (SELECT coalesce(max(sitting_id), 0) + 1 FROM sitting)",
            ),
            (
                "sitting-still-open",
                "NOT EXISTS (SELECT 1 FROM sitting) OR EXISTS (SELECT 1 FROM sitting_end
                   WHERE sitting_id = (SELECT max(sitting_id) FROM sitting))",
            ),
        ],
    },
    Table {
        name: "sitting_device",
        key: &["sitting_id", "role"],
        columns: &["driver", "bus", "identity", "nature"],
        rules: &[
            OPEN,
            (
                "device-exists",
                "NOT EXISTS (SELECT 1 FROM sitting_device
                   WHERE sitting_id = NEW.sitting_id AND role = NEW.role)",
            ),
            (
                "simulated-in-production",
                "NEW.nature IN ('physical', 'virtual')
                   OR NEW.nature = 'simulated' AND (SELECT kind FROM job) = 'training'",
            ),
        ],
    },
    Table {
        name: "sitting_end",
        key: &["sitting_id"],
        columns: &["outcome", "code", "boot", "ended_ns", "wall_ms"],
        rules: &[
            OPEN,
            (
                "outcome-untrue",
                "NEW.outcome IN ('filed', 'refused', 'void') AND (NEW.outcome = 'filed') = EXISTS (SELECT 1 FROM photo JOIN acceptance USING (photo_id)
                   WHERE photo.sitting_id = NEW.sitting_id)",
            ),
        ],
    },
    EVIDENCE,
    VERIFICATION,
    TICKET,
    PHOTO,
    ACCEPTANCE,
    Table {
        name: "flag",
        key: &["entry_id", "gen"],
        columns: &["reason", "flagged_by", "wall_ms"],
        rules: &[
            (
                "flagged-already",
                "NOT EXISTS (SELECT 1 FROM flag WHERE entry_id = NEW.entry_id AND gen = NEW.gen)",
            ),
            (
                "acceptance-unknown",
                "EXISTS (SELECT 1 FROM acceptance WHERE entry_id = NEW.entry_id AND gen = NEW.gen)",
            ),
            ("flag-without-reason", "length(NEW.reason) >= 4 AND length(NEW.flagged_by) > 0"),
        ],
    },
    Table {
        name: "stage_change",
        key: &["change_id"],
        columns: &["sitting_id", "from_stage", "to_stage", "why", "boot", "at_ns", "wall_ms"],
        rules: &[
            (
                "change-not-next",
                "NEW.change_id = (SELECT coalesce(max(change_id), 0) + 1 FROM stage_change)",
            ),
            (
                "sitting-unknown",
                "NEW.sitting_id = 0 OR EXISTS (SELECT 1 FROM sitting WHERE sitting_id = NEW.sitting_id)",
            ),
        ],
    },
    Table {
        name: "camera_clock",
        key: &["clock_id"],
        columns: &[
            "camera_serial",
            "wall_offset_ms",
            "boot",
            "monotonic_offset_ms",
            "coarse_ms",
            "zone",
            "wall_ms",
        ],
        rules: &[(
            "clock-not-next",
            "NEW.clock_id = (SELECT coalesce(max(clock_id), 0) + 1 FROM camera_clock)",
        )],
    },
];

const PHOTO_CONTROLS: Table = Table {
    name: "photo_controls",
    key: &["photo_id"],
    columns: &["controls"],
    rules: &[
        (
            "controls-exist",
            "NOT EXISTS (SELECT 1 FROM photo_controls WHERE photo_id = NEW.photo_id)",
        ),
        PHOTO_OPEN,
    ],
};

const JOB_STANDARD: Table = Table {
    name: "job_standard",
    key: &["job_id"],
    columns: &["text", "usual"],
    rules: &[
        ("standard-exists", "NOT EXISTS (SELECT 1 FROM job_standard)"),
        // What is on file was judged by it: nobody brings another one afterwards.
        (
            "job-begun",
            "NOT EXISTS (SELECT 1 FROM roster_import) AND NOT EXISTS (SELECT 1 FROM sitting)",
        ),
    ],
};

const PHOTO_NORMALISED: Table = Table {
    name: "photo_normalised",
    key: &["photo_id"],
    columns: &["portrait_sha256", "sha256", "quality", "signature"],
    rules: &[
        (
            "normalised-exists",
            "NOT EXISTS (SELECT 1 FROM photo_normalised
               WHERE photo_id = NEW.photo_id OR sha256 = NEW.sha256)",
        ),
        PHOTO_OPEN,
        (
            "normalised-source",
            "NEW.portrait_sha256 = (SELECT sha256 FROM photo WHERE photo_id = NEW.photo_id)",
        ),
        (
            "normalised-bytes",
            "NEW.sha256 = likeness_sha256(NEW.picture)",
        ),
        // The portrait of one is not the copy of another.
        (
            "normalised-foreign",
            "NOT EXISTS (SELECT 1 FROM photo WHERE sha256 = NEW.sha256 AND photo_id <> NEW.photo_id)",
        ),
        (
            "signature-wrong",
            "likeness_normalised_holds(NEW.signature, (SELECT uuid FROM job), NEW.portrait_sha256, NEW.sha256)",
        ),
    ],
};

const EVIDENCE: Table = Table {
    name: "evidence",
    key: &["evidence_id"],
    columns: &[
        "sitting_id",
        "kind",
        "assurance",
        "second_operator",
        "id_digest",
        "name_digest",
        "raw_digest",
        "insertion",
        "boot",
        "read_ns",
    ],
    rules: &[
        OPEN,
        (
            "evidence-exists",
            "NOT EXISTS (SELECT 1 FROM evidence
               WHERE sitting_id = NEW.sitting_id OR evidence_id = NEW.evidence_id)",
        ),
        (
            "evidence-not-next",
            "NEW.evidence_id = (SELECT coalesce(max(evidence_id), 0) + 1 FROM evidence)",
        ),
        (
            "evidence-before-sitting",
            "EXISTS (SELECT 1 FROM sitting WHERE sitting_id = NEW.sitting_id
               AND boot = NEW.boot AND opened_ns <= NEW.read_ns)",
        ),
        (
            "second-operator-missing",
            "NEW.kind <> 'manual' OR (length(NEW.second_operator) > 0 AND NEW.second_operator <>
               (SELECT operator FROM sitting WHERE sitting_id = NEW.sitting_id))",
        ),
        (
            "simulated-in-production",
            "NEW.assurance <> 'simulated' OR (SELECT kind FROM job) = 'training'",
        ),
        (
            "evidence-unknown",
            "NEW.kind IN ('resident_card', 'hmt_permit', 'foreigner_card_2017', 'foreigner_card_2023',
                 'passport', 'collection_code', 'manual')
               AND NEW.assurance IN ('sam_verified', 'emrtd_pa_csca', 'emrtd_pa_self',
                 'emrtd_bac_only', 'code', 'manual', 'simulated')",
        ),
        (
            "assurance-foreign",
            "(NEW.kind = 'manual') = (NEW.assurance = 'manual')",
        ),
        (
            "digest-length",
            "length(NEW.id_digest) = 32 AND length(NEW.name_digest) = 32 AND length(NEW.raw_digest) = 32",
        ),
    ],
};

const VERIFICATION: Table = Table {
    name: "verification",
    key: &["verification_id"],
    columns: &[
        "sitting_id",
        "evidence_id",
        "entry_id",
        "entry_version",
        "id_digest",
        "basis",
        "detail",
        "referred_by",
        "verified_ns",
    ],
    rules: &[
        OPEN,
        (
            "verification-exists",
            "NOT EXISTS (SELECT 1 FROM verification WHERE verification_id = NEW.verification_id
               OR sitting_id = NEW.sitting_id OR evidence_id = NEW.evidence_id)",
        ),
        (
            "verification-not-next",
            "NEW.verification_id = (SELECT coalesce(max(verification_id), 0) + 1 FROM verification)",
        ),
        (
            "evidence-foreign",
            "EXISTS (SELECT 1 FROM evidence WHERE evidence_id = NEW.evidence_id
               AND sitting_id = NEW.sitting_id AND id_digest = NEW.id_digest
               AND read_ns <= NEW.verified_ns)",
        ),
        (
            "entry-foreign",
            "EXISTS (SELECT 1 FROM entry_version WHERE entry_id = NEW.entry_id
               AND version = NEW.entry_version
               AND (NEW.basis = 'referred' OR id_digest = NEW.id_digest))",
        ),
        (
            "entry-outdated",
            "NEW.entry_version = (SELECT max(version) FROM entry_version WHERE entry_id = NEW.entry_id)",
        ),
        (
            "referral-unanswered",
            "NEW.basis = 'matched' AND NEW.referred_by = ''
               OR NEW.basis = 'referred' AND length(NEW.referred_by) > 0",
        ),
    ],
};

const TICKET: Table = Table {
    name: "ticket",
    key: &["ticket"],
    columns: &[
        "verification_id",
        "sitting_id",
        "entry_id",
        "boot",
        "epoch",
        "seated_ns",
        "expires_ns",
    ],
    rules: &[
        OPEN,
        (
            "ticket-exists",
            "NOT EXISTS (SELECT 1 FROM ticket WHERE ticket = NEW.ticket
               OR verification_id = NEW.verification_id OR sitting_id = NEW.sitting_id)",
        ),
        (
            "verification-foreign",
            "EXISTS (SELECT 1 FROM verification JOIN sitting USING (sitting_id)
               WHERE verification_id = NEW.verification_id AND sitting_id = NEW.sitting_id
               AND entry_id = NEW.entry_id AND boot = NEW.boot AND verified_ns <= NEW.seated_ns)",
        ),
        (
            "device-missing",
            "(SELECT count(*) FROM sitting_device WHERE sitting_id = NEW.sitting_id
               AND role IN ('reader', 'camera')) = 2",
        ),
        (
            "ticket-life",
            "length(NEW.ticket) = 16
               AND NEW.expires_ns BETWEEN NEW.seated_ns + 1 AND NEW.seated_ns + 300000000000",
        ),
        (
            "already-filed",
            "NOT EXISTS (SELECT 1 FROM acceptance a WHERE a.entry_id = NEW.entry_id AND NOT EXISTS
               (SELECT 1 FROM flag f WHERE f.entry_id = a.entry_id AND f.gen = a.gen))",
        ),
    ],
};

const PHOTO: Table = Table {
    name: "photo",
    key: &["photo_id"],
    columns: &[
        "ticket",
        "verification_id",
        "sitting_id",
        "entry_id",
        "sha256",
        "frame_sha256",
        "frame_encoding",
        "frame_kind",
        "frame_epoch",
        "frame_sequence",
        "birth_basis",
        "boot",
        "birth_ns",
        "arrived_ns",
        "pressed_ns",
        "quality",
    ],
    rules: &[
        OPEN,
        (
            "ticket-used",
            "NOT EXISTS (SELECT 1 FROM photo WHERE photo_id = NEW.photo_id OR ticket = NEW.ticket
               OR verification_id = NEW.verification_id OR sitting_id = NEW.sitting_id)",
        ),
        (
            "photo-not-next",
            "NEW.photo_id = (SELECT coalesce(max(photo_id), 0) + 1 FROM photo)",
        ),
        (
            "ticket-foreign",
            "EXISTS (SELECT 1 FROM ticket WHERE ticket = NEW.ticket
               AND verification_id = NEW.verification_id AND sitting_id = NEW.sitting_id
               AND entry_id = NEW.entry_id)",
        ),
        (
            "frame-other-epoch",
            "(NEW.boot, NEW.frame_epoch) = (SELECT boot, epoch FROM ticket WHERE ticket = NEW.ticket)",
        ),
        (
            "frame-before-seat",
            "min(NEW.birth_ns, NEW.arrived_ns, NEW.pressed_ns)
               >= (SELECT seated_ns FROM ticket WHERE ticket = NEW.ticket)",
        ),
        (
            "ticket-expired",
            "max(NEW.arrived_ns, NEW.pressed_ns)
               <= (SELECT expires_ns FROM ticket WHERE ticket = NEW.ticket)",
        ),
        (
            "frame-stale",
            "NEW.frame_kind = 'folder' OR NEW.pressed_ns - NEW.birth_ns <= 250000000",
        ),
        (
            "frame-from-the-future",
            "NEW.birth_ns <= NEW.arrived_ns + 2000000000",
        ),
        (
            "birth-unproven",
            "NEW.frame_kind = 'live' AND NEW.birth_basis IN ('driver', 'dequeued')
               OR NEW.frame_kind = 'folder'
                 AND (NEW.birth_basis = 'exif' OR (SELECT kind FROM job) = 'training')",
        ),
        (
            "portrait-twice",
            "NOT EXISTS (SELECT 1 FROM photo WHERE sha256 = NEW.sha256)",
        ),
        (
            "frame-twice",
            "NOT EXISTS (SELECT 1 FROM photo WHERE frame_sha256 = NEW.frame_sha256)",
        ),
        (
            "portrait-bytes",
            "length(NEW.portrait) BETWEEN 1 AND 1048576
               AND NEW.sha256 = likeness_sha256(NEW.portrait)",
        ),
        (
            "original-bytes",
            "length(NEW.original) BETWEEN 1 AND 33554432
               AND NEW.frame_sha256 = likeness_sha256(NEW.original)",
        ),
    ],
};

const ACCEPTANCE: Table = Table {
    name: "acceptance",
    key: &["entry_id", "gen"],
    columns: &[
        "photo_id", "id_digest", "operator", "attendance", "token", "accepted_ns", "wall_ms",
        "signature",
    ],
    rules: &[
        (
            "photo-accepted",
            "NOT EXISTS (SELECT 1 FROM acceptance WHERE photo_id = NEW.photo_id)",
        ),
        (
            "photo-foreign",
            "EXISTS (SELECT 1 FROM photo WHERE photo_id = NEW.photo_id AND entry_id = NEW.entry_id
               AND pressed_ns <= NEW.accepted_ns)",
        ),
        (
            "sitting-not-open",
            "NOT EXISTS (SELECT 1 FROM photo JOIN sitting_end USING (sitting_id)
               WHERE photo_id = NEW.photo_id)",
        ),
        (
            "identity-foreign",
            "NEW.id_digest = (SELECT v.id_digest FROM photo p JOIN verification v
               ON v.verification_id = p.verification_id WHERE p.photo_id = NEW.photo_id)",
        ),
        (
            "generation-not-next",
            "NEW.gen = (SELECT coalesce(max(gen), 0) + 1 FROM acceptance WHERE entry_id = NEW.entry_id)",
        ),
        (
            "not-flagged",
            "NEW.gen = 1
               OR EXISTS (SELECT 1 FROM flag WHERE entry_id = NEW.entry_id AND gen = NEW.gen - 1)",
        ),
        (
            "signature-wrong",
            "likeness_acceptance_holds(NEW.signature, (SELECT uuid FROM job),
               (SELECT sitting_id FROM photo WHERE photo_id = NEW.photo_id), NEW.entry_id,
               (SELECT student_number FROM entry WHERE entry_id = NEW.entry_id), NEW.gen, NEW.id_digest,
               (SELECT sha256 FROM photo WHERE photo_id = NEW.photo_id),
               (SELECT frame_sha256 FROM photo WHERE photo_id = NEW.photo_id))",
        ),
    ],
};

const JOURNAL_RULES: &[Rule] = &[
    (
        "journal-not-next",
        "NEW.seq = (SELECT coalesce(max(seq), 0) + 1 FROM journal)",
    ),
    (
        "journal-chain",
        "NEW.prev = coalesce((SELECT hash FROM journal ORDER BY seq DESC LIMIT 1), zeroblob(32))
           AND NEW.hash = likeness_journal_hash(NEW.seq, NEW.wall_ms, NEW.kind, NEW.row_id,
             NEW.row_digest, NEW.prev)",
    ),
    (
        "journaled-already",
        "NOT EXISTS (SELECT 1 FROM journal WHERE kind = NEW.kind AND row_id = NEW.row_id)",
    ),
];

impl Table {
    /// SQL for the text that names a row in the journal, over `prefix` (`NEW.` or nothing).
    pub(crate) fn row_id(&self, prefix: &str) -> String {
        let parts = self.key.iter().map(|column| match *column {
            "ticket" => format!("lower(hex({prefix}ticket))"),
            other => format!("CAST({prefix}{other} AS TEXT)"),
        });
        parts.collect::<Vec<_>>().join(" || '/' || ")
    }

    /// The columns a row's digest covers, in order.
    pub(crate) fn digested(&self) -> impl Iterator<Item = &'static str> {
        self.key.iter().chain(self.columns).copied()
    }

    fn triggers(&self, sql: &mut String) {
        let name = self.name;
        push_guards(sql, name);
        push_rules(sql, name, self.rules);
        let row_id = self.row_id("NEW.");
        let columns: Vec<_> = self.digested().map(|c| format!("NEW.{c}")).collect();
        let digest = format!("likeness_row('{name}', {})", columns.join(", "));
        // The innermost SELECT is an aggregate, which SQLite never merges into the
        // outer one: the clock is asked once.
        sql.push_str(&format!(
            "CREATE TRIGGER {name}_journal AFTER INSERT ON {name} BEGIN
  INSERT INTO journal (seq, wall_ms, kind, row_id, row_digest, prev, hash, signature)
    SELECT seq, wall_ms, kind, row_id, row_digest, prev,
      likeness_journal_hash(seq, wall_ms, kind, row_id, row_digest, prev),
      likeness_seal(seq, wall_ms, kind, row_id, row_digest, prev)
    FROM (SELECT coalesce(max(seq), 0) + 1 AS seq, likeness_wall_ms() AS wall_ms, '{name}' AS kind,
      {row_id} AS row_id, {digest} AS row_digest,
      coalesce((SELECT hash FROM journal ORDER BY seq DESC LIMIT 1), zeroblob(32)) AS prev
      FROM journal);
  SELECT RAISE(ABORT, 'journal-missing') WHERE NOT EXISTS
    (SELECT 1 FROM journal WHERE kind = '{name}' AND row_id = {row_id});
END;\n"
        ));
    }
}

/// The whole schema of a version: step by step.
pub(crate) fn schema_sql(version: usize) -> String {
    (1..=version.min(SCHEMA_VERSION)).map(step_sql).collect()
}

/// What brings the schema from the version before to this one: tables, then the triggers
/// of each. Nothing for a version that there is not.
pub(crate) fn step_sql(version: usize) -> String {
    let Some(step) = version.checked_sub(1).and_then(|at| STEPS.get(at)) else {
        return String::new();
    };
    let mut sql = step.sql.to_owned();
    for table in step.tables {
        table.triggers(&mut sql);
    }
    if version == 1 {
        push_guards(&mut sql, "journal");
        push_rules(&mut sql, "journal", JOURNAL_RULES);
    }
    sql
}

fn push_guards(sql: &mut String, table: &str) {
    for (suffix, event) in [("no_update", "UPDATE"), ("no_delete", "DELETE")] {
        sql.push_str(&format!(
            "CREATE TRIGGER {table}_{suffix} BEFORE {event} ON {table} BEGIN
  SELECT RAISE(ABORT, 'append-only');
END;\n"
        ));
    }
}

fn push_rules(sql: &mut String, table: &str, rules: &[Rule]) {
    sql.push_str(&format!(
        "CREATE TRIGGER {table}_rules BEFORE INSERT ON {table} BEGIN\n"
    ));
    for (name, holds) in rules {
        sql.push_str(&format!(
            "  SELECT RAISE(ABORT, '{name}') WHERE ({holds}) IS NOT TRUE;\n"
        ));
    }
    sql.push_str("END;\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables_of_all() -> impl Iterator<Item = &'static Table> {
        tables(SCHEMA_VERSION)
    }

    #[test]
    fn every_table_of_the_schema_is_guarded() {
        let sql = schema_sql(SCHEMA_VERSION);
        let tables = sql.matches("CREATE TABLE").count();
        let journaled = tables_of_all().count();
        assert_eq!(tables, journaled + 1, "the journal is the one more");
        assert_eq!(sql.matches("BEFORE UPDATE").count(), tables);
        assert_eq!(sql.matches("BEFORE DELETE").count(), tables);
        assert_eq!(sql.matches("BEFORE INSERT").count(), tables);
        assert_eq!(sql.matches("AFTER INSERT").count(), journaled);
    }

    #[test]
    fn every_column_is_digested_or_known_not_to_be() {
        let db = rusqlite::Connection::open_in_memory().unwrap();
        for step in STEPS {
            db.execute_batch(step.sql).unwrap();
        }
        for table in tables_of_all() {
            let mut statement = db
                .prepare("SELECT name FROM pragma_table_xinfo(?1) WHERE hidden = 0")
                .unwrap();
            let names = statement
                .query_map([table.name], |row| row.get::<_, String>(0))
                .unwrap();
            let mut there: Vec<String> = names.map(Result::unwrap).collect();
            there.retain(|name| !matches!(name.as_str(), "portrait" | "original" | "picture"));
            let mut digested: Vec<_> = table.digested().map(str::to_owned).collect();
            there.sort();
            digested.sort();
            assert_eq!(there, digested, "{}", table.name);
        }
    }
}
