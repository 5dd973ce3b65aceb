//! `/v1/releases` as a client of Monocular 0.7 meets it.

use http::Method;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::process::send;
use crate::releases_process::{House, Namespace, token};
use crate::site::{Answer, Sent, Site, block_on};

/// What an error says in Monocular's shape.
#[track_caller]
fn failure(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert_eq!(answer.header(CONTENT_TYPE), "application/json");
    let body = answer.json();
    assert_eq!(body["code"], status);
    assert_eq!(body.as_object().map(serde_json::Map::len), Some(2), "{body}");
    body["message"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn without_a_cluster_it_is_not_enabled() {
    block_on(async {
        let site = Site::new().await;
        let wanted = json!({ "chartId": "a/b", "chartVersion": "1.0.0" });
        let address = "/v1/releases/web";
        for sent in [
            Sent::get("/v1/releases"),
            Sent::get(address),
            Sent::json(Method::POST, "/v1/releases", &wanted),
            Sent::json(Method::DELETE, address, &wanted),
        ] {
            let own = Sent {
                origin: Some("http://localhost:8080"),
                ..sent
            };
            assert_eq!(failure(&site.send(own).await, 403), "feature not enabled");
        }
    });
}

#[test]
fn an_old_client_installs_looks_and_deletes() {
    let Some(namespace) = Namespace::find("monocular") else {
        return;
    };
    let house = House::new(&namespace);
    let server = house.start();
    let token = token(&server, "alice");
    let send = |sent: Sent<'_>| send(server.port, &sent.by(&token)).expect("an answer");
    let post = |body: &Value| send(Sent::json(Method::POST, "/v1/releases", body));
    let list = format!("/v1/releases?namespace={}", namespace.name);
    let one = format!("/v1/releases/web?namespace={}", namespace.name);

    let nobody = crate::process::send(server.port, &Sent::get(&list)).expect("an answer");
    failure(&nobody, 401);
    assert_eq!(send(Sent::get(&list)).json(), json!({ "data": null }));
    failure(&send(Sent::get(&one)), 404);
    let wanted = |chart: &str, dry_run: bool| {
        json!({
            "chartId": chart,
            "chartVersion": "",
            "releaseName": "web",
            "namespace": namespace.name,
            "dryRun": dry_run,
        })
    };
    assert_eq!(
        failure(&post(&wanted("samples/nothing", false)), 404),
        "404 chart not found"
    );
    failure(&post(&wanted("nothing", false)), 400);
    failure(&post(&json!({ "chartId": 1 })), 400);
    let elsewhere = json!({ "chartId": "samples/hello-web", "chartVersion": "", "namespace": "kube-system" });
    failure(&post(&elsewhere), 403);

    let simulated = post(&wanted("samples/hello-web", true));
    assert_eq!(simulated.status, 200, "{}", simulated.body);
    assert_eq!(
        simulated.json()["data"]["attributes"]["status"],
        "PENDING_INSTALL"
    );
    assert_eq!(namespace.found("web").revisions, [], "nothing was done");

    let created = post(&wanted("samples/hello-web", false));
    assert_eq!(created.status, 201, "{}", created.body);
    let data = &created.json()["data"];
    assert_eq!((&data["type"], &data["id"]), (&json!("release"), &json!("web")));
    let attributes = &data["attributes"];
    assert_eq!(attributes["status"], "DEPLOYED");
    assert_eq!(attributes["chartName"], "hello-web");
    assert_eq!(attributes["namespace"], namespace.name.as_str());
    let message = failure(&post(&wanted("samples/hello-web", false)), 409);
    assert!(message.contains("cannot reuse a name"), "{message}");

    let listed = send(Sent::get(&list)).json();
    assert_eq!(listed["data"][0]["id"], "web");
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(1));
    let shown = send(Sent::get(&one)).json();
    let attributes = &shown["data"]["attributes"];
    let resources = attributes["resources"].as_str().unwrap_or_default();
    assert!(resources.contains("==> v1/Deployment\n"), "{resources}");
    assert!(
        attributes["notes"]
            .as_str()
            .is_some_and(|notes| !notes.is_empty()),
        "{shown}"
    );

    let delete = || Sent {
        method: Method::DELETE,
        ..Sent::get(&one)
    };
    let deleted = send(delete());
    assert_eq!(deleted.status, 200, "{}", deleted.body);
    assert_eq!(deleted.json()["data"]["attributes"]["status"], "DELETED");
    assert_eq!(namespace.found("web").revisions, []);
    failure(&send(delete()), 404);
}
