//! Repositories and the claims on them.

use backend::settings::RepositorySettings;
use backend::store::{ManagedBy, NewRepositoryRecord, Store, StoreError, StoredSettings};
use model::Timestamp;
use model::repository::{HeldIndex, RepositoryKind};

use crate::support::databases::on_each;

const NOW: Timestamp = Timestamp(1_795_000_000);

pub(super) async fn add(store: &Store, name: &str) -> i64 {
    store
        .insert_repository(&NewRepositoryRecord {
            name: name.to_owned(),
            url: format!("https://charts.example.com/{name}"),
            kind: RepositoryKind::Synced,
            managed_by: ManagedBy::Operator,
            settings: StoredSettings::default(),
            created_at: NOW,
        })
        .await
        .expect("it is added")
}

#[test]
fn a_repository_is_found_as_it_was_added() {
    on_each(|store| async move {
        let settings = RepositorySettings {
            username: Some("reader".to_owned()),
            password: Some(backend::secret::SecretString::new("hunter2")),
            pass_credentials: true,
            ..RepositorySettings::new("team", "https://charts.example.com")
        };
        let new = NewRepositoryRecord {
            name: "team".to_owned(),
            url: settings.url.clone(),
            kind: RepositoryKind::Synced,
            managed_by: ManagedBy::Operator,
            settings: StoredSettings::from(&settings),
            created_at: NOW,
        };
        store.insert_repository(&new).await.expect("it is added");
        let found = store
            .find_repository("team")
            .await
            .expect("it reads")
            .expect("it exists");
        assert_eq!(
            found.to_settings().password.expect("it is kept").expose(),
            "hunter2"
        );
        assert!(found.to_settings().pass_credentials);
        assert_eq!(found.next_run, NOW);
        assert!(!format!("{found:?}").contains("hunter2"));

        let again = store.insert_repository(&new).await;
        assert!(matches!(again, Err(StoreError::Exists { name }) if name == "team"));
        assert!(store.find_repository("other").await.expect("it reads").is_none());
    });
}

#[test]
fn one_process_works_on_a_repository_at_a_time() {
    on_each(|store| async move {
        let id = add(&store, "team").await;
        let until = Timestamp(NOW.0 + 30);
        assert!(
            store
                .claim_repository(id, "first", until, NOW)
                .await
                .expect("it answers")
        );
        assert!(
            !store
                .claim_repository(id, "second", until, NOW)
                .await
                .expect("it answers")
        );
        assert!(
            store
                .renew_claim(id, "first", Timestamp(NOW.0 + 60))
                .await
                .expect("it answers")
        );
        // The first process died: its claim runs out.
        let later = Timestamp(NOW.0 + 61);
        assert!(
            store
                .claim_repository(id, "second", Timestamp(NOW.0 + 90), later)
                .await
                .expect("it answers")
        );
        assert!(
            !store
                .renew_claim(id, "first", Timestamp(NOW.0 + 99))
                .await
                .expect("it answers")
        );
        store.release_claim(id, "second").await.expect("it answers");
        assert!(
            store
                .claim_repository(id, "first", Timestamp(NOW.0 + 99), later)
                .await
                .expect("it answers")
        );
    });
}

#[test]
fn a_held_index_waits_for_an_operator() {
    on_each(|store| async move {
        let id = add(&store, "team").await;
        assert!(!store.accept_held(id, NOW).await.expect("it answers"));
        let held = HeldIndex {
            n_versions_before: 100,
            n_versions_now: 3,
        };
        store.hold_index(id, &held).await.expect("it is held");
        let found = store
            .find_repository("team")
            .await
            .expect("it reads")
            .expect("it exists");
        assert_eq!(found.held, Some(held));
        assert!(!found.held_accepted);
        assert!(store.accept_held(id, NOW).await.expect("it answers"));
        let found = store
            .find_repository("team")
            .await
            .expect("it reads")
            .expect("it exists");
        assert!(found.held_accepted);
    });
}
