//! Who signed a chart, as pages and the API say it.

use std::path::{Path, PathBuf};

use backend::ops::NewUpload;
use backend::settings::{KeyringSettings, SignaturePolicy};
use backend::{Bytes, Viewer};
use serde_json::Value;

use crate::site::{Sent, Site, block_on};

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../crates/signatures/tests/it/samples")
        .join(name)
}

/// A site with a hosted chart that has this provenance file.
async fn site(policy: SignaturePolicy, provenance: Option<&str>) -> Site {
    let change = |config: &mut server::config::Config| {
        config.signatures.keyring = "team".to_owned();
        config.signatures.policy = policy;
        config.signatures.keyrings = vec![KeyringSettings {
            name: "team".to_owned(),
            files: vec![sample("openpgp/rsa.gpg")],
            ..KeyringSettings::default()
        }];
    };
    let site = Site::with_charts(change, Vec::new()).await;
    let read = |name: &str| Bytes::from(std::fs::read(sample(name)).expect(name));
    let new = NewUpload {
        archive: Some(read("bare-0.1.0.tgz")),
        provenance: provenance.map(read),
        force: false,
    };
    let done = site.backend.hosted().upload(&Viewer::system(), "", new).await;
    done.expect("it is taken");
    site
}

async fn page(site: &Site, path: &str) -> String {
    let answer = site.send(Sent::get(path)).await;
    assert_eq!(answer.status, 200, "{path}");
    answer.body
}

#[test]
fn a_verified_chart_says_by_whom() {
    block_on(async {
        let site = site(SignaturePolicy::Refuse, Some("openpgp/rsa.prov")).await;
        let answer = page(&site, "/api/v1/charts/hosted/bare").await;
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        let signature = &answer["data"]["signature"];
        assert_eq!(signature["state"], "verified");
        assert_eq!(signature["by"][0], "Rosa RSA <rsa@example.com>");
        assert_eq!(signature["policy"], "refuse");
        assert_eq!(signature["keyring"], "team");
        let fingerprint = signature["fingerprint"].as_str().expect("it has one");

        let shown = page(&site, "/charts/hosted/bare").await;
        assert!(shown.contains("Rosa RSA &lt;rsa@example.com&gt;"));
        assert!(shown.contains(fingerprint));
        assert!(shown.contains("Signed by a key that this site trusts"));
        let install = page(&site, "/charts/hosted/bare/install").await;
        assert!(!install.contains("only if they are verified"));
    });
}

#[test]
fn one_that_is_not_says_why_and_whoever_installs_it_is_told() {
    block_on(async {
        let unsigned = site(SignaturePolicy::Refuse, None).await;
        let shown = page(&unsigned, "/charts/hosted/bare").await;
        assert!(shown.contains("Not verified") && shown.contains("It has no signature"));
        assert!(!shown.contains("Signed by a key that this site trusts"));
        let install = page(&unsigned, "/charts/hosted/bare/install").await;
        assert!(install.contains("The chart is not verified: it has no signature."));
        assert!(install.contains("only if they are verified"));

        let shown_only = site(SignaturePolicy::Show, None).await;
        let install = page(&shown_only, "/charts/hosted/bare/install").await;
        assert!(!install.contains("not verified"));

        let bad = site(SignaturePolicy::Show, Some("openpgp/body-other-sum.prov")).await;
        for path in ["/charts/hosted/bare", "/charts/hosted/bare/install"] {
            let shown = page(&bad, path).await;
            assert!(
                shown.contains("The chart's signature is bad: another archive was signed"),
                "{path}"
            );
        }
    });
}
