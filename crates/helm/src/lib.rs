//! Helm charts and releases: archives, values, rendering, records; pure.
