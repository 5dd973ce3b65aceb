//! The zone in which commands show times, and that templates see as the local one.

use backend::world::World;
use engine::Host as _;
use engine::datetime::Zone;

/// `TZ`.
pub(super) fn variable() -> Option<String> {
    super::variable("TZ")
}

/// The machine's zone, with the offset that it has now.
pub(super) fn local() -> Zone {
    let world = World::new(false, variable());
    let (minutes, name) = world.local_zone();
    Zone::local(name, minutes * 60)
}
