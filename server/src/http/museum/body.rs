//! What comes with a POST: bytes as they are, or a form with files; never more than allowed, and never unannounced amounts
//! in memory.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use multer::{Constraints, Multipart, SizeLimit};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Fields of a form that are looked at.
const MAX_FIELDS: usize = 32;
/// Unit of the budget of bytes: a semaphore counts in 32 bits.
const UNIT: u64 = 64 * 1024;
/// Largest uploads that are in memory at a time.
const AT_A_TIME: u64 = 8;

/// Why there is no body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BodyError {
    TooLarge,
    /// The client went away, or sent what no client sends.
    Broken(String),
}

/// The files of a form.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) chart: Option<Bytes>,
    pub(super) provenance: Option<Bytes>,
}

/// Bytes of uploads in memory.
pub(super) struct Budget {
    units: Semaphore,
    max_bytes: u64,
}

impl Budget {
    pub(super) fn new(max_bytes: u64) -> Self {
        let units = AT_A_TIME * max_bytes.div_ceil(UNIT).max(1);
        Self {
            units: Semaphore::new(
                usize::try_from(units)
                    .unwrap_or(Semaphore::MAX_PERMITS)
                    .min(1 << 28),
            ),
            max_bytes,
        }
    }

    /// Waits until a body of the announced length has room; one that is too long gets none.
    pub(super) async fn room(&self, headers: &HeaderMap) -> Result<SemaphorePermit<'_>, BodyError> {
        let announced = headers
            .get(CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.parse::<u64>().ok());
        if announced.is_some_and(|announced| announced > self.max_bytes) {
            return Err(BodyError::TooLarge);
        }
        let n_bytes = announced.unwrap_or(self.max_bytes);
        let n_units = u32::try_from(n_bytes.div_ceil(UNIT).max(1))
            .unwrap_or(u32::MAX)
            .min(1 << 24);
        self.units
            .acquire_many(n_units)
            .await
            .map_err(|error| BodyError::Broken(error.to_string()))
    }

    /// The whole body.
    pub(super) async fn bytes(&self, body: Body) -> Result<Bytes, BodyError> {
        let mut pieces = body.into_data_stream();
        let mut whole = BytesMut::new();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|error| BodyError::Broken(error.to_string()))?;
            if (whole.len() + piece.len()) as u64 > self.max_bytes {
                return Err(BodyError::TooLarge);
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole.freeze())
    }

    /// The files of a form: of each kind the first, whichever of its names it has.
    pub(super) async fn form(
        &self,
        body: Body,
        boundary: String,
        chart_fields: &[&str],
        provenance_fields: &[&str],
    ) -> Result<Form, BodyError> {
        let limit = SizeLimit::new().whole_stream(self.max_bytes);
        let constraints = Constraints::new().size_limit(limit);
        let mut fields = Multipart::with_constraints(body.into_data_stream(), boundary, constraints);
        let mut form = Form::default();
        for _ in 0..MAX_FIELDS {
            let field = match fields.next_field().await {
                Ok(Some(field)) => field,
                Ok(None) => break,
                Err(error) => return in_words(error, form),
            };
            let name = field.name().unwrap_or_default().to_owned();
            let place = if chart_fields.contains(&name.as_str()) {
                &mut form.chart
            } else if provenance_fields.contains(&name.as_str()) {
                &mut form.provenance
            } else {
                continue;
            };
            if place.is_some() {
                continue;
            }
            match field.bytes().await {
                Ok(bytes) => *place = Some(bytes),
                Err(error) => return in_words(error, form),
            }
        }
        Ok(form)
    }
}

/// A form that is cut off or no form at all has the files that were read from it whole, which ChartMuseum takes as well.
fn in_words(error: multer::Error, form: Form) -> Result<Form, BodyError> {
    match error {
        multer::Error::StreamSizeExceeded { .. } | multer::Error::FieldSizeExceeded { .. } => {
            Err(BodyError::TooLarge)
        }
        multer::Error::StreamReadFailed(error) => Err(BodyError::Broken(error.to_string())),
        _ if form == Form::default() => Ok(form),
        other => Err(BodyError::Broken(other.to_string())),
    }
}

/// The boundary of a form; none where the body is no form.
pub(super) fn boundary(headers: &HeaderMap) -> Option<String> {
    let kind = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let is_form = kind
        .split(';')
        .next()
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("multipart/form-data"));
    is_form.then(|| multer::parse_boundary(kind).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use bytes::Bytes;

    use super::{BodyError, Budget, Form};

    fn form(text: &str, max_bytes: u64) -> Result<Form, BodyError> {
        let body = Body::from(text.replace('\n', "\r\n"));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        runtime.block_on(Budget::new(max_bytes).form(body, "x".to_owned(), &["chart", "tgz"], &["prov"]))
    }

    #[test]
    fn forms_give_their_files() {
        let field = |name: &str, text: &str| {
            format!("--x\nContent-Disposition: form-data; name=\"{name}\"; filename=\"f\"\n\n{text}\n")
        };
        let bytes = |text: &str| Some(Bytes::from(text.to_owned()));
        let both = Form {
            chart: bytes("A"),
            provenance: bytes("B"),
        };
        assert_eq!(
            form(
                &format!("{}{}--x--\n", field("chart", "A"), field("prov", "B")),
                9_999
            ),
            Ok(both)
        );
        let one = || Form {
            chart: bytes("A"),
            provenance: None,
        };
        assert_eq!(form(&format!("{}--x--\n", field("tgz", "A")), 9_999), Ok(one()));
        // Of two, the first.
        assert_eq!(
            form(
                &format!("{}{}--x--\n", field("chart", "A"), field("tgz", "B")),
                9_999
            ),
            Ok(one())
        );
        assert_eq!(
            form(&format!("{}--x--\n", field("unknown", "A")), 9_999),
            Ok(Form::default())
        );
        assert_eq!(form("no form", 9_999), Ok(Form::default()));
        assert_eq!(
            form(&field("chart", &"A".repeat(500)), 300),
            Err(BodyError::TooLarge)
        );
        // Cut off within the only file.
        assert_eq!(form(&field("chart", "A"), 9_999), Ok(Form::default()));
        let cut = format!("{}{}", field("prov", "B"), field("chart", "A"));
        assert!(matches!(form(&cut, 9_999), Err(BodyError::Broken(_))));
    }
}
