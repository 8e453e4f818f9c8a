//! (being written)

pub mod stamp;
pub mod still;
pub mod subject;
