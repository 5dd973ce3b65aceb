//! Verification as callers see it, on samples that real gpg, Helm and cosign made.

mod cosign;
mod cosign_samples;
mod keyless;
mod openpgp;
mod support;
