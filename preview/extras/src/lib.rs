//! What few charts need, as a second module beside `preview`: cryptography, checks of values by JSON Schema, and stored
//! releases.
//!
//! The first module has no code for either and asks ([`engine::Host::delegate`]); the page carries the question here,
//! once a render has said that it needs this module. Nothing is kept but compiled schemas: everything else is a function
//! of the request, random bytes included.
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic))]

#[cfg(target_family = "wasm")]
pub mod browser;
mod release;

use engine::MissingPart;
use engine::crypto::{Work, answer_to_bytes, perform};
use helm::schema::Schemas;

pub use release::{StoredRelease, read_release};

/// Answers what the first module asked; `None` if it is nothing that module asks.
#[must_use]
pub fn answer(schemas: &Schemas, part: MissingPart, request: &[u8]) -> Option<Vec<u8>> {
    match part {
        MissingPart::Cryptography => {
            let work = Work::from_bytes(request)?;
            Some(answer_to_bytes(&perform(&work)))
        }
        MissingPart::SchemaValidation => schemas.answer(request),
    }
}

#[cfg(test)]
mod tests {
    use engine::crypto::answer_from_bytes;

    use super::*;

    #[test]
    fn work_is_done_as_if_it_were_done_here() {
        let work = Work::GenerateKey {
            kind: engine::crypto::KeyKind::Ed25519,
            seed: [7; 32],
        };
        let schemas = Schemas::default();
        let answer = answer(&schemas, MissingPart::Cryptography, &work.to_bytes()).unwrap();
        assert_eq!(answer_from_bytes(&answer), Some(perform(&work)));
        assert!(perform(&work).is_ok());
    }

    #[test]
    fn what_is_no_request_has_no_answer() {
        let schemas = Schemas::default();
        for part in [MissingPart::Cryptography, MissingPart::SchemaValidation] {
            assert_eq!(answer(&schemas, part, b"\xff"), None);
            assert_eq!(MissingPart::from_number(part.number()), Some(part));
        }
        assert_eq!(MissingPart::from_number(200), None);
    }
}
