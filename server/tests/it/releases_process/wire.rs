//! The addresses of operations as programs and browsers meet them.

use std::io::{BufRead as _, Read as _};

use http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use serde_json::{Value, json};

use super::{Client, House, Namespace, begun, change, sign_in, token};
use crate::process::{open, send};
use crate::site::{Answer, Sent};

/// An installation that waits for what never comes.
fn endless() -> Value {
    let mut request = change("install", "waiting");
    request["values"] = json!("nodeSelector:\n  no-node: has-this\n");
    request["options"] = json!({ "wait": true, "timeout_secs": 600 });
    request
}

/// The numbers of server-sent events, each with its data.
fn numbered(stream: &str) -> Vec<(i64, Value)> {
    let event = |text: &str| {
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
        let number = field("id:")?.trim().parse().ok()?;
        Some((number, serde_json::from_str(field("data:")?).ok()?))
    };
    stream.split("\n\n").filter_map(event).collect()
}

/// What an answer in the shape of a problem says.
#[track_caller]
fn problem(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert_eq!(answer.header(CONTENT_TYPE), "application/problem+json");
    assert_eq!(answer.json()["status"], status);
    answer.json()
}

#[test]
fn operations_are_begun_followed_and_ended_over_the_wire() {
    let Some(namespace) = Namespace::find("wire") else {
        return;
    };
    let house = House::new(&namespace);
    let server = house.start();
    let token = token(&server, "alice");
    let client = Client::new(&server, &token, &namespace);
    let operations = client.operations("web");

    // Begun once, however often it is sent with the same word.
    let key = [("idempotency-key", "once")];
    let answer = client.post(&operations, &endless(), &key).expect("an answer");
    let id = begun(&answer);
    assert_eq!(answer.location(), format!("/api/v1/operations/{id}"));
    let again = client.post(&operations, &endless(), &key).expect("an answer");
    assert_eq!(begun(&again), id);
    let other = change("install", "other");
    let reused = client.post(&operations, &other, &key).expect("an answer");
    problem(&reused, 409);
    let busy = client.post(&operations, &other, &[]).expect("an answer");
    assert_eq!(problem(&busy, 409)["operation"], id.as_str());

    // Told as it happens, to the end.
    let events = format!("/api/v1/operations/{id}/events");
    let mut stream = open(server.port, &Sent::get(&events).by(&token)).expect("a stream");
    let mut told = String::new();
    while !told.contains("\"event\":\"waiting\"") {
        let n_bytes = stream.read_line(&mut told).expect("it goes on");
        assert!(n_bytes > 0, "the stream ended: {told}");
    }
    assert!(told.contains("text/event-stream"), "{told}");
    let canceled = client
        .post(&format!("/api/v1/operations/{id}/cancel"), &json!({}), &[])
        .expect("an answer");
    assert_eq!(canceled.status, 200, "{}", canceled.body);
    stream.read_to_string(&mut told).expect("it ends");
    let (_, told) = told.split_once("\r\n\r\n").expect("a head");
    let told = numbered(told);
    let numbers: Vec<i64> = told.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (1..).take(told.len()).collect::<Vec<_>>());
    let (_, last) = told.last().expect("there are events");
    assert_eq!(last["state"], "canceled", "{last}");
    assert_eq!(client.ended(&id)["state"], "canceled");

    // And what is not known yet to who comes back.
    let later = Sent {
        headers: &[("last-event-id", "2")],
        ..Sent::get(&events)
    };
    let later = send(server.port, &later.by(&token)).expect("it ends");
    assert_eq!(Some(numbered(&later.body).as_slice()), told.get(2..));
    let after = client.get(&format!("{events}?after=2"));
    assert_eq!(after.body, later.body);
}

#[test]
fn who_may_not_is_told_so_over_the_wire() {
    let Some(namespace) = Namespace::find("rights") else {
        return;
    };
    let house = House::new(&namespace);
    house.add("carol", &namespace.name);
    house.add("dave", "elsewhere");
    let server = house.start();
    let tokens = ["alice", "carol", "dave"].map(|name| token(&server, name));
    let [alice, carol, dave] = tokens
        .each_ref()
        .map(|token| Client::new(&server, token, &namespace));
    let id = alice.begin("web", &change("install", "hello"));
    assert_eq!(alice.ended(&id)["state"], "succeeded");
    let operation = format!("/api/v1/operations/{id}");
    let events = format!("{operation}/events");
    let operations = alice.operations("web");

    for path in [&operation, &events, &operations, &alice.release("web")] {
        let nobody = send(server.port, &Sent::get(path)).expect("an answer");
        problem(&nobody, 401);
        assert_eq!(nobody.header(WWW_AUTHENTICATE), "Bearer");
    }
    // The cluster allows her nothing.
    let refused = problem(&carol.get(&carol.release("web")), 403);
    let role = refused["role_yaml"].as_str().unwrap_or_default();
    assert!(
        role.contains("kind: Role") && role.contains("secrets"),
        "{refused}"
    );
    // What is in another namespace does not exist for him.
    for path in [&operation, &events] {
        problem(&dave.get(path), 404);
    }
    problem(&dave.get(&operations), 403);
    problem(&alice.get("/api/v1/operations/none"), 404);
}

#[test]
fn a_page_begins_what_it_shows() {
    let Some(namespace) = Namespace::find("page") else {
        return;
    };
    let house = House::new(&namespace);
    let server = house.start();
    let token = token(&server, "alice");
    let client = Client::new(&server, &token, &namespace);
    client.done("web", &change("install", "hello"));
    let cookie = sign_in(&server, "alice");
    let path = format!("/releases/test/{}/web/uninstall", namespace.name);
    let page = send(server.port, &Sent::get(&path).with(&cookie)).expect("an answer");
    assert_eq!(page.status, 200, "{}", page.body);
    let (form_token, hash) = (page.hidden("form_token"), page.hidden("hash"));
    let post = |form_token: &str, hash: &str| {
        let form = Sent::form(&path, &[("form_token", form_token), ("hash", hash)]);
        send(server.port, &form.with(&cookie)).expect("an answer")
    };
    assert_eq!(post("wrong", &hash).status, 403);
    assert_eq!(post(&form_token, &"0".repeat(64)).status, 409);
    let answer = post(&form_token, &hash);
    assert_eq!(answer.status, 303, "{}", answer.body);
    let id = answer.location().strip_prefix("/operations/").unwrap_or_default();
    assert_eq!(client.ended(id)["state"], "succeeded");
    let shown = send(server.port, &Sent::get(answer.location()).with(&cookie)).expect("an answer");
    assert_eq!(shown.status, 200);
    assert!(namespace.found("web").revisions.is_empty());
}
