//! Entry point of the `chartroom` program; everything is in the library.

use std::process::ExitCode;

/// Rendering allocates by the million, small and short-lived; `docs/performance.md` says what this one saves.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    server::run()
}
