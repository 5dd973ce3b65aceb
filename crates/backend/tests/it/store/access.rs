//! Users, grants, sessions, tokens and the audit log.

use backend::store::{
    AuditRecord, KubernetesIdentity, NewSessionRecord, NewTokenRecord, NewUserRecord, Store, StoreError,
};
use model::Timestamp;
use model::access::{Grant, Outcome, Role, Scope};

use crate::support::block_on;
use crate::support::databases::{self, on_each};

const NOW: Timestamp = Timestamp(1_795_000_000);

fn later(seconds: i64) -> Timestamp {
    Timestamp(NOW.0 + seconds)
}

async fn add(store: &Store, name: &str) -> i64 {
    let mut tx = store.begin().await.expect("it begins");
    let id = tx
        .insert_user(&NewUserRecord {
            name: name.to_owned(),
            password_hash: format!("hash of {name}"),
            identity: KubernetesIdentity {
                user: None,
                groups: vec!["team".to_owned()],
            },
            created: NOW,
        })
        .await
        .expect("it is added");
    tx.commit().await.expect("it is kept");
    id
}

fn grant(role: Role, cluster: Option<&str>, namespace: Option<&str>) -> Grant {
    Grant {
        role,
        cluster: cluster.map(str::to_owned),
        namespace: namespace.map(str::to_owned),
    }
}

async fn begin_session(store: &Store, user_id: i64, secret_hash: &[u8], keep: i64) -> i64 {
    let mut tx = store.begin().await.expect("it begins");
    let new = NewSessionRecord {
        user_id,
        secret_hash,
        created: NOW,
        expires: later(1_000),
        address: "192.0.2.1",
        browser: "a browser",
    };
    let id = tx.insert_session(&new, keep).await.expect("it is added");
    tx.commit().await.expect("it is kept");
    id
}

#[test]
fn a_user_is_found_as_it_was_added_and_a_name_is_taken_once() {
    on_each(|store| async move {
        let id = add(&store, "alice").await;
        let found = store
            .find_user("alice")
            .await
            .expect("it reads")
            .expect("it exists");
        assert_eq!((found.id, found.created), (id, NOW));
        assert_eq!(found.identity.groups, ["team"]);
        assert_eq!(found.disabled, None);
        assert!(!format!("{found:?}").contains("hash of"), "{found:?}");
        assert_eq!(store.get_user(id).await.expect("it reads"), Some(found));

        let mut tx = store.begin().await.expect("it begins");
        let again = tx
            .insert_user(&NewUserRecord {
                name: "alice".to_owned(),
                password_hash: String::new(),
                identity: KubernetesIdentity::default(),
                created: NOW,
            })
            .await;
        assert!(matches!(again, Err(StoreError::Exists { name }) if name == "alice"));
        drop(tx);

        let mut tx = store.begin().await.expect("it begins");
        tx.lock_access().await.expect("nobody else changes anything");
        tx.set_password(id, "another", later(5)).await.expect("it is set");
        tx.set_disabled(id, Some(later(6))).await.expect("it is set");
        let identity = KubernetesIdentity {
            user: Some("alice@example.com".to_owned()),
            groups: Vec::new(),
        };
        tx.set_kubernetes_identity(id, &identity)
            .await
            .expect("it is set");
        tx.commit().await.expect("it is kept");
        let found = store.get_user(id).await.expect("it reads").expect("it exists");
        assert_eq!(found.password_hash, "another");
        assert_eq!(found.password_changed, later(5));
        assert_eq!(found.disabled, Some(later(6)));
        assert_eq!(found.identity, identity);
    });
}

#[test]
fn grants_add_up_and_admins_of_everything_are_counted() {
    on_each(|store| async move {
        let (alice, bob) = (add(&store, "alice").await, add(&store, "bob").await);
        let everything = grant(Role::Admin, None, None);
        let shop = grant(Role::Operator, Some("prod"), Some("shop"));
        let mut tx = store.begin().await.expect("it begins");
        assert!(tx.insert_grant(alice, &everything).await.expect("it answers"));
        assert!(tx.insert_grant(alice, &shop).await.expect("it answers"));
        assert!(
            !tx.insert_grant(alice, &shop).await.expect("it answers"),
            "it is held already"
        );
        // Of one cluster: not of everything.
        assert!(
            tx.insert_grant(bob, &grant(Role::Admin, Some("prod"), None))
                .await
                .expect("it answers")
        );
        assert_eq!(tx.count_admins().await.expect("it counts"), 1);
        tx.set_disabled(alice, Some(NOW)).await.expect("it is set");
        assert_eq!(
            tx.count_admins().await.expect("it counts"),
            0,
            "who is shut out does not count"
        );
        tx.set_disabled(alice, None).await.expect("it is set");
        tx.commit().await.expect("it is kept");

        assert_eq!(
            store.list_grants(alice).await.expect("it reads"),
            [everything.clone(), shop.clone()]
        );
        assert_eq!(store.list_all_grants().await.expect("it reads").len(), 3);

        let mut tx = store.begin().await.expect("it begins");
        assert!(tx.delete_grant(alice, &shop).await.expect("it answers"));
        assert!(!tx.delete_grant(alice, &shop).await.expect("it answers"));
        assert!(!tx.delete_grant(bob, &everything).await.expect("it answers"));
        tx.commit().await.expect("it is kept");
        assert_eq!(store.list_grants(alice).await.expect("it reads"), [everything]);
    });
}

#[test]
fn a_session_holds_until_it_ends_runs_out_or_its_user_is_shut_out() {
    on_each(|store| async move {
        let alice = add(&store, "alice").await;
        let id = begin_session(&store, alice, b"one", 10).await;
        let find = async |at: Timestamp, idle_since: Timestamp| {
            store
                .find_session(b"one", at, idle_since)
                .await
                .expect("it reads")
        };
        let found = find(NOW, later(-10)).await.expect("it holds");
        assert_eq!(
            (found.id, found.user_id, found.user_name.as_str()),
            (id, alice, "alice")
        );
        assert_eq!(found.identity.groups, ["team"]);
        assert!(find(later(1_000), later(-10)).await.is_none(), "it ran out");
        assert!(find(later(50), later(40)).await.is_none(), "it was not used");
        store.note_session_seen(id, later(45)).await.expect("it is noted");
        assert!(find(later(50), later(40)).await.is_some());
        assert!(
            store
                .find_session(b"two", NOW, later(-10))
                .await
                .expect("it reads")
                .is_none()
        );

        let mut tx = store.begin().await.expect("it begins");
        tx.set_disabled(alice, Some(NOW)).await.expect("it is set");
        tx.commit().await.expect("it is kept");
        assert!(find(later(50), later(40)).await.is_none(), "the user is shut out");
        let mut tx = store.begin().await.expect("it begins");
        tx.set_disabled(alice, None).await.expect("it is set");
        assert!(
            !tx.end_session(id, alice + 1).await.expect("it answers"),
            "another user's"
        );
        assert!(tx.end_session(id, alice).await.expect("it answers"));
        tx.commit().await.expect("it is kept");
        assert!(find(later(50), later(40)).await.is_none(), "it ended");
    });
}

#[test]
fn a_user_has_so_many_sessions_and_can_end_the_others() {
    on_each(|store| async move {
        let (alice, bob) = (add(&store, "alice").await, add(&store, "bob").await);
        let mut ids = Vec::new();
        for secret in 0..5_u8 {
            ids.push(begin_session(&store, alice, &[secret], 3).await);
        }
        begin_session(&store, bob, b"bob's", 3).await;
        let listed = async |user: i64| -> Vec<i64> {
            let rows = store
                .list_sessions(user, NOW, later(-10))
                .await
                .expect("it reads");
            rows.iter().map(|row| row.id).collect()
        };
        assert_eq!(listed(alice).await, [ids[4], ids[3], ids[2]], "the oldest ended");
        let mut tx = store.begin().await.expect("it begins");
        let n = tx
            .end_other_sessions(alice, Some(ids[3]))
            .await
            .expect("it answers");
        tx.commit().await.expect("it is kept");
        assert_eq!((n, listed(alice).await), (2, vec![ids[3]]));
        assert_eq!(listed(bob).await.len(), 1);
        let n = store
            .forget_sessions(later(1_000), NOW)
            .await
            .expect("it answers");
        assert_eq!(n, 2);
    });
}

#[test]
fn a_token_holds_until_it_runs_out_or_is_revoked() {
    on_each(|store| async move {
        let alice = add(&store, "alice").await;
        let mut tx = store.begin().await.expect("it begins");
        let id = tx
            .insert_token(&NewTokenRecord {
                user_id: alice,
                label: "ci",
                secret_hash: b"token",
                hint: "crt_abc",
                scopes: &[Scope::Read, Scope::WriteReleases],
                created: NOW,
                expires: later(100),
            })
            .await
            .expect("it is added");
        assert_eq!(tx.count_tokens(alice).await.expect("it counts"), 1);
        tx.commit().await.expect("it is kept");
        let found = store
            .find_token(b"token", later(99))
            .await
            .expect("it reads")
            .expect("it holds");
        assert_eq!(
            (found.id, found.label.as_str(), found.user_name.as_str()),
            (id, "ci", "alice")
        );
        assert_eq!(found.scopes, [Scope::Read, Scope::WriteReleases]);
        assert!(
            store
                .find_token(b"token", later(100))
                .await
                .expect("it reads")
                .is_none()
        );
        store.note_token_used(id, later(7)).await.expect("it is noted");
        let listed = store.list_tokens(alice).await.expect("it reads");
        assert_eq!(listed[0].last_used, Some(later(7)));
        let mut tx = store.begin().await.expect("it begins");
        assert_eq!(tx.delete_token(id, alice + 1).await.expect("it answers"), None);
        assert_eq!(
            tx.delete_token(id, alice).await.expect("it answers").as_deref(),
            Some("ci")
        );
        tx.commit().await.expect("it is kept");
        assert!(store.find_token(b"token", NOW).await.expect("it reads").is_none());
    });
}

#[test]
fn a_setup_link_is_good_until_it_runs_out_or_a_user_exists() {
    on_each(|store| async move {
        store
            .add_setup_link(b"one", NOW, later(10))
            .await
            .expect("it is kept");
        store
            .add_setup_link(b"two", later(1), later(20))
            .await
            .expect("it is kept");
        assert!(store.is_setup_link(b"one", later(9)).await.expect("it reads"));
        assert!(!store.is_setup_link(b"one", later(10)).await.expect("it reads"));
        assert!(!store.is_setup_link(b"three", NOW).await.expect("it reads"));
        let mut tx = store.begin().await.expect("it begins");
        assert!(tx.is_setup_link(b"two", later(10)).await.expect("it reads"));
        tx.forget_setup_links().await.expect("they are gone");
        tx.commit().await.expect("it is kept");
        assert!(!store.is_setup_link(b"two", NOW).await.expect("it reads"));
    });
}

fn line(actor: &str, object: &str) -> AuditRecord {
    AuditRecord {
        at: NOW,
        actor: actor.to_owned(),
        via: "session",
        action: "user.create",
        object: object.to_owned(),
        outcome: Outcome::Refused,
        detail: "because".to_owned(),
        address: "192.0.2.1".to_owned(),
    }
}

#[test]
fn the_audit_log_is_read_in_parts_newest_first() {
    on_each(|store| async move {
        for n in 0..5 {
            let actor = if n % 2 == 0 { "alice" } else { "bob" };
            store
                .append_audit(&line(actor, &n.to_string()))
                .await
                .expect("it is added");
        }
        let objects = async |before: i64, actor: &str, limit: i64| -> (String, i64) {
            let entries = store.list_audit(before, actor, limit).await.expect("it reads");
            let objects: Vec<_> = entries.iter().map(|entry| entry.object.as_str()).collect();
            (objects.join(" "), entries.last().map_or(0, |entry| entry.id))
        };
        let (first, last) = objects(0, "", 2).await;
        assert_eq!(first, "4 3");
        let (second, last) = objects(last, "", 2).await;
        assert_eq!(second, "2 1");
        assert_eq!(objects(last, "", 2).await.0, "0");
        assert_eq!(objects(0, "alice", 10).await.0, "4 2 0");
        let entries = store.list_audit(0, "", 1).await.expect("it reads");
        assert_eq!(
            (entries[0].outcome, entries[0].detail.as_str()),
            (Outcome::Refused, "because")
        );
    });
}

/// Runs a statement on a connection of its own, past the store, and says what the database says.
macro_rules! refused_by {
    ($connection:ty, $url:expr, $sql:expr) => {{
        use sqlx::{Connection as _, Executor as _};
        let mut connection = <$connection>::connect($url).await.expect("it connects");
        let answer = connection.execute($sql).await;
        connection.close().await.expect("it closes");
        answer.expect_err("it is refused").to_string()
    }};
}

#[test]
fn the_database_refuses_to_change_the_audit_log() {
    const SQL: [&str; 2] = [
        "update audit_entry set actor = 'nobody'",
        "delete from audit_entry",
    ];
    block_on(async {
        let dir = tempfile::tempdir().expect("a directory");
        let store = databases::open("", dir.path()).await;
        store
            .append_audit(&line("alice", "x"))
            .await
            .expect("it is added");
        let url = format!("sqlite://{}", dir.path().join("chartroom.db").display());
        for sql in SQL {
            let said = refused_by!(sqlx::SqliteConnection, &url, sql);
            assert!(said.contains("append-only"), "{sql}: {said}");
        }
        assert_eq!(store.list_audit(0, "", 10).await.expect("it reads").len(), 1);

        let Some(database) = databases::PostgresDatabase::create().await else {
            return;
        };
        let store = databases::open(&database.url, dir.path()).await;
        store
            .append_audit(&line("alice", "x"))
            .await
            .expect("it is added");
        for sql in SQL.into_iter().chain(["truncate audit_entry"]) {
            let said = refused_by!(sqlx::PgConnection, &database.url, sql);
            assert!(said.contains("append-only"), "{sql}: {said}");
        }
        assert_eq!(store.list_audit(0, "", 10).await.expect("it reads").len(), 1);
        store.close().await;
        database.drop().await;
    });
}
