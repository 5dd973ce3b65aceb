//! `cargo xtask bench search`: a catalog of 15,000 charts and 300,000 versions, searched over HTTP.
//!
//! The release binary syncs a catalog that is made for it, with an archive of every chart's newest version, and is asked
//! from this process, on the same processors. Every request is `GET /api/v1/charts` with words nobody asked before: 30 hits
//! with where each word was found, and the counts of all filters. Latencies are those of one client; requests per second,
//! and latencies then, those of several at once. Beside them stands the server's CPU time for a request, which other
//! work on the machine does not change much.

use std::time::Duration;

use anyhow::{Context, Result};

use super::catalog_server::CatalogServer;
use super::load::{Connection, at_once, ms, one_by_one};
use super::made::{Dice, Made, keyword, repository_name, role, software};
use super::measured::{cpu_seconds, percentile};
use crate::process::say;

/// Requests of each kind, by one client.
const N_OF_A_KIND: usize = 300;
/// Requests that many clients share, and how long they may take.
const N_AT_ONCE: usize = 20_000;
const AT_ONCE: Duration = Duration::from_secs(10);
/// Names that are typed, and mistyped.
const N_NAMES: usize = 1_000;

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let (server, made) = CatalogServer::new(arguments)?;
    let running = server.start()?;
    running.until_searchable(true)?;
    let (port, pid) = (running.port, running.pid());
    let mut dice = Dice(99);
    let mix = kinds();

    say("one client, /api/v1/charts with facets");
    let mut all = Vec::new();
    for kind in &mix {
        let paths: Vec<String> = (0..N_OF_A_KIND).map(|_| (kind.make)(&mut dice, &made)).collect();
        let before = cpu_seconds(pid)?;
        let times = one_by_one(port, &paths, "")?;
        let after = cpu_seconds(pid)?;
        say_times(
            kind.name,
            &times,
            (after.0 + after.1 - before.0 - before.1) / times.len() as f64,
        );
        // As often as people ask so.
        all.extend(times.iter().step_by(100 / kind.share.max(1)).copied());
    }
    all.sort_unstable();
    say_times("all, as often as they are asked", &all, 0.0);

    say("several clients at once, the same mix");
    for n in [1, 2, 4, 16] {
        let paths: Vec<String> = (0..N_AT_ONCE).map(|_| any(&mix, &mut dice, &made)).collect();
        at_once(port, pid, &paths, n, AT_ONCE)?.say(&format!("{n} at once"));
    }
    running.say_memory("memory after that")?;

    let typed: Vec<String> = (0..2_000)
        .map(|_| {
            let name: String = a_name(&mut dice, &made).chars().take(5).collect();
            format!("/api/v1/charts/suggest?q={name}")
        })
        .collect();
    say_times("while typing, /suggest", &one_by_one(port, &typed, "")?, 0.0);

    names(port, &mut dice, &made)?;
    say(&format!(
        "database                     {:>9.0} MB",
        size_of(&server.data_dir().join("chartroom.db")) as f64 / 1e6
    ));
    running.stop()?;
    server.finish()
}

struct Kind {
    name: &'static str,
    /// Of a hundred requests.
    share: usize,
    make: fn(&mut Dice, &Made) -> String,
}

fn kinds() -> [Kind; 11] {
    let kind = |name, share, make| Kind { name, share, make };
    [
        kind("a name", 25, |dice, made| query(&a_name(dice, made))),
        kind("a name with a typo", 15, |dice, made| {
            query(&typo(&a_name(dice, made), dice))
        }),
        kind("a beginning", 10, |dice, made| {
            query(&a_name(dice, made).chars().take(4).collect::<String>())
        }),
        kind("software that all have", 10, |dice, _| query(software(dice))),
        kind("two or three words", 10, |dice, _| {
            query(&format!("{} {} {}", software(dice), role(dice), keyword(dice)))
        }),
        kind("a purpose", 5, |dice, _| {
            let purposes = [
                "message queue",
                "object storage",
                "secret management",
                "monitoring",
                "sso",
            ];
            query(dice.pick(&purposes))
        }),
        kind("words of READMEs", 5, |dice, made| {
            let word = |dice: &mut Dice| {
                let at = dice.roll_low(made.words.len());
                made.words.get(at).cloned().unwrap_or_default()
            };
            query(&format!("{} {}", word(dice), word(dice)))
        }),
        kind("what nobody has", 5, |dice, _| {
            query(&format!("{}{}", dice.word(), dice.word()))
        }),
        kind("with filters in words", 5, |dice, _| {
            query(&format!(
                "{} repo:{} -deprecated key:auth",
                software(dice),
                repository_name(dice.roll(9))
            ))
        }),
        kind("with filters chosen", 5, |dice, _| {
            format!(
                "/api/v1/charts?q={}&repository={}&keyword={}",
                software(dice),
                repository_name(dice.roll(9)),
                keyword(dice)
            )
        }),
        kind("everything, by name", 5, |dice, _| {
            format!("/api/v1/charts?sort=name&keyword={}", keyword(dice))
        }),
    ]
}

/// One request, of each kind as often as people ask so.
fn any(mix: &[Kind], dice: &mut Dice, made: &Made) -> String {
    let mut at = dice.roll(100);
    for kind in mix {
        if at < kind.share {
            return (kind.make)(dice, made);
        }
        at -= kind.share;
    }
    query("")
}

fn query(text: &str) -> String {
    let mut out = String::from("/api/v1/charts?q=");
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

fn a_name(dice: &mut Dice, made: &Made) -> String {
    let at = dice.roll(made.charts.len());
    made.charts
        .get(at)
        .map(|chart| chart.name.clone())
        .unwrap_or_default()
}

/// How many names come first where they are typed as they are, and how many are among the first three where one letter
/// is wrong, missing, one too many, or has changed places with its neighbour.
fn names(port: u16, dice: &mut Dice, made: &Made) -> Result<()> {
    let mut connection = Connection::open(port)?;
    let (mut n, mut n_first, mut n_found) = (0, 0, 0);
    let mut missed = Vec::new();
    while n < N_NAMES {
        let at = dice.roll(made.charts.len());
        let chart = made.charts.get(at).context("it was rolled")?;
        let name = chart.name.as_str();
        let mistyped = typo(name, dice);
        // What is deprecated is shown where it is asked for, and what is another's name now is no typo.
        if chart.is_deprecated || name.len() < 4 || made.charts.iter().any(|other| other.name == mistyped) {
            continue;
        }
        n += 1;
        n_first += usize::from(first(&mut connection, name, 1)?.iter().any(|hit| hit == name));
        let is_found = first(&mut connection, &mistyped, 3)?
            .iter()
            .any(|hit| hit == name);
        n_found += usize::from(is_found);
        if !is_found && missed.len() < 5 {
            missed.push(format!("{mistyped} for {name}"));
        }
    }
    say(&format!("exact names first            {n_first:>9} of {n}"));
    say(&format!("one edit, first three        {n_found:>9} of {n}"));
    if !missed.is_empty() {
        say(&format!("  missed, for example: {}", missed.join(", ")));
    }
    Ok(())
}

fn first(connection: &mut Connection, text: &str, n: usize) -> Result<Vec<String>> {
    let answer = connection.get(&query(text), "")?;
    let answer: serde_json::Value = serde_json::from_slice(&answer.body)?;
    let hits = answer["data"]["charts"]["items"].as_array();
    let hits = hits.map(Vec::as_slice).unwrap_or_default().iter().take(n);
    Ok(hits
        .filter_map(|hit| hit["name"].as_str().map(str::to_owned))
        .collect())
}

fn typo(name: &str, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    let at = dice.roll(letters.len());
    let letter = char::from(b'a' + dice.roll(26) as u8);
    match dice.roll(4) {
        0 => {
            letters.remove(at);
        }
        1 if at + 1 < letters.len() => letters.swap(at, at + 1),
        2 => letters.insert(at, letter),
        _ => {
            if let Some(place) = letters.get_mut(at) {
                *place = letter;
            }
        }
    }
    letters.into_iter().collect()
}

fn say_times(what: &str, times: &[Duration], cpu_seconds: f64) {
    let cpu = match cpu_seconds > 0.0 {
        true => format!("   {:.2} ms CPU each", cpu_seconds * 1e3),
        false => String::new(),
    };
    say(&format!(
        "  {what:<32} p50 {:>7.2}  p95 {:>7.2}  p99 {:>7.2} ms{cpu}",
        ms(percentile(times, 50)),
        ms(percentile(times, 95)),
        ms(percentile(times, 99)),
    ));
}

fn size_of(path: &std::path::Path) -> u64 {
    std::fs::metadata(path)
        .map(|found| found.len())
        .unwrap_or_default()
}
