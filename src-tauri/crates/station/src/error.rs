//! What a use case can fail with: a refusal, something found wrong, or a fault.

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StationError {
    /// The rules said no; the code is in the table of notices. Exit 1.
    #[error("refused: {0}")]
    Refused(&'static str),
    /// The rules said no, with what the operator has to know beside the code.
    #[error("refused: {code}: {detail}")]
    RefusedWith {
        /// Stable code.
        code: &'static str,
        /// E.g. rows of a roster; never personal data.
        detail: String,
    },
    /// A device or file is at fault. Exit 3.
    #[error("{code}: {detail}")]
    Fault {
        /// Stable code.
        code: &'static str,
        /// What the machine said; never personal data.
        detail: String,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// The reader.
    #[error(transparent)]
    Card(#[from] card::CardError),
    /// The camera.
    #[error(transparent)]
    Camera(#[from] camera::CameraError),
    /// A simulated device.
    #[error(transparent)]
    Simulator(#[from] simulator::SimulatorError),
    /// The studio.
    #[error(transparent)]
    Studio(#[from] crate::studio::StudioError),
    /// A roster file.
    #[error(transparent)]
    Roster(#[from] exchange::RosterError),
    /// A delivery package.
    #[error(transparent)]
    Package(#[from] exchange::PackageError),
    /// A photo standard.
    #[error(transparent)]
    Profile(#[from] portrait::ProfileFault),
}
