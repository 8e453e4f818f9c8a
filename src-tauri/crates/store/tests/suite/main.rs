//! The store from outside: jobs, attacks, tampering, crashes.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

mod job;
mod world;
