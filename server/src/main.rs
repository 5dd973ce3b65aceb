//! Entry point of the `chartroom` program; everything is in the library.

use std::process::ExitCode;

/// Rendering allocates by the million; this one takes a third of the time that the C library takes for it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    server::run()
}
