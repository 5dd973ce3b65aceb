//! From an edited whole file to overrides, and back.

use helm::values::{Table, parse_values};
use values::defaults::coalesce;
use values::overrides::{extract, whole};
use values::{Document, Path};

const DEFAULTS: &str = "\
# The chart's head

## @param replicas How many
replicas: 1

image:
  # Where from
  registry: docker.example
  tag: \"1.0\" # pinned
  pullSecrets: []

args:
  - a
  - b

resources: {}
  # limits: {}
";

fn check(name: &str, edited: &str, want: &str) {
    let overrides = extract(edited, DEFAULTS).unwrap();
    assert_eq!(overrides.text(), want, "{name}");
    let defaults = parse_values(DEFAULTS.as_bytes()).unwrap();
    let edited = parse_values(edited.as_bytes()).unwrap();
    let nothing = Table::new();
    assert_eq!(
        coalesce(&defaults, overrides.values()),
        coalesce(&edited, &nothing),
        "{name}"
    );
}

#[test]
fn only_what_differs_is_an_override() {
    check("nothing", DEFAULTS, "");
    check(
        "a scalar",
        &DEFAULTS.replace("replicas: 1", "replicas: 3 # for load"),
        "replicas: 3 # for load\n",
    );
    check(
        "as typed, with the reader's own comment",
        &DEFAULTS.replace("  tag: \"1.0\" # pinned", "  # ours\n  tag: '2.0'"),
        "image:\n  # ours\n  tag: '2.0'\n",
    );
    check(
        "lists are whole",
        &DEFAULTS.replace("  - b\n", "  - c # new\n"),
        "args:\n  - a\n  - c # new\n",
    );
    check(
        "entries apart stay apart",
        &DEFAULTS
            .replace("replicas: 1", "replicas: 2")
            .replace("resources: {}", "resources:\n  limits:\n    cpu: 1"),
        "replicas: 2\n\nresources:\n  limits:\n    cpu: 1\n",
    );
    check(
        "what was deleted is null",
        &DEFAULTS.replace("  registry: docker.example\n", ""),
        "image:\n  registry: null\n",
    );
    check(
        "a new key",
        &format!("{DEFAULTS}\n# mine\nmine: {{a: 1}}\n"),
        "# mine\nmine: {a: 1}\n",
    );
    check(
        "brackets stay brackets",
        &DEFAULTS.replace("pullSecrets: []", "pullSecrets: [x]"),
        "image:\n  pullSecrets: [x]\n",
    );
}

#[test]
fn anchors_do_not_stop_it() {
    let overrides = extract("a: &x {b: 1}\nc: *x\n", "a: {b: 1}\nc: {b: 2}\n").unwrap();
    assert_eq!(overrides.text(), "c:\n  b: 1\n");
}

#[test]
fn overrides_show_in_their_places() {
    let overrides = "\
# ours
replicas: 3 # for load
image:
  tag: '2.0'
args:
    - x   # first
    # why
    - y
resources:
  limits: {cpu: 1}
mine: |
  text

  more
";
    let view = whole(overrides, DEFAULTS).unwrap();
    assert_eq!(
        view.text(),
        "\
# The chart's head

## @param replicas How many
# ours
replicas: 3 # for load

image:
  # Where from
  registry: docker.example
  tag: '2.0'
  pullSecrets: []

args:
    - x   # first
    # why
    - y

resources:
  limits: {cpu: 1}
  # limits: {}
mine: |
  text

  more
"
    );
    let again = extract(view.text(), DEFAULTS).unwrap();
    assert_eq!(again.values(), Document::parse(overrides).unwrap().values());
}

#[test]
fn null_shows_as_null_and_comes_back() {
    let view = whole("image:\n  registry: null # ours\n", DEFAULTS).unwrap();
    assert!(view.text().contains("  registry: null # ours\n"), "{view}");
    assert_eq!(
        extract(view.text(), DEFAULTS).unwrap().text(),
        "image:\n  registry: null # ours\n"
    );
}

#[test]
fn helm_coalesces_as_we_do() {
    let read = |text: &str| parse_values(text.as_bytes()).unwrap();
    let defaults = read("a: {b: 1, c: {d: 2}, e: null}\nl: [1]\nt: {x: 1}\nempty: {}\n");
    let over = read("a: {b: null, c: {d: 3}, f: 4}\nl: [2]\nt: 5\nempty: text\nnew: {n: null}\n");
    let want = read("a: {c: {d: 3}, f: 4}\nl: [2]\nt: {x: 1}\nempty: text\nnew: {n: null}\n");
    let got = coalesce(&defaults, &over);
    assert_eq!(got.get("a".as_bytes()), want.get("a".as_bytes()));
    assert_eq!(got.get("l".as_bytes()), want.get("l".as_bytes()));
    assert_eq!(
        got.get("t".as_bytes()),
        want.get("t".as_bytes()),
        "Helm keeps the table"
    );
}

#[test]
fn edited_defaults_of_charts_come_back_from_their_overrides() {
    let mut n = 0;
    for archive in crate::charts::archives().iter().step_by(4) {
        let chart = crate::charts::load(archive);
        let Some(defaults) = crate::charts::values_text(&chart) else {
            continue;
        };
        let mut edited = Document::parse(&defaults).unwrap();
        let Some((first, last)) = edited
            .values()
            .keys()
            .next()
            .zip(edited.values().keys().next_back())
        else {
            continue;
        };
        let [first, last] = [first, last].map(|key| Path::root().join(key.to_str_lossy().into_owned()));
        edited
            .set(&last, &parse_values(b"x: [edited]").unwrap()["x".as_bytes()])
            .unwrap();
        edited
            .set(
                &Path::root().join("addedByTest").join("x"),
                &parse_values(b"x: 1").unwrap()["x".as_bytes()],
            )
            .unwrap();
        if first != last {
            edited.remove(&first).unwrap();
        }
        let name = archive.display();
        let overrides = extract(edited.text(), &defaults).unwrap_or_else(|error| panic!("{name}: {error}"));
        let under = parse_values(defaults.as_bytes()).unwrap();
        let wanted = coalesce(edited.values(), &Table::new());
        let got = coalesce(&under, overrides.values());
        // A list over a mapping is what Helm does not do: the mapping stays.
        if !matches!(
            under.get(last.last_key().unwrap().as_bytes()),
            Some(helm::values::Tree::Table(_))
        ) {
            assert_eq!(got, wanted, "{name}");
            assert!(overrides.values().len() <= 3, "{name}: {overrides}");
            let view = whole(overrides.text(), &defaults).unwrap();
            assert_eq!(coalesce(view.values(), &Table::new()), wanted, "{name}");
        }
        n += 1;
    }
    crate::charts::say(&format!("{n} charts edited, extracted and shown again"));
}
