//! What another version of a chart means for values that somebody wrote.

use backend::{Bytes, Error, Viewer};
use model::install::{MergeRequest, MergeView};
use model::operation::ChartReference;

use crate::support::block_on;
use crate::support::upstream::Chart;
use crate::support::world::World;

const OLD: &str = "serviceType: ClusterIP\nreplicas: 1\ndebug: false\nport: 80\n";
const NEW: &str = "service:\n  type: ClusterIP\nreplicas: 2\nport: [80]\n";
const VALUES: &str = "# ours\nserviceType: NodePort # swordfish\nreplicas: 3\ndebug: true\nport: 8080\n";

async fn world() -> World {
    let charts = [("1.0.0", OLD), ("2.0.0", NEW)].map(|(version, values)| {
        let chart = Chart::new("web", version).with_file("values.yaml", values);
        (chart.file_name(), Bytes::from(chart.archive()))
    });
    World::with(|settings| settings.samples = Some(charts.to_vec())).await
}

fn reference(version: &str) -> ChartReference {
    ChartReference {
        repository: "samples".to_owned(),
        name: "web".to_owned(),
        version: Some(version.to_owned()),
    }
}

fn request() -> MergeRequest {
    MergeRequest {
        installed: reference("1.0.0"),
        chart: reference("2.0.0"),
        values: VALUES.to_owned(),
        kept: Vec::new(),
        makes_certain: true,
        choice: None,
    }
}

async fn merge(world: &World, request: &MergeRequest) -> Result<MergeView, Error> {
    world
        .backend
        .previews()
        .merge(&Viewer::anonymous(), request)
        .await
}

fn told(view: &MergeView) -> Vec<(&str, bool, Option<u32>)> {
    let findings = view.findings.iter();
    findings
        .map(|finding| (finding.path.as_str(), finding.is_conflict, finding.line))
        .collect()
}

#[test]
fn what_is_certain_is_done_and_the_rest_is_decided() {
    block_on(async {
        let world = world().await;
        let view = merge(&world, &request()).await.expect("it merges");
        assert_eq!(view.made, ["`serviceType` is `service.type` now."]);
        assert!(
            view.values.contains("  # ours\n  type: NodePort # swordfish\n"),
            "{}",
            view.values
        );
        assert!(!view.values.contains("serviceType"), "{}", view.values);
        let line = |text: &str| {
            let at = view.values.lines().position(|line| line == text);
            at.and_then(|at| u32::try_from(at + 1).ok())
        };
        let open = [
            ("debug", true, line("debug: true")),
            ("port", true, line("port: 8080")),
        ];
        assert_eq!(told(&view)[..2], open, "conflicts come first");
        assert!(told(&view)[2..].iter().all(|(_, is_conflict, _)| !is_conflict));
        let sentences: String = view
            .findings
            .iter()
            .map(|finding| finding.sentence.as_str())
            .collect();
        assert!(
            !sentences.contains("swordfish") && !sentences.contains("8080"),
            "{sentences}"
        );

        let again = MergeRequest {
            values: view.values,
            makes_certain: false,
            choice: Some(("debug".to_owned(), 0)),
            ..request()
        };
        let view = merge(&world, &again).await.expect("it merges");
        assert!(view.made.is_empty() && !view.values.contains("debug"), "{view:?}");
        let port = view.findings.iter().find(|finding| finding.path == "port");
        let keep = port.and_then(|port| port.choices.iter().position(|label| label == "Keep it"));
        let again = MergeRequest {
            values: view.values.clone(),
            choice: Some(("port".to_owned(), keep.expect("it can be kept"))),
            ..again
        };
        let kept = merge(&world, &again).await.expect("it merges");
        assert_eq!(kept.kept, ["port"]);
        assert_eq!(kept.values, view.values);
        assert!(
            kept.findings.iter().all(|finding| !finding.is_conflict),
            "{kept:?}"
        );
    });
}

#[test]
fn what_cannot_be_compared_says_why() {
    block_on(async {
        let world = world().await;
        let values = |values: String| MergeRequest { values, ..request() };
        for wrong in ["a: [".to_owned(), "#".repeat(2 << 20)] {
            let refused = merge(&world, &values(wrong)).await;
            assert!(
                matches!(refused, Err(Error::Invalid { field: "values", .. })),
                "{refused:?}"
            );
        }
        let gone = MergeRequest {
            installed: reference("0.9.0"),
            ..request()
        };
        assert!(matches!(merge(&world, &gone).await, Err(Error::NotFound { .. })));
        let nothing = MergeRequest {
            choice: Some(("nowhere".to_owned(), 99)),
            ..request()
        };
        assert!(merge(&world, &nothing).await.is_ok());
    });
}
