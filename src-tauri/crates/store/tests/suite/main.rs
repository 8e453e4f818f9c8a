//! The store from outside: jobs, attacks, tampering, crashes.
#![expect(
    clippy::unwrap_used,
    clippy::unwrap_in_result,
    reason = "helpers of tests fail by panicking"
)]

mod attacks;
mod crash;
mod fuzz;
mod job;
mod raw;
mod tamper;
mod world;
