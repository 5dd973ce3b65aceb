//! RE2 regular expressions with Go's syntax and error text.
