//! Times, zones and layouts as Go's time package has them.
