//! A static HTTP server for benches: one thread a connection, keep-alive, entity tags, counted requests.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};

use anyhow::Result;
use sha2::{Digest as _, Sha256};

/// A body with its entity tag.
type Tagged = (Arc<[u8]>, String);

/// Files by path, with their entity tags.
#[derive(Default)]
pub(crate) struct Files {
    bodies: RwLock<HashMap<String, Tagged>>,
    n_requests: AtomicU64,
    n_body_bytes: AtomicU64,
}

impl Files {
    pub(crate) fn put(&self, path: &str, body: Vec<u8>) {
        let digest = Sha256::digest(&body);
        let tag: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        if let Ok(mut bodies) = self.bodies.write() {
            bodies.insert(path.to_owned(), (body.into(), format!("\"{tag}\"")));
        }
    }

    /// Requests and body bytes since the last call.
    pub(crate) fn take_counts(&self) -> (u64, u64) {
        (
            self.n_requests.swap(0, Ordering::Relaxed),
            self.n_body_bytes.swap(0, Ordering::Relaxed),
        )
    }
}

/// Serves `files` on a free port until the program ends.
pub(crate) fn serve(files: Arc<Files>) -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let files = Arc::clone(&files);
            std::thread::spawn(move || {
                // A client that goes away ends its connection, nothing else.
                let _ = answer_all(&stream, &files);
            });
        }
    });
    Ok(port)
}

fn answer_all(stream: &TcpStream, files: &Files) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let path = line.split(' ').nth(1).unwrap_or("/").to_owned();
        let mut known_tag = String::new();
        loop {
            line.clear();
            reader.read_line(&mut line)?;
            if line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("if-none-match")
            {
                known_tag = value.trim().to_owned();
            }
        }
        files.n_requests.fetch_add(1, Ordering::Relaxed);
        let found = files
            .bodies
            .read()
            .ok()
            .and_then(|bodies| bodies.get(&path).cloned());
        match found {
            Some((_, tag)) if tag == known_tag => {
                write!(writer, "HTTP/1.1 304 Not Modified\r\netag: {tag}\r\n\r\n")?;
            }
            Some((body, tag)) => {
                files.n_body_bytes.fetch_add(body.len() as u64, Ordering::Relaxed);
                let mut answer = format!(
                    "HTTP/1.1 200 OK\r\netag: {tag}\r\ncontent-length: {}\r\n\r\n",
                    body.len()
                )
                .into_bytes();
                answer.extend_from_slice(&body);
                writer.write_all(&answer)?;
            }
            None => write!(writer, "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")?,
        }
    }
}
