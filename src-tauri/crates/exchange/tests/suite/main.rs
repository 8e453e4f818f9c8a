//! Files in and out, from outside: rosters, admission photos, packages, and what
//! happens to packages on their way.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

mod kit;
mod old_excel;
mod packages;
mod photos;
mod rosters;
mod tampering;
mod texts;
mod workbooks;
