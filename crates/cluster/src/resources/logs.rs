//! What a container of a pod prints: the newest part at once, or as it comes.
//!
//! Whose a pod is, is not asked here: see [`Cluster::pod_of_release`].

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use http::Response;
use http_body_util::BodyExt as _;
use kube::Client;
use kube::client::Body;

use crate::api::{Payload, Question, check_namespace, escape};
use crate::{Cluster, Error};

/// Lines of a log that are asked for at most.
pub const MAX_LOG_LINES: u32 = 10_000;
/// As much of a log as is kept: the newest part.
const MAX_LOG_BYTES: usize = 1 << 20;
/// As much as is read for it: that many lines may be long ones.
const MAX_READ_BYTES: usize = 64 << 20;
/// As much as one follower gets.
const MAX_FOLLOWED_BYTES: usize = 256 << 20;

/// Which part of a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogOptions {
    /// The last lines only; never more than [`MAX_LOG_LINES`].
    pub tail_lines: Option<u32>,
    /// Of the container before its last restart.
    pub previous: bool,
    /// What was printed in the last seconds only.
    pub since_secs: Option<u64>,
    /// Begin each line with its time.
    pub timestamps: bool,
}

/// What a container printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodLog {
    pub pod: String,
    pub container: String,
    /// Whole lines; what is no UTF-8 is replaced.
    pub text: String,
    /// Whether older lines were left out because of their size.
    pub is_cut: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Once,
    Following,
}

impl Cluster {
    /// The newest part of what a container printed.
    ///
    /// [`Error::NoPod`] if the pod is not there; what else the API server refuses it says itself: a container that has
    /// not started, or none before this one.
    pub async fn pod_log(
        &self,
        namespace: &str,
        pod: &str,
        container: &str,
        options: &LogOptions,
    ) -> Result<PodLog, Error> {
        let query = query(container, options, Mode::Once);
        let response = self.open_log(&self.client, namespace, pod, &query).await?;
        let mut chunks = response.into_body().into_data_stream();
        let mut tail = Tail::default();
        while let Some(chunk) = chunks.next().await {
            tail.push(&chunk.map_err(|_| Error::BrokenOff)?)?;
        }
        let (text, is_cut) = tail.into_text();
        Ok(PodLog {
            pod: pod.to_owned(),
            container: container.to_owned(),
            text,
            is_cut,
        })
    }

    /// What a container prints from now on, after the part that `options` ask for. It ends with the container, or after
    /// 256 MiB with an error; dropping it ends the request.
    ///
    /// Chunks are bytes as they come, not lines.
    pub async fn follow_pod_log(
        &self,
        namespace: &str,
        pod: &str,
        container: &str,
        options: &LogOptions,
    ) -> Result<impl Stream<Item = Result<Bytes, Error>> + Send + 'static + use<>, Error> {
        let query = query(container, options, Mode::Following);
        let client = self.client_for_streams()?;
        let response = self.open_log(&client, namespace, pod, &query).await?;
        let chunks = response.into_body().into_data_stream();
        let limited =
            futures_util::stream::try_unfold((chunks, MAX_FOLLOWED_BYTES), async |(mut chunks, left)| {
                let Some(chunk) = chunks.next().await else {
                    return Ok(None);
                };
                let chunk = chunk.map_err(|_| Error::BrokenOff)?;
                let left = left.checked_sub(chunk.len()).ok_or(Error::Answer {
                    limit_bytes: MAX_FOLLOWED_BYTES,
                })?;
                Ok(Some((chunk, (chunks, left))))
            });
        Ok(limited)
    }

    async fn open_log(
        &self,
        client: &Client,
        namespace: &str,
        pod: &str,
        query: &[(&str, String)],
    ) -> Result<Response<Body>, Error> {
        check_namespace(namespace)?;
        let no_pod = || Error::NoPod { name: pod.to_owned() };
        if pod.is_empty() {
            return Err(no_pod());
        }
        let query: Vec<(&str, &str)> = query
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let question = Question {
            verb: "get",
            resource: "pods/log",
            namespace: Some(namespace),
            path: format!("/api/v1/namespaces/{namespace}/pods/{}/log", escape(pod)),
            query: &query,
            accept: "*/*",
            payload: Payload::Nothing,
        };
        match self.open(client, question).await {
            Err(error) if error.is_not_found() => Err(no_pod()),
            answer => answer,
        }
    }
}

fn query(container: &str, options: &LogOptions, mode: Mode) -> Vec<(&'static str, String)> {
    let lines = options.tail_lines.unwrap_or(MAX_LOG_LINES).min(MAX_LOG_LINES);
    let mut query = vec![
        ("container", container.to_owned()),
        ("tailLines", lines.to_string()),
    ];
    if let Some(seconds) = options.since_secs {
        // The API server takes none below one, and reads a number of 64 bits with a sign.
        let seconds = seconds.clamp(1, u64::from(u32::MAX));
        query.push(("sinceSeconds", seconds.to_string()));
    }
    let flags = [
        ("previous", options.previous),
        ("timestamps", options.timestamps),
        ("follow", mode == Mode::Following),
    ];
    query.extend(
        flags
            .into_iter()
            .filter(|(_, is_set)| *is_set)
            .map(|(name, _)| (name, "true".to_owned())),
    );
    query
}

/// The end of what is read, at most [`MAX_LOG_BYTES`] of it.
#[derive(Default)]
struct Tail {
    bytes: Vec<u8>,
    n_read: usize,
}

impl Tail {
    fn push(&mut self, chunk: &[u8]) -> Result<(), Error> {
        self.n_read = self.n_read.saturating_add(chunk.len());
        if self.n_read > MAX_READ_BYTES {
            return Err(Error::Answer {
                limit_bytes: MAX_READ_BYTES,
            });
        }
        self.bytes.extend_from_slice(chunk);
        // Not at every chunk: what is kept moves to the front each time.
        if self.bytes.len() > 2 * MAX_LOG_BYTES {
            self.shorten();
        }
        Ok(())
    }

    fn shorten(&mut self) {
        let n_surplus = self.bytes.len().saturating_sub(MAX_LOG_BYTES);
        self.bytes.drain(..n_surplus);
    }

    /// The text, and whether something before it was left out. It begins with a whole line, unless that is all there is.
    fn into_text(mut self) -> (String, bool) {
        self.shorten();
        let is_cut = self.n_read > self.bytes.len();
        let line_end = self.bytes.iter().position(|byte| *byte == b'\n');
        let start = match line_end {
            Some(end) if is_cut && end + 1 < self.bytes.len() => end + 1,
            _ => 0,
        };
        let kept = self.bytes.get(start..).unwrap_or_default();
        (String::from_utf8_lossy(kept).into_owned(), is_cut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_part_of_a_log_is_kept() {
        let mut tail = Tail::default();
        let line = format!("{}\n", "x".repeat(99));
        for number in 0..30_000 {
            tail.push(line.as_bytes()).unwrap();
            tail.push(format!("{number}\n").as_bytes()).unwrap();
        }
        let (text, is_cut) = tail.into_text();
        assert!(is_cut && text.len() <= MAX_LOG_BYTES && text.len() > MAX_LOG_BYTES - 200);
        assert!(text.ends_with("x\n29999\n"));
        let first = text.lines().next().unwrap();
        assert!(first.len() == 99 || first.parse::<usize>().is_ok(), "{first}");

        let mut short = Tail::default();
        short.push(b"\xffone\ntwo").unwrap();
        assert_eq!(short.into_text(), ("\u{fffd}one\ntwo".to_owned(), false));
        let mut endless = Tail::default();
        let chunk = vec![b'x'; MAX_LOG_BYTES];
        let n_taken = (0..100).take_while(|_| endless.push(&chunk).is_ok()).count();
        assert_eq!(n_taken, MAX_READ_BYTES / MAX_LOG_BYTES);
    }

    #[test]
    fn options_become_a_query_within_limits() {
        let all = LogOptions {
            tail_lines: Some(u32::MAX),
            previous: true,
            since_secs: Some(0),
            timestamps: true,
        };
        let text = |options: &LogOptions, mode| {
            let pairs = query("main", options, mode).into_iter();
            let pairs: Vec<String> = pairs.map(|(name, value)| format!("{name}={value}")).collect();
            pairs.join("&")
        };
        assert_eq!(
            text(&all, Mode::Once),
            "container=main&tailLines=10000&sinceSeconds=1&previous=true&timestamps=true"
        );
        assert_eq!(
            text(&LogOptions::default(), Mode::Following),
            "container=main&tailLines=10000&follow=true"
        );
    }
}
