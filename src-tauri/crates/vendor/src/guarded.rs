//! Memory that a foreign function is given to write into, and that must not outlive the process.

/// On each side of the room.
const GUARD: usize = 4096;
const PATTERN: u8 = 0xA5;

/// A library may crash with somebody's document in its hands: what it held is not to be found on
/// the disk afterwards.
#[cfg(target_os = "linux")]
pub(crate) fn keep_off_the_disk() {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
    let nothing = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    // Either suffices; where the system refuses one, the other holds.
    setrlimit(Resource::Core, nothing).ok();
    set_dumpable_behavior(DumpableBehavior::NotDumpable).ok();
}

/// Elsewhere the system asks before it writes a crash down.
#[cfg(not(target_os = "linux"))]
pub(crate) const fn keep_off_the_disk() {}

/// Room for some bytes between two guards, so that a library that writes too much is
/// noticed and does no harm to what we hold.
pub(crate) struct Guarded {
    memory: Vec<u8>,
    room: usize,
}

impl Guarded {
    /// Empty room.
    pub(crate) fn new(room: usize) -> Self {
        let mut memory = vec![PATTERN; GUARD + room + GUARD];
        memory[GUARD..GUARD + room].fill(0);
        Self { memory, room }
    }

    /// Where the room begins. It is good for as many bytes as it was made for, and
    /// nothing else is hit within [`GUARD`] bytes around it.
    pub(crate) fn pointer(&mut self) -> *mut u8 {
        self.memory[GUARD..].as_mut_ptr()
    }

    /// Puts something into the room, as much as fits.
    pub(crate) fn fill(&mut self, bytes: &[u8]) {
        let length = bytes.len().min(self.room);
        self.memory[GUARD..GUARD + length].copy_from_slice(&bytes[..length]);
    }

    /// What was written, if it was written inside.
    pub(crate) fn written(&self) -> Option<&[u8]> {
        let (before, rest) = self.memory.split_at(GUARD);
        let (room, behind) = rest.split_at(self.room);
        let mut guards = before.iter().chain(behind);
        guards.all(|byte| *byte == PATTERN).then_some(room)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_outside_is_noticed() {
        let mut guarded = Guarded::new(8);
        assert_eq!(guarded.written(), Some(&[0; 8][..]));
        guarded.memory[GUARD..GUARD + 8].fill(7);
        assert_eq!(guarded.written(), Some(&[7; 8][..]));
        for at in [0, GUARD - 1, GUARD + 8, GUARD + 8 + GUARD - 1] {
            let mut guarded = Guarded::new(8);
            guarded.memory[at] = 0;
            assert_eq!(guarded.written(), None, "{at}");
        }
    }
}
