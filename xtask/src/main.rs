//! Build, development and test commands.

fn main() {}
