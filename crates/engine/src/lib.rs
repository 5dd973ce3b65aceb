//! Go text/template, sprig and Helm's template functions; pure.
