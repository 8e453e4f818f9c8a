//! A shift as text: who comes, what is done, what must be on file at the end.
//!
//! This is the first test to read. Each line of a day is one thing that happens at
//! the booth, on simulated devices but through everything else: the loop, the
//! rules, the face models, the encoder, SQLite on disk, the package, the verifier.
//! The subjects are drawn and carry their true id in the pixels, so that every
//! portrait that comes out is compared with its label.

use likeness_tests::run_day;

#[test]
fn an_ordinary_morning() {
    run_day(
        "
        roster 20260001 林一  计算机2201
        roster 20260002 周二  计算机2201
        roster 20260003 吴三  计算机2201
        roster 20260004 郑四  计算机2201

        comes 20260001                    does expose accept               -> filed 1
        comes 20260002                    does expose retake expose accept -> filed 1
        comes 20269999 as stranger        does expose accept               -> refused not-on-roster
        comes 20260001                    does expose accept               -> refused already-filed
        comes 20260003                    does expose void                 -> void voided-by-operator
        comes 20260003                    by itself                        -> filed 1

        on file 20260001 generation 1
        on file 20260002 generation 1
        on file 20260003 generation 1
        missing 20260004
        delivered 3
        ",
    );
}

/// A standard of one's own that allows a second file with an even background: each record has both, and
/// both show its own face, in the job and in the package.
#[test]
fn a_standard_of_ones_own_that_allows_copies() {
    run_day(
        "
        standard with copies
        roster 20260051 何一  物理2206
        roster 20260052 吕二  物理2206

        comes 20260051                    does expose accept               -> filed 1
        comes 20260052                    does expose retake expose accept -> filed 1
        delivered 2
        flag  20260052 eyes-closed
        comes 20260052                    by itself                        -> filed 2

        on file 20260051 generation 1
        kept    20260052 generation 1
        on file 20260052 generation 2
        delivered 2
        ",
    );
}

#[test]
fn a_flagged_portrait_is_shot_again() {
    run_day(
        "
        roster 20260011 冯甲  会计2202
        roster 20260012 陈乙  会计2202

        comes 20260011                    does expose accept               -> filed 1
        comes 20260012                    does expose accept               -> filed 1
        flag  20260011 eyes-closed
        delivered 1
        comes 20260012                    does expose accept               -> refused already-filed
        comes 20260011                    does expose accept               -> filed 2

        on file 20260011 generation 2
        kept    20260011 generation 1
        on file 20260012 generation 1
        delivered 2
        ",
    );
}

#[test]
fn documents_that_do_not_fit_are_refused_by_name() {
    run_day(
        "
        roster 20260021 蒋一  法学2203
        roster 20260022 沈二  法学2203
        roster 20260023 韩三  法学2203
        again  20260099 of 20260023 法学双学位

        comes 20260021 named 蒋壹         does expose accept               -> refused name-differs
        comes 20260021 expired            does expose accept               -> refused document-expired
        comes 20260021 wrong digit        does expose accept               -> refused check-digit-wrong
        comes 20260023                    does expose accept               -> refused ambiguous-entry
        comes 20260023 claims 20260099    does expose accept               -> filed 1
        comes 20260022 claims 20260021    does expose accept               -> refused claim-differs

        on file 20260099 generation 1
        missing 20260021
        missing 20260022
        missing 20260023
        delivered 1
        ",
    );
}

#[test]
fn hands_on_the_reader_void_the_sitting() {
    run_day(
        "
        roster 20260031 朱一  护理2204
        roster 20260032 秦二  护理2204

        comes 20260031 taken at read 1    does expose accept               -> void document-taken
        comes 20260031 taken at read 2    does expose accept               -> void document-taken
        comes 20260031 taken at read 3    does expose accept               -> void document-taken
        comes 20260031 taken at read 4    does expose accept               -> void document-taken
        comes 20260031 swapped for 20260032 at read 2 does expose accept   -> refused reads-disagree
        comes 20260031 swapped for 20260032 at read 3 does expose accept   -> void document-changed
        comes 20260031 swapped for 20260032 at read 4 does expose accept   -> void document-changed
        comes 20260031 joined by 20260032 does expose accept               -> any second-document

        missing 20260031
        missing 20260032
        ",
    );
}

#[test]
fn cameras_that_lie_file_nothing() {
    run_day(
        "
        roster 20260041 许一  数学2205

        comes 20260041 before a camera of the past    by itself            -> void frame-before-seat
        comes 20260041 before a frozen camera         by itself            -> any camera-lost
        comes 20260041 before a stalled camera        by itself            -> any camera-lost
        comes 20260041 before an empty chair          by itself            -> void portrait-refused

        missing 20260041
        ",
    );
}

#[test]
fn a_renamed_student_is_referred_until_the_roster_is_corrected() {
    run_day(
        "
        roster 20260051 何旧  外语2206
        comes 20260051 named 何新 claims 20260051 referred does expose accept -> filed 1
        delivered 0
        roster 20260051 何新  外语2206
        delivered 1
        on file 20260051 generation 1
        ",
    );
}
