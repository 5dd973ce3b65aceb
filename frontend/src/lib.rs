//! Hydration entry point of the browser bundle.
