//! Archives that are not as they should be and load all the same, as in Helm.

use super::build::{Header, Tar, gzip};
use super::{oddities, paths, read};

#[test]
fn well_made_chart_is_not_odd() {
    assert_eq!(oddities(&Tar::chart().tgz()), Vec::<String>::new());
}

#[test]
fn top_directory_does_not_matter() {
    for top in ["demo", "other", ".", "a b", ""] {
        let chart = read(
            &Tar::default()
                .file(format!("{top}/Chart.yaml"), b"name: demo")
                .tgz(),
        )
        .expect("loads");
        assert_eq!(
            (chart.files[0].path.as_str(), chart.top_directory.as_str()),
            ("Chart.yaml", top)
        );
    }
    let two = Tar::chart()
        .file("else/values.yaml", b"")
        .file("more/x", b"")
        .tgz();
    assert_eq!(paths(&two), ["Chart.yaml", "values.yaml", "x"]);
    assert_eq!(oddities(&two), ["files lie below both `demo` and `else`"]);
}

#[test]
fn backslashes_separate() {
    let tgz = Tar::default()
        .file("demo\\Chart.yaml", b"")
        .file("demo\\templates\\a.yaml", b"")
        .tgz();
    assert_eq!(paths(&tgz), ["Chart.yaml", "templates/a.yaml"]);
    assert_eq!(
        oddities(&tgz)[1],
        "`templates/a.yaml` is written with backslashes"
    );
}

#[test]
fn duplicates_are_kept_in_order_and_reported() {
    let tgz = Tar::chart()
        .file("demo/Chart.yaml", b"name: evil")
        .file("demo/./a", b"1")
        .file("demo/a", b"2")
        .tgz();
    let chart = read(&tgz).expect("loads");
    assert_eq!(chart.files.len(), 4);
    assert_eq!(
        chart.find("Chart.yaml").expect("the last").data.as_ref(),
        b"name: evil"
    );
    assert_eq!(
        oddities(&tgz),
        [
            "`a` has needless segments",
            "`Chart.yaml` occurs more than once",
            "`a` occurs more than once"
        ]
    );
    assert!(chart.oddities.any_suspicious());
}

#[test]
fn twins_are_reported() {
    let tgz = Tar::chart()
        .file("demo/README.md", b"")
        .file("demo/readme.md", b"")
        .file("demo/caf\u{e9}", b"")
        .file("demo/cafe\u{301}", b"")
        .tgz();
    assert_eq!(
        oddities(&tgz),
        [
            "`README.md` and `readme.md` differ in case only",
            "`caf\u{e9}` and `cafe\u{301}` look the same and are not"
        ]
    );
}

#[test]
fn links_and_devices_are_empty_files() {
    let tgz = Tar::chart()
        .link("demo/values.yaml", b'2', b"/etc/shadow")
        .link("demo/hard", b'1', b"demo/Chart.yaml")
        .link("demo/null", b'3', b"")
        .link("demo/sda", b'4', b"")
        .link("demo/pipe", b'6', b"")
        .tgz();
    let chart = read(&tgz).expect("loads");
    assert!(chart.files.iter().skip(1).all(|file| file.data.is_empty()));
    assert_eq!(
        oddities(&tgz),
        [
            "`values.yaml` is a link to `/etc/shadow` and is read as an empty file",
            "`hard` is a link to `demo/Chart.yaml` and is read as an empty file",
            "`null` is a device and is read as an empty file",
            "`sda` is a device and is read as an empty file",
            "`pipe` is a device and is read as an empty file",
        ]
    );
}

#[test]
fn names_with_hidden_characters_are_reported_without_them() {
    let tgz = Tar::chart()
        .file("demo/a\x1b[2Jb", b"")
        .file("demo/\u{202e}lmay.x", b"")
        .file(b"demo/\xff", b"")
        .tgz();
    assert_eq!(
        oddities(&tgz),
        [
            "`a\\u{1b}[2Jb` has hidden characters in its name",
            "`\\u{202e}lmay.x` has hidden characters in its name",
            "`\u{fffd}` is not named in UTF-8",
        ]
    );
}

#[test]
fn byte_order_mark_is_removed_once() {
    let tgz = Tar::default()
        .file("demo/Chart.yaml", b"\xef\xbb\xbf\xef\xbb\xbfname: demo")
        .tgz();
    assert_eq!(
        read(&tgz).expect("loads").files[0].data.as_ref(),
        b"\xef\xbb\xbfname: demo"
    );
    assert_eq!(oddities(&tgz), ["`Chart.yaml` began with a byte order mark"]);
}

#[test]
fn long_names_of_both_kinds_are_read() {
    let long = format!("demo/templates/{}.yaml", "x".repeat(150));
    let want = ["Chart.yaml", long.strip_prefix("demo/").expect("prefix")];
    let pax = Tar::chart()
        .pax(&[("path", long.as_bytes()), ("mtime", b"1.5")])
        .file("demo/short", b"");
    let gnu = Tar::chart()
        .gnu_long_name(format!("{long}\0").as_bytes())
        .file("demo/short", b"");
    for tgz in [pax.tgz(), gnu.tgz()] {
        assert_eq!(paths(&tgz), want);
    }
}

#[test]
fn global_header_applies_to_nothing() {
    // As Go reads it: `git archive` writes one with the commit, and a hostile one could rename every file.
    let tgz = Tar::chart()
        .special(b'g', &[("path", b"demo/evil"), ("comment", b"0")])
        .file("demo/a", b"")
        .tgz();
    assert_eq!(paths(&tgz), ["Chart.yaml", "a"]);
}

#[test]
fn directories_are_skipped_however_they_are_marked() {
    let tgz = Tar::chart()
        .entry(&Header::new("demo/a/", b'5', 0), b"")
        .entry(
            &Header {
                magic: b"\0\0\0\0\0\0\0\0",
                ..Header::new("demo/b/", 0, 0)
            },
            b"",
        )
        .entry(
            &Header {
                mode: b"0040755\0",
                ..Header::new("demo/c", b'0', 0)
            },
            b"",
        )
        .entry(&Header::new("outside", b'5', 0), b"")
        .tgz();
    assert_eq!(paths(&tgz), ["Chart.yaml"]);
}

#[test]
fn end_of_the_stream_is_where_go_sees_it() {
    // Neither end blocks nor the last padding are needed.
    let unended = Tar::chart().unended();
    assert_eq!(paths(&unended), ["Chart.yaml"]);
    assert_eq!(
        oddities(&unended),
        ["the archive lacks the blocks that end a tar file"]
    );
    let bytes = Tar::chart().into_bytes();
    assert_eq!(paths(&gzip(&bytes[..600])), ["Chart.yaml"]);
    // Behind the end anything may follow.
    let garbage = [Tar::chart().tgz(), b"garbage".to_vec()].concat();
    assert_eq!(paths(&garbage), ["Chart.yaml"]);
    // Before the end, garbage between members is an error.
    let broken = [Tar::chart().unended(), b"garbage".to_vec()].concat();
    assert!(
        super::refusal(&broken).ends_with("invalid member header"),
        "{}",
        super::refusal(&broken)
    );
}

#[test]
fn several_gzip_members_are_one_stream() {
    let bytes = Tar::chart().raw(&[0; 1024]).into_bytes();
    let (one, two) = bytes.split_at(700);
    let tgz = [gzip(one), gzip(two)].concat();
    assert_eq!(paths(&tgz), ["Chart.yaml"]);
    assert_eq!(oddities(&tgz), ["the archive is made of 2 gzip streams"]);
}

#[test]
fn gzip_header_may_have_every_part() {
    use std::io::Write as _;
    let builder = flate2::GzBuilder::new()
        .filename("demo.tgz")
        .comment("Helm")
        .extra(vec![1, 2, 3]);
    let mut encoder = builder.write(Vec::new(), flate2::Compression::fast());
    encoder
        .write_all(&Tar::chart().raw(&[0; 1024]).into_bytes())
        .expect("memory");
    assert_eq!(paths(&encoder.finish().expect("memory")), ["Chart.yaml"]);
}

#[test]
fn a_million_oddities_are_counted_not_kept() {
    let mut tar = Tar::chart();
    for _ in 0..500 {
        tar = tar.link("demo/x", b'2', b"y");
    }
    let chart = read(&tar.tgz()).expect("loads");
    assert_eq!(
        (chart.oddities.iter().count(), chart.oddities.n_dropped()),
        (100, 899)
    );
}
