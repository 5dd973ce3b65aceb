//! The catalog as crawlers, feed readers and other programs read it.

mod caching;
mod charts;
mod chartsvc;
mod crawlers;
mod embed;
mod feeds;
mod helm;
mod mirror;
mod moved;
mod signed;
mod whole_site;

use ::helm::archive::{Modified, pack};
use backend::Bytes;
use server::config::Config;

use crate::site::Site;

/// A description that would leave every element it stands in, if it could.
pub(crate) const HOSTILE: &str = "</script><script>alert(1)</script> & <b>\\\"";

/// An archive of a chart; `more` are lines of its metadata.
pub(crate) fn chart(name: &str, version: &str, more: &str) -> (String, Bytes) {
    let metadata = format!("apiVersion: v2\nname: {name}\nversion: {version}\n{more}");
    let readme = format!("# {name}\n\nRead me.\n");
    let template = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n";
    let files: [(&str, &[u8]); 4] = [
        ("Chart.yaml", metadata.as_bytes()),
        ("README.md", readme.as_bytes()),
        ("values.yaml", b"replicas: 1\n"),
        ("templates/map.yaml", template.as_bytes()),
    ];
    let archive = pack(name, files, Modified::default()).expect("it packs");
    (format!("{name}-{version}.tgz"), Bytes::from(archive))
}

/// A site with three charts, one of them in two versions and one hostile.
pub(crate) async fn site(change: impl FnOnce(&mut Config)) -> Site {
    Site::with_charts(change, charts()).await
}

/// The charts of [`site`].
pub(crate) fn charts() -> Vec<(String, Bytes)> {
    let hostile = format!("description: \"{HOSTILE}\"\nkeywords: [\"</script>\"]\n");
    let web = "description: Serves pages.\nappVersion: \"7\"\nhome: https://web.example.com\nkeywords: [http]\n\
               maintainers:\n- name: Ada\n  email: ada@example.com\nannotations:\n  artifacthub.io/license: MIT\n";
    vec![
        chart("web", "1.0.0", web),
        chart("web", "1.1.0", web),
        chart("Db", "2.0.0", "description: Keeps data.\n"),
        chart("hostile", "0.1.0", &hostile),
    ]
}
