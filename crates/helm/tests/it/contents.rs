//! What is in a chart: roles, text and images.

use std::collections::BTreeMap;

use crate::conformance;
use helm::archive::{ArchiveLimits, ChartFiles, Modified, pack};
use helm::contents::{Contents, Role, TextLimit, images_in_annotations, images_in_values, role, text};

fn chart(paths: &[&str]) -> ChartFiles {
    let files = paths.iter().map(|path| (*path, b"x".as_slice()));
    let tgz = pack("demo", files, Modified::default()).expect("packs");
    ChartFiles::from_bytes(&tgz, &ArchiveLimits::default()).expect("loads")
}

#[test]
fn paths_have_roles() {
    let rows = [
        ("Chart.yaml", Role::Metadata),
        ("chart.yaml", Role::Other),
        ("values.yaml", Role::Values),
        ("values-production.yaml", Role::ValuesVariant),
        ("values_dev.yml", Role::ValuesVariant),
        ("values.yml", Role::ValuesVariant),
        ("values.schema.json", Role::Schema),
        ("values.json", Role::Other),
        ("README.md", Role::Readme),
        ("readme", Role::Readme),
        ("ReadMe.TXT", Role::Readme),
        ("README.png", Role::Other),
        ("docs/README.md", Role::Other),
        ("LICENSE", Role::License),
        ("Licence.md", Role::License),
        ("LICENSE-MIT", Role::License),
        ("COPYING", Role::License),
        ("CHANGELOG.md", Role::Changelog),
        ("Chart.lock", Role::Lock),
        ("requirements.lock", Role::Lock),
        ("requirements.yaml", Role::Requirements),
        ("templates/NOTES.txt", Role::Notes),
        ("templates/a/b.yaml", Role::Template),
        ("templates/_helpers.tpl", Role::Template),
        ("crds/a.yaml", Role::Crd),
        ("crds/README.md", Role::Other),
        ("charts/a.tgz", Role::Subchart),
        ("charts/a/values.yaml", Role::Subchart),
        (".helmignore", Role::Other),
        ("files/x", Role::Other),
    ];
    for (path, want) in rows {
        assert_eq!(role(path), want, "{path}");
    }
}

#[test]
fn files_are_sorted() {
    let chart = chart(&[
        "Chart.yaml",
        "README",
        "readme.md",
        "values.yaml",
        "values-x.yaml",
        "templates/a.yaml",
        "templates/NOTES.txt",
        "crds/c.yaml",
        "charts/one/Chart.yaml",
        "charts/one/values.yaml",
        "charts/two-1.0.0.tgz",
        "charts/two-1.0.0.tgz.prov",
        "charts/_three/Chart.yaml",
        "charts/README.md",
        "other",
        "requirements.lock",
    ]);
    let contents = Contents::of(&chart);
    let path =
        |file: Option<&helm::archive::ChartFile>| file.map(|file| file.path.clone()).unwrap_or_default();
    assert_eq!(path(contents.readme), "readme.md");
    assert_eq!(path(contents.lock), "requirements.lock");
    assert_eq!(path(contents.notes), "templates/NOTES.txt");
    assert_eq!(path(contents.values), "values.yaml");
    assert_eq!(
        (
            contents.values_variants.len(),
            contents.templates.len(),
            contents.crds.len(),
            contents.others.len()
        ),
        (1, 1, 1, 1)
    );
    let subcharts: Vec<(&str, &str, bool)> = contents
        .subcharts
        .iter()
        .map(|chart| (chart.name.as_str(), chart.path.as_str(), chart.is_archive))
        .collect();
    assert_eq!(
        subcharts,
        [
            ("one", "charts/one", false),
            ("two-1.0.0", "charts/two-1.0.0.tgz", true)
        ]
    );
}

#[test]
fn text_is_told_from_binary() {
    assert_eq!(text(b"plain", 100).as_deref(), Ok("plain"));
    assert_eq!(text(b"\xef\xbb\xbfmark", 100).as_deref(), Ok("mark"));
    assert_eq!(text(b"\xff\xfeh\0i\0", 100).as_deref(), Ok("hi"));
    let latin = [
        b"a long line of text with one letter of Latin-1 in it: ".as_slice(),
        b"\xfc",
    ]
    .concat();
    assert!(text(&latin, 100).is_ok_and(|text| text.ends_with('\u{fffd}')));
    assert_eq!(
        text(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 100),
        Err(TextLimit::Binary)
    );
    assert_eq!(text(b"\xff\xd8\xff\xe0abc", 100), Err(TextLimit::Binary));
    assert_eq!(text(b"longer", 5), Err(TextLimit::TooLarge { limit_bytes: 5 }));
    assert_eq!(text(b"", 5).as_deref(), Ok(""));
}

fn images(values: &str, app_version: Option<&str>) -> Vec<String> {
    images_in_values(values.as_bytes(), app_version)
        .into_iter()
        .map(|image| format!("{} = {}", image.path, image.reference))
        .collect()
}

#[test]
fn values_name_images_in_every_shape() {
    let values = r#"
image:
  registry: docker.io # where from
  repository: example/app
  pullPolicy: Always
  tag: "1.27"
metrics:
  image: {repository: 'prom/exporter', tag: }
  enabled: true
sidecars:
- name: one
  image: quay.io/x/y:v2
- image:
    repository: quay.io/x/z
    digest: sha256:0123
old:
  image: busybox
  imageTag: "1.36"
  imagePullPolicy: IfNotPresent
initImage: alpine:3.20
kubectl:
  repository: k8s.io/kubectl
  tag: v1.30
named:
  image:
    name: redis
    tag: "7"
chart:
  repository: https://charts.example.com
plain:
  repository: not-an-image
templated:
  image: "{{ .Values.x }}"
switch:
  image: true
port:
  image: registry.example.com:5000/a/b:c
again:
  image: alpine:3.20
"#;
    assert_eq!(
        images(values, Some("9.9")),
        [
            "image = docker.io/example/app:1.27",
            "metrics.image = prom/exporter:9.9",
            "sidecars[0].image = quay.io/x/y:v2",
            "sidecars[1].image = quay.io/x/z@sha256:0123",
            "old.image = busybox:1.36",
            "kubectl = k8s.io/kubectl:v1.30",
            "named.image = redis:7",
            "port.image = registry.example.com:5000/a/b:c",
            "again.image = alpine:3.20",
        ]
        .into_iter()
        .collect::<Vec<_>>()
    );
}

#[test]
fn hostile_values_name_no_more_than_they_may() {
    let many: String = (0..1000).map(|n| format!("a{n}:\n  image: x/y:{n}\n")).collect();
    assert_eq!(images_in_values(many.as_bytes(), None).len(), 200);
    assert_eq!(images(&"[".repeat(100_000), None), Vec::<String>::new());
    assert_eq!(
        images("? {image: a}\n: {image: b}\n", None),
        [".image = a", ".image = b"].map(|text| text.trim_start_matches('.').to_owned())
    );
    assert_eq!(
        images("image: &a x:1\nother: *a\nbroken: [", None),
        ["image = x:1"][..0]
    );
    assert_eq!(images("a: {image: 'x:1'}\nbroken: [", None), ["a.image = x:1"]);
}

#[test]
fn annotations_name_images() {
    let annotations = BTreeMap::from([
        (
            "images".to_owned(),
            "- name: a\n  image: docker.io/x/a:1\n- name: b\n  image: docker.io/x/b:2\n".to_owned(),
        ),
        (
            "artifacthub.io/images".to_owned(),
            "- name: b\n  image: docker.io/x/b:2\n  platforms: [linux/amd64]\n".to_owned(),
        ),
        ("other".to_owned(), "- image: no\n".to_owned()),
    ]);
    let images: Vec<String> = images_in_annotations(&annotations)
        .into_iter()
        .map(|image| format!("{} {}", image.path, image.reference))
        .collect();
    assert_eq!(
        images,
        ["artifacthub.io/images docker.io/x/b:2", "images docker.io/x/a:1"]
    );
}

/// Floors that only rise.
const MIN_WITH_README: usize = 334;
const MIN_WITH_IMAGES: usize = 328;

#[test]
fn published_charts_are_told_apart() {
    let Some(folder) = conformance::folder() else {
        return;
    };
    let (mut n_readme, mut n_images) = (0, 0);
    let mut without = Vec::new();
    for path in conformance::archives(&folder) {
        let chart =
            ChartFiles::from_bytes(&std::fs::read(&path).expect("archive"), &ArchiveLimits::default())
                .expect("loads");
        let contents = Contents::of(&chart);
        assert!(contents.metadata.is_some());
        n_readme += usize::from(
            contents
                .readme
                .is_some_and(|readme| text(&readme.data, 5 << 20).is_ok()),
        );
        let images = contents
            .values
            .map(|values| images_in_values(&values.data, Some("1")))
            .unwrap_or_default();
        if images.is_empty() {
            without.push(
                path.file_name()
                    .map(|name| name.to_string_lossy().into_owned())
                    .unwrap_or_default(),
            );
        } else {
            n_images += 1;
        }
    }
    assert!(n_readme >= MIN_WITH_README, "{n_readme} charts with a README");
    assert!(
        n_images >= MIN_WITH_IMAGES,
        "{n_images} charts with images; none: {without:?}"
    );
}
