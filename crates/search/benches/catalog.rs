//! How fast, and in how much memory, a catalog of 15,000 charts is searched, with facets and the first 20 hits.
//!
//! `cargo bench -p search` prints building, memory, a change of one chart, and for each kind of query the time at the
//! median, at 95 % and at 99 %. The catalog is made up, from the same seed every time: names of one to four words out of
//! some hundreds, READMEs of 400 to 1,600 words, 30 to 250 keys of values with comments, images and the rest. The goal
//! is 10 ms at 95 %. Times are of the processor, so that a busy machine does not count.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::hint::black_box;
use std::sync::{Barrier, Condvar, Mutex};
use std::time::Duration;

use search::{Builder, Change, Document, Filters, Index, Lexicon, Order, Request, ValueKey, Visible};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const N_CHARTS: usize = 15_000;
const N_QUERIES: usize = 400;
/// Threads that search at a time, where memory is looked at.
const N_TURNS: usize = 2;
const NOW: i64 = 1_790_000_000;

/// Words that names and texts are made of; syllables make the long tail.
const NAME_WORDS: &[&str] = &[
    "redis",
    "postgresql",
    "kafka",
    "nginx",
    "operator",
    "cluster",
    "exporter",
    "prometheus",
    "grafana",
    "vault",
    "proxy",
    "gateway",
    "controller",
    "ingress",
    "manager",
    "stack",
    "server",
    "agent",
    "storage",
    "backup",
    "queue",
    "cache",
    "search",
    "elastic",
    "mongo",
    "mysql",
    "rabbit",
    "nats",
    "minio",
    "ceph",
    "cert",
    "external",
    "secrets",
    "dns",
    "auth",
    "oauth",
    "keycloak",
    "jenkins",
    "gitlab",
    "argo",
    "flux",
    "harbor",
    "registry",
    "sonar",
    "jaeger",
    "tempo",
    "loki",
    "fluent",
    "metrics",
    "node",
    "kube",
    "state",
    "event",
    "router",
    "mesh",
    "istio",
    "linkerd",
    "cilium",
    "airflow",
    "spark",
    "flink",
    "jupyter",
    "model",
    "vector",
    "graph",
    "time",
    "series",
    "web",
    "app",
];
const SYLLABLES: &[&str] = &[
    "ba", "cor", "den", "fi", "gal", "hu", "jin", "kel", "lo", "mar", "nex", "or", "pi", "qua", "ri", "sol",
    "tek", "ur", "vi", "wen", "xa", "yo", "zen", "bri", "clo", "dra", "fle", "gro",
];
const KEYS: &[&str] = &[
    "image",
    "repository",
    "tag",
    "pullPolicy",
    "replicaCount",
    "service",
    "type",
    "port",
    "ingress",
    "enabled",
    "annotations",
    "hosts",
    "tls",
    "resources",
    "limits",
    "requests",
    "cpu",
    "memory",
    "nodeSelector",
    "tolerations",
    "affinity",
    "auth",
    "existingSecret",
    "password",
    "persistence",
    "size",
    "storageClass",
    "serviceAccount",
    "create",
    "podSecurityContext",
    "metrics",
    "serviceMonitor",
    "extraEnv",
    "config",
    "livenessProbe",
];

/// The same numbers every time (SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }

    /// Small numbers are frequent, as words are.
    fn roll_low(&mut self, n: usize) -> usize {
        self.roll(self.roll_below(n))
    }

    fn roll_below(&self, n: usize) -> usize {
        let mut peek = Self(self.0 ^ 0x5555);
        1 + peek.roll(n)
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.roll(list.len())]
    }

    fn word(&mut self) -> String {
        (0..2 + self.roll(2)).map(|_| self.pick(SYLLABLES)).collect()
    }
}

fn main() {
    let mut dice = Dice(7);
    let words: Vec<String> = (0..30_000).map(|_| dice.word()).collect();
    let before = resident_kib();
    let start = cpu();
    let mut builder = Builder::new(Lexicon::default());
    let mut making = Duration::ZERO;
    let mut names = Vec::new();
    for id in 0..N_CHARTS {
        let made = cpu();
        let document = document(id as i64, &mut dice, &words);
        names.push(document.name.clone());
        making += cpu() - made;
        builder.add(document);
    }
    let index = builder.finish();
    let building = cpu() - start - making;
    let stats = index.stats();
    println!(
        "built in {:.2} s: {} charts, {} terms, {:.1} MiB by its own count, {:.1} MiB of the process",
        building.as_secs_f64(),
        stats.n_documents,
        stats.n_terms,
        stats.n_bytes as f64 / 1_048_576.0,
        resident_kib().saturating_sub(before) as f64 / 1_024.0
    );
    changes(&index, &mut dice, &words);
    queries(&index, &mut dice, &names, &words);
    recall(&index, &mut dice, &names);
    threads(&index, &mut dice, &names);
}

fn document(id: i64, dice: &mut Dice, words: &[String]) -> Document {
    let n_parts = 1 + dice.roll(4);
    let mut parts: Vec<String> = (0..n_parts).map(|_| dice.pick(NAME_WORDS).to_owned()).collect();
    // Two of three charts are of software that nobody knows.
    if dice.roll(3) > 0 {
        parts[0] = words[dice.roll(words.len())].clone();
    }
    let name = parts.join("-");
    let prose = |dice: &mut Dice, n: usize| -> String {
        let mut text = String::new();
        for _ in 0..n {
            if dice.roll(6) == 0 {
                text.push_str(dice.pick(NAME_WORDS));
            } else {
                text.push_str(&words[dice.roll_low(words.len())]);
            }
            text.push(' ');
        }
        text
    };
    let n_keys = 30 + dice.roll(220);
    let values = (0..n_keys)
        .map(|_| {
            let n_words = if dice.roll(2) == 0 { 0 } else { 8 };
            ValueKey {
                depth: dice.roll(4) as u8,
                key: dice.pick(KEYS).to_owned(),
                comment: prose(dice, n_words),
            }
        })
        .collect();
    let n_readme = 400 + dice.roll(1_200);
    let n_keywords = dice.roll(6);
    Document {
        id,
        repository: format!("repository-{}", dice.roll_low(300)),
        description: prose(dice, 14),
        keywords: (0..n_keywords)
            .map(|_| dice.pick(NAME_WORDS).to_owned())
            .collect(),
        license: ["", "MIT", "Apache-2.0", "GPL-3.0"][dice.roll(4)].to_owned(),
        maintainers: vec![words[dice.roll(words.len())].clone()],
        sources: vec![format!(
            "https://github.com/{}/{name}",
            words[dice.roll(words.len())]
        )],
        readme: prose(dice, n_readme),
        values,
        images: vec![format!("docker.io/library/{}:1.{}.0", parts[0], dice.roll(30))],
        crd_kinds: if dice.roll(12) == 0 {
            vec![format!("{}Rule", parts[0])]
        } else {
            Vec::new()
        },
        dependencies: if dice.roll(4) == 0 {
            vec![dice.pick(NAME_WORDS).to_owned()]
        } else {
            Vec::new()
        },
        versions: (0..20)
            .map(|n| format!("{}.{n}.{}", dice.roll(9), dice.roll(9)))
            .collect(),
        n_versions: 20,
        updated: Some(NOW - dice.roll(126_000_000) as i64),
        kubernetes: if dice.roll(2) == 0 {
            u64::MAX
        } else {
            u64::MAX << (20 + dice.roll(12))
        },
        is_deprecated: dice.roll(12) == 0,
        is_signed: dice.roll(9) == 0,
        has_schema: dice.roll(14) == 0,
        name,
        ..Document::default()
    }
}

fn changes(index: &Index, dice: &mut Dice, words: &[String]) {
    let mut times = Vec::new();
    let mut changed = index.clone();
    for _ in 0..200 {
        let change = Change::Put(Box::new(document(dice.roll(N_CHARTS) as i64, dice, words)));
        let start = cpu();
        changed = changed.with([change]);
        times.push(cpu() - start);
    }
    tell("one chart changed", &mut times);
    println!(
        "{:<28} {} segments after 200 changes",
        "",
        changed.stats().n_segments
    );
}

fn queries(index: &Index, dice: &mut Dice, names: &[String], words: &[String]) {
    let name = |dice: &mut Dice| names[dice.roll(names.len())].clone();
    type Make<'m> = &'m dyn Fn(&mut Dice) -> String;
    let kinds: [(&str, Make<'_>); 11] = [
        ("everything", &|_| String::new()),
        ("a name", &name),
        ("a name with a typo", &|dice| typo(&name(dice), dice)),
        ("a beginning", &|dice| name(dice).chars().take(4).collect()),
        ("one frequent word", &|dice| dice.pick(NAME_WORDS).to_owned()),
        ("three frequent words", &|dice| {
            format!(
                "{} {} {}",
                dice.pick(NAME_WORDS),
                dice.pick(NAME_WORDS),
                dice.pick(KEYS)
            )
        }),
        ("a purpose", &|dice| {
            dice.pick(&[
                "message queue",
                "object storage",
                "secret management",
                "monitoring",
                "sso",
            ])
            .to_owned()
        }),
        ("a word that nobody has", &|dice| {
            format!("{}{}", dice.word(), dice.word())
        }),
        ("words of a README", &|dice| {
            format!(
                "{} {}",
                words[dice.roll_low(words.len())],
                words[dice.roll_low(words.len())]
            )
        }),
        ("filters", &|dice| {
            format!(
                "{} repo:repository-{} -deprecated key:auth",
                dice.pick(NAME_WORDS),
                dice.roll(9)
            )
        }),
        ("twelve words", &|dice| {
            (0..12).map(|_| dice.word() + " ").collect()
        }),
    ];
    let mut all = Vec::new();
    for (kind, make) in kinds {
        let mut times = Vec::new();
        for _ in 0..N_QUERIES {
            let text = make(dice);
            let start = cpu();
            black_box(index.search(&request(&text)));
            times.push(cpu() - start);
        }
        // An attack is not what people ask.
        if kind != "twelve words" {
            all.extend_from_slice(&times);
        }
        tell(kind, &mut times);
    }
    tell("all of them", &mut all);
    let mut times = Vec::new();
    for _ in 0..N_QUERIES {
        let text: String = name(dice).chars().take(5).collect();
        let start = cpu();
        black_box(index.suggest(&text, Visible::All, 8, NOW));
        times.push(cpu() - start);
    }
    tell("suggestions", &mut times);
}

/// What the process holds after many searches by more and more threads, of which two work at a time.
///
/// A server that gives every request a thread of its own has as many as there are requests at once; what each of them
/// keeps is the difference between the lines.
fn threads(index: &Index, dice: &mut Dice, names: &[String]) {
    for n_threads in [1, 2, 4, 8, 16, 32] {
        let turns = (Mutex::new(N_TURNS), Condvar::new());
        let done = Barrier::new(n_threads + 1);
        std::thread::scope(|scope| {
            for _ in 0..n_threads {
                let mut dice = Dice(dice.roll(usize::MAX) as u64);
                let (turns, done) = (&turns, &done);
                scope.spawn(move || {
                    for _ in 0..N_QUERIES {
                        let name = &names[dice.roll(names.len())];
                        let text = match dice.roll(3) {
                            0 => name.clone(),
                            1 => typo(name, &mut dice),
                            _ => format!("{} {}", dice.pick(NAME_WORDS), dice.pick(KEYS)),
                        };
                        let (left, freed) = turns;
                        let mut left_now = left.lock().expect("nobody panicked");
                        while *left_now == 0 {
                            left_now = freed.wait(left_now).expect("nobody panicked");
                        }
                        *left_now -= 1;
                        drop(left_now);
                        black_box(index.search(&request(&text)));
                        *left.lock().expect("nobody panicked") += 1;
                        freed.notify_one();
                    }
                    // They stay, as threads of a pool do.
                    done.wait();
                    done.wait();
                });
            }
            done.wait();
            println!(
                "{:<28} {:>9.1} MiB of the process",
                format!("{n_threads} threads have searched"),
                resident_kib() as f64 / 1_024.0
            );
            done.wait();
        });
        println!(
            "{:<28} {:>9.1} MiB of the process",
            "  and are gone",
            resident_kib() as f64 / 1_024.0
        );
    }
}

fn request(text: &str) -> Request<'_> {
    Request {
        text,
        filters: Filters::default(),
        order: Order::Relevance,
        part_size: 20,
        now: NOW,
        facet_size: 30,
        kubernetes: (25..37).collect(),
        ..Request::default()
    }
}

/// How many names are among the first three hits when they are mistyped once.
fn recall(index: &Index, dice: &mut Dice, names: &[String]) {
    let (mut n, mut n_found) = (0, 0);
    let (mut n_exact, mut n_first) = (0, 0);
    while n < 1_000 {
        let at = dice.roll(names.len());
        let name = &names[at];
        let text = typo(name, dice);
        if name.len() < 4 || names.contains(&text) {
            continue;
        }
        let hit = |text: &str, n: usize| {
            let answer = index.search(&Request {
                part_size: n,
                ..request(text)
            });
            answer.hits.iter().any(|hit| hit.position.name == *name)
        };
        // Deprecated ones are not shown.
        let is_shown = index
            .search(&Request {
                part_size: 1,
                ..request(name)
            })
            .hits;
        if is_shown.first().is_none_or(|hit| hit.position.name != *name) && !hit(name, 1_000) {
            continue;
        }
        n += 1;
        n_found += usize::from(hit(&text, 3));
        n_exact += 1;
        n_first += usize::from(hit(name, 1));
    }
    println!("{:<28} {n_first} of {n_exact}", "exact names come first");
    println!("{:<28} {n_found} of {n}", "one edit, first three");
}

fn typo(name: &str, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    let at = dice.roll(letters.len());
    match dice.roll(4) {
        0 => {
            letters.remove(at);
        }
        1 if at + 1 < letters.len() => letters.swap(at, at + 1),
        2 => letters.insert(at, char::from(b'a' + dice.roll(26) as u8)),
        _ => letters[at] = char::from(b'a' + dice.roll(26) as u8),
    }
    letters.into_iter().collect()
}

fn tell(what: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    let mean = times.iter().sum::<Duration>().as_secs_f64() * 1e3 / times.len() as f64;
    println!(
        "{what:<28} p50 {:7.3} ms  p95 {:7.3} ms  p99 {:7.3} ms  mean {mean:7.3} ms",
        at(0.5),
        at(0.95),
        at(0.99)
    );
}

/// Time that this thread was given.
fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    let nanoseconds = text.split_whitespace().next().and_then(|text| text.parse().ok());
    Duration::from_nanos(nanoseconds.expect("a number"))
}

/// What the process holds, in KiB; 0 where the system does not say.
fn resident_kib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or_default()
}
