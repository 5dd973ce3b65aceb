//! The addresses of operations as programs and browsers meet them.

use std::io::{BufRead as _, Read as _};

use http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use serde_json::{Value, json};

use super::{Client, House, Namespace, begun, change, sign_in, token};
use crate::process::{open, send};
use crate::site::{Answer, Sent};

/// An installation that waits for what never comes.
pub(super) fn endless() -> Value {
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
pub(super) fn problem(answer: &Answer, status: u16) -> Value {
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

/// The fields of a form that was filled in.
fn fields<'f>(form_token: &'f str, more: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let mut fields = vec![("form_token", form_token), ("cluster", "test"), ("name", "web")];
    fields.extend_from_slice(more);
    fields
}

#[test]
fn a_chart_is_installed_and_upgraded_with_plain_forms() {
    let Some(namespace) = Namespace::find("forms") else {
        return;
    };
    let house = House::new(&namespace);
    let server = house.start();
    let token = token(&server, "alice");
    let client = Client::new(&server, &token, &namespace);
    let cookie = sign_in(&server, "alice");
    let get = |path: &str| send(server.port, &Sent::get(path).with(&cookie)).expect("an answer");
    let post = |path: &str, fields: &[(&str, &str)]| {
        send(server.port, &Sent::form(path, fields).with(&cookie)).expect("an answer")
    };

    // The page has a good name and place, so that a second click installs.
    let path = "/charts/samples/hello-web/install";
    let page = get(path);
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("value=\"hello-web\""), "{}", page.body);
    assert!(
        page.body.contains(&format!("value=\"{}\"", namespace.name)),
        "{}",
        page.body
    );
    let form_token = page.hidden("form_token");
    let place = ("namespace", namespace.name.as_str());

    let values = "# For the team\r\npage:\r\n  greeting: good morning\r\n";
    let filled = fields(&form_token, &[place, ("values", values), ("do", "plan")]);
    let planned = post(path, &filled);
    assert_eq!(planned.status, 200, "{}", planned.body);
    assert!(
        planned.body.contains("objects will be created"),
        "{}",
        planned.body
    );
    let hash = planned.hidden("hash");
    assert_eq!(hash.len(), 64, "{hash}");

    // What was edited since is another plan, which is shown, and nothing is done.
    let edited = ("values", "page:\n  greeting: good evening\n");
    let begin = fields(&form_token, &[place, edited, ("hash", &hash), ("do", "begin")]);
    let refused = post(path, &begin);
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(refused.body.contains("good evening") && refused.hidden("hash").len() == 64);
    assert!(namespace.found("web").revisions.is_empty());

    let begin = fields(
        &form_token,
        &[place, ("values", values), ("hash", &hash), ("do", "begin")],
    );
    let begun = post(path, &begin);
    assert_eq!(begun.status, 303, "{}", begun.body);
    let id = begun.location().strip_prefix("/operations/").unwrap_or_default();
    assert_eq!(client.ended(id)["state"], "succeeded");
    assert_eq!(namespace.found("web").revisions, [(1, "deployed".to_owned())]);

    // A name is given once; the page says whose it is.
    let taken = post(path, &filled);
    assert_eq!(taken.status, 409, "{}", taken.body);
    let upgrade = format!("/releases/test/{}/web/upgrade", namespace.name);
    assert!(taken.body.contains(&upgrade), "{}", taken.body);

    // The upgrade begins with what was typed, comments and all, and needs no plan.
    let page = get(&upgrade);
    assert!(
        page.body
            .contains("# For the team\npage:\n  greeting: good morning\n</textarea>"),
        "{}",
        page.body
    );
    let version = ("version", "1.4.0");
    let values = "# For the team, again\npage:\n  greeting: good night\n";
    let begun = post(
        &upgrade,
        &fields(&form_token, &[version, ("values", values), ("do", "begin")]),
    );
    assert_eq!(begun.status, 303, "{}", begun.body);
    let id = begun.location().strip_prefix("/operations/").unwrap_or_default();
    assert_eq!(client.ended(id)["state"], "succeeded");
    assert_eq!(
        client.data(&format!("{}/values", client.release("web")))["user"],
        values
    );

    // What does not render is told with its place, whatever button was pressed.
    let broken = (
        "values",
        "page:\n  greeting: x\nreplicaCount: {a: 1}\nservice: none\n",
    );
    for step in ["preview", "plan"] {
        let answer = post(&upgrade, &fields(&form_token, &[version, broken, ("do", step)]));
        assert!(
            answer.body.contains("It does not render"),
            "{step}: {}",
            answer.body
        );
        assert!(answer.body.contains("1 error at line"), "{step}: {}", answer.body);
    }

    // Who may only look sees why there is no button.
    house.add("erin", "elsewhere");
    let other = sign_in(&server, "erin");
    let page = send(server.port, &Sent::get(path).with(&other)).expect("an answer");
    assert!(page.body.contains("elsewhere"), "{}", page.body);
    let may_not = fields("", &[place, ("do", "begin")]);
    let form_token = page.hidden("form_token");
    let may_not: Vec<_> = may_not
        .into_iter()
        .map(|(name, value)| match name {
            "form_token" => (name, form_token.as_str()),
            _ => (name, value),
        })
        .collect();
    let refused = send(server.port, &Sent::form(path, &may_not).with(&other)).expect("an answer");
    assert_eq!(refused.status, 403, "{}", refused.body);
    assert!(refused.body.contains("role operator"), "{}", refused.body);
}
