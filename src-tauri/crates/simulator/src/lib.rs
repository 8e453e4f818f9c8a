//! (being written)

pub mod stamp;
pub mod subject;
