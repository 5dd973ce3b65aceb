//! The process that reads mutants until it is time to stop, or until one is its last.

use std::collections::HashSet;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::mutate::{Random, mutant};
use super::seeds;
use super::targets::TARGETS;

/// `TARGET SEED SECONDS SCRATCH [CORPUS]`
pub(super) fn run(args: &[String]) -> Result<()> {
    let mut args = args.iter();
    let mut next = |what: &'static str| args.next().context(what);
    let name = next("a target")?;
    let seed: u64 = next("a seed")?.parse()?;
    let time = Duration::try_from_secs_f64(next("a time")?.parse()?)?;
    let scratch = PathBuf::from(next("a folder")?);
    let corpus = args.next().map(PathBuf::from);
    let target = TARGETS
        .iter()
        .find(|target| target.name == name)
        .context("no such target")?;
    let mut inputs = seeds::of_repository(target);
    if let Some(corpus) = corpus {
        inputs.extend(seeds::of_corpus(target, &corpus)?);
    }
    let mut random = Random::new(seed);
    let started = Instant::now();
    let current = Current::create(&scratch.join("input"))?;
    let mut count = 0_u64;
    let mut known = HashSet::new();
    while started.elapsed() < time {
        let input = mutant(&mut random, &inputs, target.words);
        current.write(&input)?;
        (target.run)(&input);
        count += 1;
        // Few inputs are worth changing further; without a look inside, taking one now and then has to do.
        let mut hasher = DefaultHasher::new();
        input.hash(&mut hasher);
        if count.is_multiple_of(100) && inputs.len() < 5_000 && known.insert(hasher.finish()) {
            inputs.push(input);
        }
        if count.is_multiple_of(100) {
            std::fs::write(scratch.join("count"), count.to_string())?;
        }
    }
    std::fs::write(scratch.join("count"), count.to_string())?;
    Ok(())
}

/// The file of the input that is being read.
struct Current(File);

impl Current {
    fn create(path: &Path) -> Result<Self> {
        Ok(Self(File::create(path)?))
    }

    fn write(&self, input: &[u8]) -> Result<()> {
        self.0.set_len(0)?;
        self.0.write_all_at(input, 0)?;
        Ok(())
    }
}
