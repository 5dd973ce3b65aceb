//! Webhooks: what receivers are told, signed, and again where it did not get there.

use std::collections::BTreeMap;

use aws_lc_rs::hmac;
use backend::ops::{VersionCopy, WebhookWish};
use backend::{Backend, Error, Settings, Viewer};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::webhook::{DeliveryState, Webhook, WebhookEvent};
use serde_json::Value;

use crate::support::hosted::{log, on_each_with, push};
use crate::support::upstream::{Reply, Seen, Upstream};
use crate::support::world::NOW;

/// The receivers of tests are on this machine, which only the operator can allow.
fn local(settings: &mut Settings) {
    settings.hosted.webhook_private_hosts = vec!["127.0.0.1".to_owned()];
    settings.hosted.depth_dynamic = true;
}

fn wish(url: String) -> WebhookWish {
    WebhookWish {
        url,
        events: WebhookEvent::ALL.to_vec(),
        for_all: false,
        is_enabled: true,
    }
}

/// A receiver that takes everything, and a webhook to it with its secret.
async fn receiver(
    backend: &Backend,
    tenant: &str,
    change: impl FnOnce(&mut WebhookWish),
) -> (Upstream, i64, String) {
    let receiver = Upstream::start().await;
    receiver.put_bytes("/hook", "fine");
    let mut wish = wish(format!("{}/hook", receiver.url()));
    change(&mut wish);
    let made = backend
        .hosted()
        .create_webhook(&Viewer::system(), tenant, wish)
        .await;
    let made = made.expect("it is made");
    (receiver, made.id, made.secret)
}

async fn deliver(backend: &Backend) {
    let delivered = backend.hosted().deliver_webhooks(&Viewer::system()).await;
    delivered.expect("it is sent");
}

async fn webhook(backend: &Backend, id: i64) -> Webhook {
    let all = backend
        .hosted()
        .webhooks(&Viewer::system(), "")
        .await
        .expect("a list");
    all.into_iter().find(|one| one.id == id).expect("it is listed")
}

/// What a receiver does with a message: checks whose it is, and reads it.
fn read(seen: &Seen, secret: &str) -> (String, Value) {
    let header = |name: &str| seen.headers.get(name).cloned().expect(name);
    let id = header("webhook-id");
    let signed = format!("{id}.{}.{}", header("webhook-timestamp"), seen.body);
    let key = STANDARD
        .decode(secret.strip_prefix("whsec_").expect("a secret of a webhook"))
        .expect("base64");
    let signature = header("webhook-signature");
    let tag = STANDARD
        .decode(signature.strip_prefix("v1,").expect("version 1"))
        .expect("base64");
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    hmac::verify(&key, signed.as_bytes(), &tag).expect("it is signed");
    assert_eq!(header("content-type"), "application/json");
    (id, serde_json::from_str(&seen.body).expect("JSON"))
}

#[test]
fn receivers_are_told_what_happens_and_can_tell_who_says_so() {
    on_each_with(local, |place| async move {
        let backend = &place.backend;
        let (hosted, system) = (backend.hosted(), Viewer::system());
        push(backend, "", "first", "1.0.0").await;
        let (receiver, id, secret) = receiver(backend, "", |_| {}).await;
        push(backend, "", "web", "1.0.0").await;
        push(backend, "", "web", "1.1.0").await;
        hosted
            .yank(&system, "", "web", "1.1.0", Some("broken"))
            .await
            .expect("yanked");
        hosted
            .yank(&system, "", "web", "1.1.0", None)
            .await
            .expect("unyanked");
        hosted
            .deprecate(&system, "", "web", Some("use shop"))
            .await
            .expect("deprecated");
        hosted
            .deprecate(&system, "", "web", None)
            .await
            .expect("undeprecated");
        hosted
            .set_private(&system, "", Some("web"), true)
            .await
            .expect("private");
        let deleted = hosted
            .delete_some(&system, "", "web", None)
            .await
            .expect("deleted");
        hosted
            .restore(&system, "", deleted.restorable[0])
            .await
            .expect("restored");
        assert_eq!(receiver.take_seen().len(), 0, "a change waits for no receiver");
        assert_eq!(webhook(backend, id).await.n_waiting, 9);
        deliver(backend).await;
        let messages: Vec<(String, Value)> = receiver
            .take_seen()
            .iter()
            .map(|seen| read(seen, &secret))
            .collect();
        let told: Vec<String> = messages
            .iter()
            .map(|(_, message)| {
                let data = &message["data"];
                format!(
                    "{} {} {} {}",
                    message["type"].as_str().unwrap_or_default(),
                    data["chart"].as_str().unwrap_or_default(),
                    data["version"].as_str().unwrap_or("-"),
                    data["private"]
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                "chart.pushed web 1.0.0 false",
                "chart.pushed web 1.1.0 false",
                "chart.yanked web 1.1.0 false",
                "chart.unyanked web 1.1.0 false",
                "chart.deprecated web - false",
                "chart.undeprecated web - false",
                "chart.deleted web 1.0.0 true",
                "chart.deleted web 1.1.0 true",
                "chart.restored web 1.0.0 true",
            ]
        );
        let first = &messages[0].1;
        assert_eq!(first["timestamp"], NOW.to_rfc3339());
        assert_eq!(
            (&first["data"]["repository"], &first["data"]["by"]),
            (&"hosted".into(), &"system".into())
        );
        assert_eq!(first["data"]["digest"].as_str().map(str::len), Some(64));
        assert_eq!(messages[2].1["data"]["reason"], "broken");
        let ids: std::collections::BTreeSet<&String> = messages.iter().map(|(id, _)| id).collect();
        assert_eq!(ids.len(), 9, "each has a name of its own");
        deliver(backend).await;
        assert_eq!(receiver.take_seen().len(), 0, "once");
        let now = webhook(backend, id).await;
        assert_eq!(now.n_waiting, 0);
        assert!(
            now.deliveries
                .iter()
                .all(|one| one.state == DeliveryState::Delivered && one.status == Some(200))
        );
        place
    });
}

#[test]
fn a_webhook_is_told_of_what_it_is_for_and_of_nothing_else() {
    on_each_with(local, |place| async move {
        let backend = &place.backend;
        let (hosted, system) = (backend.hosted(), Viewer::system());
        push(backend, "", "seed", "1.0.0").await;
        push(backend, "dev", "seed", "1.0.0").await;
        let (own, ..) = receiver(backend, "", |wish| wish.events = vec![WebhookEvent::Deleted]).await;
        let (all, id, _) = receiver(backend, "", |wish| wish.for_all = true).await;
        let told = |receiver: &Upstream| -> Vec<String> {
            let messages = receiver.take_seen();
            let texts = messages.iter().map(|seen| {
                let message: Value = serde_json::from_str(&seen.body).expect("JSON");
                format!(
                    "{} {}",
                    message["type"].as_str().unwrap_or_default(),
                    message["data"]["tenant"]
                )
            });
            texts.collect()
        };
        push(backend, "", "web", "1.0.0").await;
        hosted.delete(&system, "", "web", "1.0.0").await.expect("deleted");
        let copy = VersionCopy {
            name: "seed",
            version: "1.0.0",
            force: false,
            publish: false,
        };
        hosted.copy(&system, "dev", "prod", copy).await.expect("copied");
        hosted
            .delete(&system, "dev", "seed", "1.0.0")
            .await
            .expect("deleted");
        deliver(backend).await;
        assert_eq!(told(&own), ["chart.deleted \"\""]);
        assert_eq!(
            told(&all),
            [
                "chart.pushed \"\"",
                "chart.deleted \"\"",
                "chart.pushed \"prod\"",
                "chart.deleted \"dev\""
            ]
        );
        // A change that did not take place is not told, nor is what happens while it is off.
        let missing = hosted.delete(&system, "", "web", "9.9.9").await;
        assert!(missing.is_err());
        let off = WebhookWish {
            is_enabled: false,
            ..wish(format!("{}/hook", all.url()))
        };
        hosted
            .update_webhook(&system, "", id, off)
            .await
            .expect("it is off");
        push(backend, "", "web", "2.0.0").await;
        deliver(backend).await;
        assert!(told(&all).is_empty());
        assert!(!webhook(backend, id).await.is_enabled);
        place
    });
}

#[test]
fn what_did_not_get_there_is_sent_again_and_given_up_in_the_end() {
    on_each_with(local, |place| async move {
        let backend = &place.backend;
        push(backend, "", "seed", "1.0.0").await;
        let (slow, slow_id, secret) = receiver(backend, "", |_| {}).await;
        let (good, ..) = receiver(backend, "", |_| {}).await;
        slow.put(
            "/hook",
            Reply::Status(503, vec![("retry-after", "600".to_owned())]),
        );
        push(backend, "", "web", "1.0.0").await;
        deliver(backend).await;
        assert_eq!(good.take_seen().len(), 1, "who is down delays only itself");
        let failed = webhook(backend, slow_id).await;
        let delivery = &failed.deliveries[0];
        assert_eq!(
            (delivery.state, delivery.n_attempts, delivery.status),
            (DeliveryState::Waiting, 1, Some(503))
        );
        assert_eq!(delivery.error.as_deref(), Some("it answered 503"));
        assert_eq!(
            delivery.next_attempt.map(|at| at.0),
            Some(NOW.0 + 600),
            "it asked for that"
        );
        let first = slow.take_seen();
        deliver(backend).await;
        assert_eq!(slow.take_seen().len(), 0, "not before its time");

        // The same message, signed for another moment.
        place.clock.advance_secs(600);
        slow.put(
            "/hook",
            Reply::Status(302, vec![("location", "/elsewhere".to_owned())]),
        );
        slow.put_bytes("/elsewhere", "fine");
        deliver(backend).await;
        let second = slow.take_seen();
        assert_eq!(second.len(), 1, "no redirect is followed");
        assert_eq!(read(&first[0], &secret), read(&second[0], &secret));
        assert_ne!(
            first[0].headers["webhook-timestamp"],
            second[0].headers["webhook-timestamp"]
        );
        for _ in 0..6 {
            place.clock.advance_secs(36_000);
            deliver(backend).await;
        }
        assert_eq!(slow.take_seen().len(), 6);
        let given_up = webhook(backend, slow_id).await;
        assert_eq!(given_up.deliveries[0].state, DeliveryState::Failed);
        assert_eq!((given_up.deliveries[0].n_attempts, given_up.n_waiting), (8, 0));
        place.clock.advance_secs(36_000);
        deliver(backend).await;
        assert_eq!(slow.take_seen().len(), 0);
        place
    });
}

#[test]
fn no_webhook_reaches_into_a_private_network_that_the_operator_did_not_name() {
    on_each_with(
        |_| {},
        |place| async move {
            let backend = &place.backend;
            push(backend, "", "seed", "1.0.0").await;
            let (receiver, id, _) = receiver(backend, "", |_| {}).await;
            let tested = backend.hosted().test_webhook(&Viewer::system(), "", id).await;
            tested.expect("it is left");
            deliver(backend).await;
            assert_eq!(receiver.take_seen().len(), 0);
            let error = webhook(backend, id).await.deliveries[0]
                .error
                .clone()
                .unwrap_or_default();
            assert!(error.contains("private address 127.0.0.1"), "{error}");
            place
        },
    );
}

#[test]
fn a_test_says_that_it_is_one_and_a_new_secret_signs() {
    on_each_with(local, |place| async move {
        let backend = &place.backend;
        let (hosted, system) = (backend.hosted(), Viewer::system());
        push(backend, "", "seed", "1.0.0").await;
        let (receiver, id, old) = receiver(backend, "", |_| {}).await;
        let renewed = hosted
            .renew_webhook(&system, "", id)
            .await
            .expect("it is renewed");
        assert_ne!(renewed.secret, old);
        hosted.test_webhook(&system, "", id).await.expect("it is left");
        deliver(backend).await;
        let seen = receiver.take_seen();
        let (_, message) = read(&seen[0], &renewed.secret);
        assert_eq!(message["type"], "webhook.test");
        assert_eq!(webhook(backend, id).await.deliveries[0].event, WebhookEvent::Test);
        // Nothing of it is in the database that opens it, and nothing but the host in the log.
        let key = std::fs::read_to_string(place.dir.path().join("hosted/.webhook-key")).expect("a key");
        assert_eq!(key.len(), 43);
        for line in log(backend).await {
            assert!(!line.contains("/hook") && !line.contains("whsec_"), "{line}");
        }
        hosted.delete_webhook(&system, "", id).await.expect("it is gone");
        push(backend, "", "web", "1.0.0").await;
        deliver(backend).await;
        assert_eq!(receiver.take_seen().len(), 0);
        place
    });
}

#[test]
fn webhooks_are_checked_and_are_for_those_who_decide() {
    on_each_with(local, |place| async move {
        let backend = &place.backend;
        let (hosted, system, nobody) = (backend.hosted(), Viewer::system(), Viewer::anonymous());
        push(backend, "", "seed", "1.0.0").await;
        push(backend, "dev", "seed", "1.0.0").await;
        let refused = hosted
            .create_webhook(&nobody, "", wish("https://example.com".to_owned()))
            .await;
        assert!(
            matches!(refused, Err(Error::Unauthenticated { .. })),
            "{refused:?}"
        );
        let refused = hosted.webhooks(&nobody, "").await;
        assert!(
            matches!(refused, Err(Error::Unauthenticated { .. })),
            "{refused:?}"
        );
        let bad: BTreeMap<&str, String> = BTreeMap::from([
            ("relative", "/hook".to_owned()),
            ("another scheme", "ftp://example.com/".to_owned()),
            ("a file", "file:///etc/passwd".to_owned()),
            ("a password", "https://a:b@example.com/".to_owned()),
            ("too long", format!("https://example.com/{}", "x".repeat(2_000))),
        ]);
        for (name, url) in bad {
            let invalid = hosted.create_webhook(&system, "", wish(url)).await;
            assert!(
                matches!(invalid, Err(Error::Invalid { field: "url", .. })),
                "{name}: {invalid:?}"
            );
        }
        let none = WebhookWish {
            events: vec![WebhookEvent::Test],
            ..wish("https://example.com".to_owned())
        };
        let invalid = hosted.create_webhook(&system, "", none).await;
        assert!(
            matches!(invalid, Err(Error::Invalid { field: "events", .. })),
            "{invalid:?}"
        );
        // That of another repository is not there.
        let made = hosted
            .create_webhook(&system, "dev", wish("https://example.com".to_owned()))
            .await;
        let id = made.expect("it is made").id;
        let missing = hosted.delete_webhook(&system, "", id).await;
        assert!(matches!(missing, Err(Error::NotFound { .. })), "{missing:?}");
        hosted
            .delete_webhook(&system, "dev", id)
            .await
            .expect("it is gone");
        place
    });
}
