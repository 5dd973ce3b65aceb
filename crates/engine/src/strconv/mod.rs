//! Go's strconv: numbers and quoted strings to text and back.
