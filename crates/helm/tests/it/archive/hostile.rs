//! Archives made to harm: each test names the attack.

use super::build::{Header, Tar, gzip};
use super::{read, refusal};
use helm::archive::{ArchiveError, ArchiveLimits, ArchiveReader, ChartFiles, Modified, NestedArchives, pack};
use helm::chart::Chart;

const MIB: usize = 1024 * 1024;

#[test]
fn gzip_bomb_stops_at_the_limit() {
    // 1000:1. The reader must stop while the bomb is still going off.
    let zeros = vec![0u8; 4 * MIB];
    let mut tar = Tar::chart();
    for index in 0..40 {
        tar = tar.file(format!("demo/{index}"), &zeros);
    }
    let bomb = tar.tgz();
    assert!(bomb.len() < 2 * MIB);
    assert_eq!(
        refusal(&bomb),
        "archive is 104857600 bytes or larger when unpacked"
    );
}

#[test]
fn bomb_in_skipped_entries_stops_too() {
    // Directories with data are skipped: their bytes must count nevertheless.
    let mut tar = Tar::chart();
    let zeros = vec![0u8; 16 * MIB];
    for index in 0..12 {
        let directory = Header {
            mode: b"0040755\0",
            ..Header::new(format!("demo/{index}"), b'0', zeros.len() as u64)
        };
        tar = tar.entry(&directory, &zeros);
    }
    assert_eq!(
        refusal(&tar.tgz()),
        "archive is 104857600 bytes or larger when unpacked"
    );
}

#[test]
fn bomb_behind_the_end_is_not_unpacked() {
    let tgz = gzip(&[Tar::chart().raw(&[0; 1024]).into_bytes(), vec![0; 150 * MIB]].concat());
    assert_eq!(read(&tgz).expect("a chart").files.len(), 1);
}

#[test]
fn files_that_reach_the_total_are_refused_as_helm_does() {
    let limits = ArchiveLimits {
        max_unpacked_bytes: 100,
        ..ArchiveLimits::default()
    };
    let load = |size| {
        let tgz = Tar::default().file("demo/a", &vec![b'x'; size]).tgz();
        ChartFiles::from_bytes(&tgz, &limits)
            .map(|chart| chart.unpacked_bytes)
            .map_err(|error| error.to_string())
    };
    assert_eq!(load(99), Ok(99));
    assert_eq!(
        load(100),
        Err("archive is 100 bytes or larger when unpacked".to_owned())
    );
}

#[test]
fn large_file_is_refused_by_its_header() {
    let limits = ArchiveLimits {
        max_file_bytes: 5 * MIB as u64,
        ..ArchiveLimits::default()
    };
    let load = |tgz: &[u8]| ChartFiles::from_bytes(tgz, &limits).map(|chart| chart.files.len());
    let tar = Tar::chart().raw(&Header::new("demo/big", b'0', 5 * MIB as u64 + 1).block());
    assert_eq!(
        load(&tar.unended()).unwrap_err().to_string(),
        "file `big` has 5242881 bytes, more than the 5242880 allowed"
    );
    let exact = Tar::chart().file("demo/big", &vec![b'x'; 5 * MIB]).tgz();
    assert_eq!(load(&exact).expect("5 MiB is allowed"), 2);
}

#[test]
fn a_file_may_be_as_large_as_a_chart() {
    let large = vec![b'x'; 60 * MIB];
    let chart = read(&Tar::chart().file("demo/big", &large).tgz()).expect("a chart");
    assert_eq!(chart.find("big").expect("the file").data, large);
    let tar = Tar::chart().raw(&Header::new("demo/big", b'0', 100 * MIB as u64 + 1).block());
    let want = "archive is 104857600 bytes or larger when unpacked";
    assert_eq!(refusal(&tar.unended()), want);
}

#[test]
fn yaml_that_would_fill_the_memory_is_refused() {
    // Lists of numbers, say, take a hundred times as much memory as their text; comments make the test quick.
    let values = [b"a: 1\n#".as_slice(), &b"x".repeat(9 * MIB)].concat();
    let tar = |values: &[u8]| {
        Tar::chart()
            .file("demo/values.yaml", &values[..values.len() / 8])
            .file(
                "demo/charts/sub/Chart.yaml",
                b"apiVersion: v2\nname: sub\nversion: 1.0.0\n",
            )
            .file("demo/charts/sub/values.yaml", values)
            .file(
                "demo/charts/sub2/Chart.yaml",
                b"apiVersion: v2\nname: sub2\nversion: 1.0.0\n",
            )
            .file("demo/charts/sub2/values.yaml", values)
            .tgz()
    };
    let error = Chart::from_archive(&tar(&values)).unwrap_err().to_string();
    let limit = "Chart.yaml, values.yaml and the like of all charts together are larger than 16777216 bytes";
    assert_eq!(error, format!("error unpacking subchart sub2 in demo: {limit}"));
    let fine = Chart::from_archive(&tar(&values[..MIB])).expect("a chart");
    assert_eq!(fine.dependencies.len(), 2);
}

#[test]
fn flood_of_empty_entries_is_refused() {
    let mut bytes = Vec::new();
    for index in 0..20_001 {
        bytes.extend_from_slice(&Header::new(format!("demo/{index}"), b'0', 0).block());
    }
    assert_eq!(refusal(&gzip(&bytes)), "archive has more than 20000 entries");
}

#[test]
fn flood_of_directories_and_extended_headers_is_refused() {
    let directory = Header::new("demo/d/", b'5', 0).block();
    assert_eq!(
        refusal(&gzip(&directory.repeat(20_001))),
        "archive has more than 20000 entries"
    );
    let long_name = Tar::default().gnu_long_name(b"demo/x\0").into_bytes();
    assert_eq!(
        refusal(&gzip(&long_name.repeat(20_001))),
        "archive has more than 20000 entries"
    );
}

#[test]
fn size_that_is_too_long_ends_early() {
    let tar = Tar::chart()
        .raw(&Header::new("demo/a", b'0', 4000).block())
        .raw(b"short");
    assert_eq!(
        refusal(&tar.unended()),
        "the archive ends early: a file's data is cut short"
    );
}

#[test]
fn size_that_is_too_short_is_no_header() {
    // The rest of the data would be taken for a header.
    let tar = Tar::chart()
        .raw(&Header::new("demo/a", b'0', 1).block())
        .raw(&[b'x'; 2048]);
    assert_eq!(
        refusal(&tar.tgz()),
        "the tar header at byte 2048 is not valid: its checksum is wrong"
    );
}

#[test]
fn negative_and_overflowing_sizes_are_refused() {
    let cases: [(&[u8], &str); 4] = [
        (
            b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
            "the size is negative",
        ),
        (
            b"\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
            "a number is malformed",
        ),
        (b"99999999999\0", "a number is malformed"),
        (b"-1         \0", "a number is malformed"),
    ];
    for (size, want) in cases {
        let header = Header {
            size: size.to_vec(),
            ..Header::new("demo/a", b'0', 0)
        };
        let want = format!("the tar header at byte 1024 is not valid: {want}");
        assert_eq!(refusal(&Tar::chart().entry(&header, b"").tgz()), want, "{size:?}");
    }
    let huge = Header {
        size: b"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff".to_vec(),
        ..Header::new("demo/a", b'0', 0)
    };
    let want = "archive is 104857600 bytes or larger when unpacked";
    assert_eq!(refusal(&Tar::chart().entry(&huge, b"").tgz()), want);
}

#[test]
fn pax_size_replaces_the_header_size_or_is_refused() {
    let tar = |size: &'static [u8]| Tar::chart().pax(&[("size", size)]).file("demo/a", b"");
    assert_eq!(
        refusal(&tar(b"-1").tgz()),
        "the tar header at byte 2048 is not valid: the size is negative"
    );
    assert_eq!(
        refusal(&tar(b"9223372036854775807").tgz()),
        "archive is 104857600 bytes or larger when unpacked"
    );
    let smaller = Tar::chart()
        .pax(&[("size", b"3")])
        .raw(&Header::new("demo/a", b'0', 512).block())
        .raw(&[b"abc".as_slice(), &[0; 509]].concat());
    let chart = read(&smaller.tgz()).expect("a chart");
    assert_eq!(chart.find("a").expect("the file").data.as_ref(), b"abc");
}

#[test]
fn megabyte_names_are_refused() {
    let long = [b"demo/".as_slice(), &vec![b'x'; MIB - 100]].concat();
    let want = format!(
        "an entry's path has {} bytes, more than the 1024 allowed",
        long.len()
    );
    assert_eq!(
        refusal(&Tar::chart().pax(&[("path", &long)]).file("demo/a", b"").tgz()),
        want
    );
    assert_eq!(
        refusal(&Tar::chart().gnu_long_name(&long).file("demo/a", b"").tgz()),
        want
    );

    let endless = Tar::chart().raw(&Header::new("././@LongLink", b'L', 1 << 40).block());
    assert_eq!(
        refusal(&endless.unended()),
        "the tar header at byte 1024 is not valid: an extended header is longer than 1 MiB"
    );
}

#[test]
fn sparse_files_are_refused() {
    let old = Tar::chart().entry(&Header::new("demo/a", b'S', 0), b"").tgz();
    assert_eq!(refusal(&old), "entry `a` is a sparse file");
    let pax = Tar::chart().pax(&[
        ("GNU.sparse.major", b"1"),
        ("GNU.sparse.minor", b"0"),
        ("GNU.sparse.name", b"demo/Chart.yaml"),
        ("GNU.sparse.realsize", b"4194304"),
    ]);
    assert_eq!(
        refusal(&pax.file("demo/a", b"0\n").tgz()),
        "entry `a` is a sparse file"
    );
}

#[test]
fn paths_out_of_the_chart_are_refused() {
    let cases = [
        (
            "demo/../../etc/passwd",
            "entry `demo/../../etc/passwd` leaves the chart directory",
        ),
        ("../demo/x", "entry `../demo/x` "),
        ("demo//etc/passwd", "entry `demo//etc/passwd` is an absolute path"),
        (
            "demo\\..\\..\\x",
            "entry `demo\\..\\..\\x` leaves the chart directory",
        ),
        ("demo/C:/windows", "entry `demo/C:/windows` names a drive"),
        ("demo\\C:\\windows", "entry `demo\\C:\\windows` names a drive"),
        (
            "Chart.yaml",
            "entry `Chart.yaml` lies outside the chart directory",
        ),
        ("Chart.yaml/a", "`Chart.yaml` is not inside a chart directory"),
    ];
    for (name, want) in cases {
        if name.starts_with("..") {
            // The top directory is ignored whatever it is called, so this is `demo/x` below `..`: harmless.
            assert_eq!(
                super::paths(&Tar::chart().file(name, b"").tgz()),
                ["Chart.yaml", "demo/x"]
            );
        } else {
            assert_eq!(refusal(&Tar::chart().file(name, b"").tgz()), want);
        }
        // The same name hidden in an extended header.
        if !name.starts_with("..") {
            let pax = Tar::chart()
                .pax(&[("path", name.as_bytes())])
                .file("demo/innocent", b"");
            assert_eq!(refusal(&pax.tgz()), want);
            let gnu = Tar::chart()
                .gnu_long_name(name.as_bytes())
                .file("demo/innocent", b"");
            assert_eq!(refusal(&gnu.tgz()), want);
        }
    }
}

#[test]
fn nul_in_a_name_is_refused_or_ends_it() {
    let pax = Tar::chart()
        .pax(&[("path", b"demo/a\0/../../x")])
        .file("demo/b", b"");
    assert_eq!(
        refusal(&pax.tgz()),
        "the tar header at byte 1024 is not valid: an extended record is malformed"
    );
    let header = Tar::chart().file(b"demo/a\0b", b"x").tgz();
    assert_eq!(super::paths(&header), ["Chart.yaml", "a"]);
}

#[test]
fn link_with_data_is_refused() {
    let link = Tar::chart().entry(
        &Header {
            link: b"/etc/passwd",
            ..Header::new("demo/a", b'2', 7)
        },
        b"",
    );
    assert_eq!(
        refusal(&link.tgz()),
        "entry `a` is a link or a device and yet claims 7 bytes of data"
    );
}

#[test]
fn lone_zero_block_hides_nothing() {
    let tar = Tar::chart().raw(&[0; 512]).file("demo/hidden", b"");
    assert_eq!(
        refusal(&tar.tgz()),
        "the tar header at byte 1536 is not valid: a lone zero block is followed by data"
    );
}

#[test]
fn truncation_at_every_byte_is_an_error() {
    let tgz = pack(
        "demo",
        [("Chart.yaml", b"name: demo".as_slice()), ("values.yaml", b"a: 1")],
        Modified::default(),
    )
    .expect("packs");
    let mut n_complete = 0;
    for length in 0..tgz.len() {
        match read(&tgz[..length]) {
            // The end blocks were seen; as in Go, the gzip trailer behind them is not asked for.
            Ok(chart) => {
                assert_eq!(chart.files.len(), 2);
                n_complete += 1;
            }
            Err(error) => assert!(
                matches!(error, ArchiveError::NotGzip | ArchiveError::Truncated { .. }),
                "at {length}: {error}"
            ),
        }
    }
    assert!(
        n_complete <= 9,
        "{n_complete} prefixes were taken for whole archives"
    );
}

#[test]
fn things_that_are_no_archive_are_refused() {
    assert_eq!(refusal(b""), "not a gzip-compressed archive");
    assert_eq!(refusal(b"<!DOCTYPE html><html>"), "not a gzip-compressed archive");
    assert_eq!(refusal(&gzip(b"")), "archive holds no files");
    assert_eq!(
        refusal(&gzip(b"apiVersion: v1")),
        "the archive ends early: a tar header is cut short"
    );
    assert_eq!(refusal(&Tar::default().tgz()), "archive holds no files");
    let only_a_directory = Tar::default().entry(&Header::new("demo/", b'5', 0), b"");
    assert_eq!(refusal(&only_a_directory.tgz()), "archive holds no files");
    let noise = gzip(&[b'x'; 2048]);
    assert_eq!(
        refusal(&noise),
        "the tar header at byte 0 is not valid: its checksum is wrong"
    );
}

#[test]
fn damaged_checksum_is_found_where_go_finds_it() {
    // Without end blocks the reader goes on to the gzip trailer.
    let mut tgz = Tar::chart().unended();
    let at = tgz.len() - 8;
    tgz[at] ^= 1;
    assert!(
        refusal(&tgz).ends_with("the data does not match its checksum"),
        "{}",
        refusal(&tgz)
    );
}

#[test]
fn endless_body_is_cut_off() {
    let limits = ArchiveLimits {
        max_compressed_bytes: 1000,
        ..ArchiveLimits::default()
    };
    let mut reader = ArchiveReader::new(limits);
    reader.push(&Tar::chart().tgz()).expect("a small chart");
    let error = (0..100)
        .find_map(|_| reader.push(&[0; 100]).err())
        .expect("cut off");
    assert_eq!(error.to_string(), "archive is larger than 1000 bytes");
}

#[test]
fn archives_nested_fifty_deep_are_refused() {
    let mut tgz = Tar::chart().tgz();
    for _ in 0..50 {
        tgz = Tar::chart().file("demo/charts/inner.tgz", &tgz).tgz();
    }
    let mut nested = NestedArchives::new(ArchiveLimits::default());
    let mut depth = 0;
    let error = loop {
        match nested.read(depth, "charts/inner.tgz", &tgz) {
            Ok(chart) => tgz = chart.find("charts/inner.tgz").expect("one more").data.to_vec(),
            Err(error) => break error,
        }
        depth += 1;
    };
    assert_eq!(
        error.to_string(),
        "archive `charts/inner.tgz` is nested more than 16 levels deep"
    );
}

#[test]
fn nested_archives_share_one_budget() {
    // Every one of them is within the limits of a chart; together they are not.
    let bomb = Tar::chart().file("demo/zeros", &vec![0; 5 * MIB]).tgz();
    let limits = ArchiveLimits {
        max_total_bytes: 12 * MIB as u64,
        ..ArchiveLimits::default()
    };
    let mut nested = NestedArchives::new(limits);
    nested.read(1, "charts/a.tgz", &bomb).expect("the first");
    nested.read(1, "charts/b.tgz", &bomb).expect("the second");
    let error = nested.read(1, "charts/c.tgz", &bomb).expect_err("the third");
    assert_eq!(
        error.to_string(),
        "nested archives are 12582912 bytes or larger when unpacked"
    );
}
