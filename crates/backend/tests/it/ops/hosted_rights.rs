//! Who may pull, push and delete in which hosted repository, besides what roles allow.

use backend::ops::{GrantWish, HostedError, NewUpload, NewUser, SignIn, TokenRequest};
use backend::secret::SecretString;
use backend::store::KubernetesIdentity;
use backend::{Backend, Bytes, Error, Settings, Viewer};
use model::access::Scope;
use model::hosted::{GrantSubject, HostedRight};
use model::repository::RepositoryAction;

use crate::support::hosted::{archive, found, index, log, on_each_with, push};
use crate::support::upstream::Chart;

const PASSWORD: &str = "a long enough one";

fn tenants(settings: &mut Settings) {
    settings.hosted.depth_dynamic = true;
}

async fn user(backend: &Backend, name: &str, groups: &[&str]) {
    let new = NewUser {
        name: name.to_owned(),
        password: SecretString::new(PASSWORD),
        grants: Vec::new(),
        identity: KubernetesIdentity {
            user: None,
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        },
    };
    let made = backend.accounts().create_user(&Viewer::system(), new).await;
    made.expect("the user is added");
}

/// The viewer of a new session: what it may do is what its user holds now.
async fn viewer(backend: &Backend, name: &str) -> Viewer {
    let request = SignIn {
        name: name.to_owned(),
        password: SecretString::new(PASSWORD),
        browser: "a browser".to_owned(),
        replaces: None,
    };
    let accounts = backend.accounts();
    let session = accounts
        .sign_in(&Viewer::anonymous(), request)
        .await
        .expect("they sign in");
    accounts
        .resume(&session.secret)
        .await
        .expect("it answers")
        .expect("it holds")
}

async fn grant(
    backend: &Backend,
    tenant: &str,
    (subject, name): (GrantSubject, &str),
    right: HostedRight,
    place: &str,
) -> Result<(), Error> {
    let wish = GrantWish {
        subject,
        name,
        place,
        right,
    };
    backend
        .hosted()
        .grant_right(&Viewer::system(), tenant, wish)
        .await
}

async fn upload(backend: &Backend, viewer: &Viewer, tenant: &str, version: &str) -> Result<(), HostedError> {
    let new = NewUpload {
        archive: Some(Bytes::from(Chart::new("tool", version).archive())),
        ..NewUpload::default()
    };
    backend.hosted().upload(viewer, tenant, new).await.map(drop)
}

const ALICE: (GrantSubject, &str) = (GrantSubject::User, "alice");

#[test]
fn a_right_opens_its_tenant_behind_every_door_and_no_other() {
    on_each_with(tenants, |place| async move {
        let backend = &place.backend;
        let (hosted, system) = (backend.hosted(), Viewer::system());
        user(backend, "alice", &[]).await;
        for tenant in ["org/a", "org/b"] {
            push(backend, tenant, "secret", "1.0.0").await;
            hosted
                .set_private(&system, tenant, None, true)
                .await
                .expect("it is private");
        }
        let alice = viewer(backend, "alice").await;
        assert!(found(backend, &alice).await.is_empty());
        grant(backend, "org/a", ALICE, HostedRight::Pull, "org/a")
            .await
            .expect("it is given");
        assert_eq!(log(backend).await[0], "hosted.grant org/a: alice: pull in org/a");

        let alice = viewer(backend, "alice").await;
        assert_eq!(found(backend, &alice).await, ["secret 1.0.0"]);
        assert!(index(backend, &alice, "org/a").await.contains("secret"));
        assert!(!index(backend, &alice, "org/b").await.contains("secret"));
        assert!(
            archive(backend, &alice, "org/a", "secret-1.0.0.tgz")
                .await
                .is_some()
        );
        assert_eq!(archive(backend, &alice, "org/b", "secret-1.0.0.tgz").await, None);
        let of_oci = async |tenant: &str| {
            let name = format!("hosted/{tenant}/secret");
            backend.oci().manifest(&alice, &name, "1.0.0").await.is_ok()
        };
        assert!(of_oci("org/a").await && !of_oci("org/b").await);
        let repositories = backend.repositories().list(&alice).await.expect("a list");
        let names: Vec<(&str, &[RepositoryAction])> = repositories
            .iter()
            .map(|one| (one.name.as_str(), one.can.as_slice()))
            .collect();
        assert_eq!(names, [("hosted.org.a", [RepositoryAction::Pull].as_slice())]);
        assert!(
            upload(backend, &alice, "org/a", "1.0.0").await.is_err(),
            "pulling is not pushing"
        );
        assert!(
            !index(backend, &Viewer::anonymous(), "org/a")
                .await
                .contains("secret")
        );

        grant(backend, "org/a", ALICE, HostedRight::Push, "org/*")
            .await
            .expect("it is given");
        let alice = viewer(backend, "alice").await;
        upload(backend, &alice, "org/a", "1.0.0")
            .await
            .expect("it is taken");
        upload(backend, &alice, "org/new", "1.0.0")
            .await
            .expect("a new tenant is below org, too");
        let refused = upload(backend, &alice, "other", "1.0.0").await;
        assert!(
            matches!(refused, Err(HostedError::Other(Error::Forbidden { .. }))),
            "{refused:?}"
        );
        assert!(
            index(backend, &alice, "org/b").await.contains("secret"),
            "who may push may pull"
        );
        let refused = hosted.delete(&alice, "org/a", "tool", "1.0.0").await;
        assert!(
            matches!(refused, Err(HostedError::Other(Error::Forbidden { .. }))),
            "pushing is not deleting: {refused:?}"
        );
        grant(backend, "org/a", ALICE, HostedRight::Delete, "org/a")
            .await
            .expect("it is given");
        let alice = viewer(backend, "alice").await;
        hosted
            .delete(&alice, "org/a", "tool", "1.0.0")
            .await
            .expect("it is deleted");
        let refused = hosted.rights(&alice, "org/a").await;
        assert!(matches!(refused, Err(Error::Forbidden { .. })), "{refused:?}");

        // What is taken away is gone with the next request.
        let rights = hosted.rights(&system, "org/a").await.expect("a list");
        let told: Vec<(&str, &str)> = rights
            .iter()
            .map(|one| (one.right.as_str(), one.place.as_str()))
            .collect();
        assert_eq!(told, [("pull", "org/a"), ("push", "org/*"), ("delete", "org/a")]);
        assert_eq!(hosted.rights(&system, "org/b").await.expect("a list").len(), 1);
        for right in rights {
            hosted
                .revoke_right(&system, "org/a", right.id)
                .await
                .expect("it is gone");
        }
        let alice = viewer(backend, "alice").await;
        assert!(!index(backend, &alice, "org/a").await.contains("secret"));
        place
    });
}

#[test]
fn groups_have_rights_and_tokens_have_no_more_than_their_user() {
    on_each_with(tenants, |place| async move {
        let backend = &place.backend;
        user(backend, "alice", &["team-a"]).await;
        user(backend, "bob", &[]).await;
        push(backend, "a", "web", "1.0.0").await;
        let team = (GrantSubject::Group, "team-a");
        grant(backend, "a", team, HostedRight::Push, "a")
            .await
            .expect("it is given");
        // Twice is once.
        grant(backend, "a", team, HostedRight::Push, "a")
            .await
            .expect("it is given");
        assert_eq!(
            backend
                .hosted()
                .rights(&Viewer::system(), "a")
                .await
                .expect("a list")
                .len(),
            1
        );
        let (alice, bob) = (viewer(backend, "alice").await, viewer(backend, "bob").await);
        upload(backend, &alice, "a", "1.0.0").await.expect("it is taken");
        assert!(upload(backend, &bob, "a", "2.0.0").await.is_err());

        let token = async |scope: Scope| {
            let request = TokenRequest {
                label: "ci".to_owned(),
                scopes: vec![scope],
                valid_days: 1,
            };
            let accounts = backend.accounts();
            let made = accounts.create_token(&alice, &request).await.expect("a token");
            accounts.resume_token(&made.secret).await.expect("it holds")
        };
        upload(backend, &token(Scope::WriteCharts).await, "a", "3.0.0")
            .await
            .expect("it is taken");
        assert!(
            upload(backend, &token(Scope::Read).await, "a", "4.0.0")
                .await
                .is_err()
        );
        assert!(
            upload(backend, &token(Scope::WriteCharts).await, "b", "1.0.0")
                .await
                .is_err()
        );

        // Everybody who has signed in, and nobody else.
        let everybody = (GrantSubject::Group, "chartroom:users");
        grant(backend, "a", everybody, HostedRight::Push, "*")
            .await
            .expect("it is given");
        let bob = viewer(backend, "bob").await;
        upload(backend, &bob, "b", "1.0.0").await.expect("it is taken");
        assert!(upload(backend, &Viewer::anonymous(), "b", "2.0.0").await.is_err());
        place
    });
}

#[test]
fn rights_are_checked() {
    on_each_with(tenants, |place| async move {
        let backend = &place.backend;
        user(backend, "alice", &[]).await;
        for bad in [
            "org/other",
            "or*",
            "org",
            "other/*",
            "org/repo/*",
            "../*",
            "/*",
            "",
        ] {
            let invalid = grant(backend, "org/repo", ALICE, HostedRight::Pull, bad).await;
            assert!(
                matches!(invalid, Err(Error::Invalid { field: "place", .. })),
                "{bad}: {invalid:?}"
            );
        }
        let nobody = (GrantSubject::User, "nobody");
        let missing = grant(backend, "org/repo", nobody, HostedRight::Pull, "*").await;
        assert!(matches!(missing, Err(Error::NotFound { .. })), "{missing:?}");
        for bad in ["", "two words", "a\nb"] {
            let invalid = grant(
                backend,
                "org/repo",
                (GrantSubject::Group, bad),
                HostedRight::Pull,
                "*",
            )
            .await;
            assert!(
                matches!(invalid, Err(Error::Invalid { field: "name", .. })),
                "{bad:?}: {invalid:?}"
            );
        }
        let missing = backend
            .hosted()
            .revoke_right(&Viewer::system(), "org/repo", 77)
            .await;
        assert!(matches!(missing, Err(Error::NotFound { .. })), "{missing:?}");
        place
    });
}
