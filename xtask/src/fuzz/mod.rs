//! `cargo xtask fuzz`: mutated inputs for everything that reads what strangers wrote.
//!
//! A worker, which is this program again, feeds one target and leaves each input in a file before it is read, so that
//! the input is there also when the worker hangs or dies. Inputs that fail are kept in `crates/<crate>/tests/found`, and
//! a test reads them for ever after.

mod mutate;
mod seeds;
mod targets;
mod worker;

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, bail};
use sha2::{Digest as _, Sha256};

use crate::process::{self, say};
use targets::TARGETS;

/// No input may take as long, on a machine that does other things as well.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Runs the command, or as a worker one target.
pub(crate) fn run(args: &[String]) -> Result<()> {
    let mut minutes = 1.0_f64;
    let mut corpus = None;
    let mut names: Vec<&str> = Vec::new();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--worker" => return worker::run(&args.cloned().collect::<Vec<_>>()),
            "--minutes" => minutes = args.next().context("--minutes needs a number")?.parse()?,
            "--corpus" => corpus = Some(PathBuf::from(args.next().context("--corpus needs a directory")?)),
            flag if flag.starts_with('-') => bail!("there is no flag {flag}"),
            name => names.push(name),
        }
    }
    for name in &names {
        if !TARGETS.iter().any(|target| target.name == *name) {
            let known: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            bail!("there is no target `{name}`; there are {}", known.join(", "));
        }
    }
    let chosen: Vec<_> = TARGETS
        .iter()
        .filter(|target| names.is_empty() || names.contains(&target.name))
        .collect();
    let each = Duration::from_secs_f64(minutes * 60.0 / chosen.len() as f64);
    let mut n_found = 0;
    for target in chosen {
        n_found += fuzz(target, each, corpus.as_deref())?;
    }
    if n_found > 0 {
        bail!("{n_found} inputs fail; they are kept where the lines above say");
    }
    Ok(())
}

fn fuzz(target: &targets::Target, time: Duration, corpus: Option<&Path>) -> Result<usize> {
    let scratch = process::target_dir().join("fuzz").join(target.name);
    std::fs::create_dir_all(&scratch)?;
    let current = scratch.join("input");
    let count = scratch.join("count");
    let started = Instant::now();
    let seed = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(1, |elapsed| elapsed.subsec_nanos());
    let (mut n_found, mut n_inputs, mut n_workers) = (0, 0_u64, 0);
    while let Some(left) = time
        .checked_sub(started.elapsed())
        .filter(|left| left.as_millis() > 100)
    {
        // A target that fails at every turn would fill the disk.
        if n_found >= 10 {
            break;
        }
        n_workers += 1;
        // What an earlier worker read is not this one's fault.
        if current.exists() {
            std::fs::remove_file(&current)?;
        }
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(["fuzz", "--worker", target.name])
            .arg(u64::from(seed).wrapping_add(n_workers).to_string())
            .arg(left.as_secs_f64().to_string())
            .arg(&scratch);
        if let Some(corpus) = corpus {
            command.arg(corpus);
        }
        let failure = watch(command.spawn()?, &current)?;
        n_inputs += read_count(&count);
        if let Some(reason) = failure {
            let input = std::fs::read(&current).context("reading the input that failed")?;
            // What began as somebody's chart does not belong into the repository.
            let folder = match corpus {
                None => found_folder(target),
                Some(_) => scratch.join("found"),
            };
            let kept = keep(&folder, target, &input)?;
            say(&format!("fuzz: {}: {reason}: {}", target.name, kept.display()));
            n_found += 1;
        }
    }
    say(&format!(
        "fuzz: {:<10} {n_inputs:>9} inputs in {:>5.0} s, {n_found} found",
        target.name,
        started.elapsed().as_secs_f64()
    ));
    Ok(n_found)
}

fn read_count(path: &Path) -> u64 {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.trim().parse().unwrap_or(0)
}

/// Waits for a worker; why it ended, unless it was done.
fn watch(mut worker: Child, current: &Path) -> Result<Option<String>> {
    let started = SystemTime::now();
    loop {
        if let Some(status) = worker.try_wait()? {
            return Ok((!status.success()).then(|| status.to_string()));
        }
        std::thread::sleep(Duration::from_millis(200));
        // Until there is an input, it is the worker that takes its time to begin.
        let Ok(touched) = std::fs::metadata(current).and_then(|metadata| metadata.modified()) else {
            continue;
        };
        let since = touched.max(started);
        if since.elapsed().is_ok_and(|silence| silence > TIMEOUT) {
            worker.kill()?;
            worker.wait()?;
            return Ok(Some(format!("takes longer than {} s", TIMEOUT.as_secs())));
        }
    }
}

/// Where inputs of a target are kept that once failed.
fn found_folder(target: &targets::Target) -> PathBuf {
    let krate = process::workspace_root().join("crates").join(target.krate);
    krate.join("tests").join("found")
}

fn keep(folder: &Path, target: &targets::Target, input: &[u8]) -> Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let digest = Sha256::digest(input);
    let hash: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let path = folder.join(format!("{}-{hash}", target.name));
    std::fs::write(&path, input)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every input that ever failed, and every seed.
    #[test]
    fn inputs_that_once_failed_are_read() {
        for target in TARGETS {
            let mut inputs = seeds::of_repository(target);
            if let Ok(found) = found_folder(target).read_dir() {
                let ours = format!("{}-", target.name);
                inputs.extend(
                    found
                        .flatten()
                        .filter(|entry| entry.file_name().to_string_lossy().starts_with(&ours))
                        .map(|entry| std::fs::read(entry.path()).expect("a readable file")),
                );
            }
            assert!(!inputs.is_empty(), "{} has no seeds", target.name);
            for input in inputs {
                let started = Instant::now();
                (target.run)(&input);
                assert!(started.elapsed() < TIMEOUT, "{}: too slow", target.name);
            }
        }
    }

    #[test]
    fn mutations_depend_on_their_seed_alone() {
        let seeds = [
            b"{{ .Values.a }}".to_vec(),
            b"{{ range $x := . }}{{ end }}".to_vec(),
        ];
        let mutants = |seed| {
            let mut random = mutate::Random::new(seed);
            (0..50)
                .map(|_| mutate::mutant(&mut random, &seeds, &["{{", "}}"]))
                .collect::<Vec<_>>()
        };
        assert_eq!(mutants(7), mutants(7));
        assert_ne!(mutants(7), mutants(8));
    }
}
