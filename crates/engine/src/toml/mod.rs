//! TOML as BurntSushi/toml reads and prints it.
