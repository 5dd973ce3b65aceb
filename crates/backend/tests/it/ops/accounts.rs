//! The first user, signing in and out, users and roles, tokens, and what is written down of all that.

use std::net::IpAddr;

use backend::ops::{NewSession, NewUser, SetUp, SignIn, TokenRequest};
use backend::secret::SecretString;
use backend::store::KubernetesIdentity;
use backend::{Action, Error, Viewer};
use model::access::{AuditEntry, Grant, Outcome, Role, Scope};

use crate::support::block_on;
use crate::support::world::World;

pub(super) const PASSWORD: &str = "a long enough one";

fn secret(text: &str) -> SecretString {
    SecretString::new(text)
}

fn grant(role: Role, cluster: Option<&str>, namespace: Option<&str>) -> Grant {
    Grant {
        role,
        cluster: cluster.map(str::to_owned),
        namespace: namespace.map(str::to_owned),
    }
}

/// Makes the administrator `root` and signs them in.
pub(super) async fn admin(world: &World) -> Viewer {
    with_user(world, "root", &[grant(Role::Admin, None, None)]).await;
    sign_in(world, "root").await
}

pub(super) async fn with_user(world: &World, name: &str, grants: &[Grant]) {
    let new = NewUser {
        name: name.to_owned(),
        password: secret(PASSWORD),
        grants: grants.to_vec(),
        identity: KubernetesIdentity::default(),
    };
    world
        .backend
        .accounts()
        .create_user(&Viewer::system(), new)
        .await
        .expect("the user is added");
}

async fn try_to_sign_in(world: &World, name: &str, password: &str) -> Result<NewSession, Error> {
    let address: IpAddr = "192.0.2.7".parse().expect("an address");
    let request = SignIn {
        name: name.to_owned(),
        password: secret(password),
        browser: "a browser".to_owned(),
        replaces: None,
    };
    world
        .backend
        .accounts()
        .sign_in(&Viewer::anonymous().from_address(address), request)
        .await
}

pub(super) async fn sign_in(world: &World, name: &str) -> Viewer {
    let session = try_to_sign_in(world, name, PASSWORD).await.expect("they sign in");
    resume(world, &session).await.expect("the session holds")
}

async fn resume(world: &World, session: &NewSession) -> Option<Viewer> {
    world
        .backend
        .accounts()
        .resume(&session.secret)
        .await
        .expect("it answers")
}

async fn log(world: &World) -> Vec<AuditEntry> {
    let page = world.backend.audit().list(&Viewer::system(), None, None).await;
    page.expect("it reads").entries
}

#[test]
fn the_first_start_makes_one_administrator() {
    block_on(async {
        let world = World::new().await;
        let accounts = world.backend.accounts();
        let link = accounts
            .new_setup_link()
            .await
            .expect("it answers")
            .expect("nobody is there");
        let other = accounts
            .new_setup_link()
            .await
            .expect("it answers")
            .expect("nobody is there");
        let set_up = |token: &SecretString, name: &str, password: &str| SetUp {
            token: token.clone(),
            name: name.to_owned(),
            password: secret(password),
            browser: String::new(),
        };
        let visitor = Viewer::anonymous();

        let wrong = accounts
            .set_up(&visitor, set_up(&secret("wrong"), "root", PASSWORD))
            .await;
        assert!(matches!(wrong, Err(Error::Unauthenticated { .. })), "{wrong:?}");
        let short = accounts.set_up(&visitor, set_up(&link, "root", "short")).await;
        assert!(
            matches!(
                short,
                Err(Error::Invalid {
                    field: "password",
                    ..
                })
            ),
            "{short:?}"
        );
        let name = accounts
            .set_up(&visitor, set_up(&link, "The Boss", PASSWORD))
            .await;
        assert!(
            matches!(name, Err(Error::Invalid { field: "name", .. })),
            "{name:?}"
        );

        // At once, with both links: one of them is the first.
        let (one, two) = tokio::join!(
            accounts.set_up(&visitor, set_up(&link, "root", PASSWORD)),
            accounts.set_up(&visitor, set_up(&other, "boss", PASSWORD)),
        );
        assert_eq!(
            usize::from(one.is_ok()) + usize::from(two.is_ok()),
            1,
            "{one:?} {two:?}"
        );
        let session = one.or(two).expect("one of them");
        let viewer = resume(&world, &session).await.expect("they are signed in");
        let rights = accounts.me(&viewer, None).rights;
        assert!(rights.manage_accounts && rights.manage_repositories && rights.read_audit);

        assert!(accounts.new_setup_link().await.expect("it answers").is_none());
        let again = accounts.set_up(&visitor, set_up(&link, "late", PASSWORD)).await;
        assert!(matches!(again, Err(Error::Conflict { .. })), "{again:?}");
        let checked = accounts.check_setup_link(&other).await;
        assert!(matches!(checked, Err(Error::Conflict { .. })), "{checked:?}");
    });
}

#[test]
fn a_setup_link_runs_out() {
    block_on(async {
        let world = World::new().await;
        let accounts = world.backend.accounts();
        let link = accounts
            .new_setup_link()
            .await
            .expect("it answers")
            .expect("nobody is there");
        accounts.check_setup_link(&link).await.expect("it is good");
        world.clock.advance_secs(86_400);
        let late = accounts.check_setup_link(&link).await;
        assert!(matches!(late, Err(Error::Unauthenticated { .. })), "{late:?}");
    });
}

#[test]
fn wrong_names_and_passwords_get_one_answer_and_too_many_a_pause() {
    block_on(async {
        let world = World::new().await;
        with_user(&world, "alice", &[]).await;
        let mut answers = Vec::new();
        for (name, password) in [
            ("alice", "wrong"),
            ("nobody", PASSWORD),
            ("alice", ""),
            ("Alice", PASSWORD),
            ("alice' or '1'='1", "x"),
        ] {
            let error = try_to_sign_in(&world, name, password)
                .await
                .expect_err("it is wrong");
            answers.push(error.to_string());
        }
        answers.dedup();
        assert_eq!(answers, ["the name or the password is wrong"]);
        assert!(try_to_sign_in(&world, "alice", PASSWORD).await.is_ok());

        for _ in 0..10 {
            let wrong = try_to_sign_in(&world, "alice", "wrong").await;
            assert!(matches!(wrong, Err(Error::Unauthenticated { .. })), "{wrong:?}");
        }
        let paused = try_to_sign_in(&world, "alice", PASSWORD)
            .await
            .expect_err("too many");
        assert_eq!(
            paused.to_string(),
            "too many failed attempts to sign in as this user; try again in 60 seconds"
        );
        world.clock.advance_secs(60);
        assert!(try_to_sign_in(&world, "alice", PASSWORD).await.is_ok());

        let log = log(&world).await;
        assert!(
            log.iter()
                .any(|entry| entry.object == "alice" && entry.detail == "the password is wrong")
        );
        assert!(
            log.iter().all(|entry| entry.object != "nobody"),
            "what may be a password in the wrong field is not written down"
        );
        assert!(log.iter().all(|entry| !entry.detail.contains(PASSWORD)));
    });
}

#[test]
fn sessions_run_out_end_and_are_replaced() {
    block_on(async {
        let world = World::new().await;
        with_user(&world, "alice", &[]).await;
        let accounts = world.backend.accounts();

        let idle = try_to_sign_in(&world, "alice", PASSWORD)
            .await
            .expect("they sign in");
        world.clock.advance_secs(86_399);
        assert!(resume(&world, &idle).await.is_some(), "using it keeps it");
        world.clock.advance_secs(86_399);
        assert!(resume(&world, &idle).await.is_some());
        world.clock.advance_secs(86_400);
        assert!(resume(&world, &idle).await.is_none(), "a day without use ends it");

        let long = try_to_sign_in(&world, "alice", PASSWORD)
            .await
            .expect("they sign in");
        for _ in 0..7 {
            world.clock.advance_secs(86_399);
            assert!(resume(&world, &long).await.is_some());
        }
        world.clock.advance_secs(7);
        assert!(
            resume(&world, &long).await.is_none(),
            "a week ends it, used or not"
        );

        let first = try_to_sign_in(&world, "alice", PASSWORD)
            .await
            .expect("they sign in");
        let request = SignIn {
            name: "alice".to_owned(),
            password: secret(PASSWORD),
            browser: String::new(),
            replaces: Some(first.secret.clone()),
        };
        let second = accounts
            .sign_in(&Viewer::anonymous(), request)
            .await
            .expect("they sign in again");
        assert!(
            resume(&world, &first).await.is_none(),
            "the browser's old session ended"
        );
        assert_ne!(first.secret, second.secret);

        let third = try_to_sign_in(&world, "alice", PASSWORD)
            .await
            .expect("they sign in");
        let viewer = resume(&world, &second).await.expect("it holds");
        let listed = accounts.sessions(&viewer).await.expect("a list");
        assert_eq!(listed.len(), 2);
        assert_eq!(listed.iter().filter(|session| session.is_current).count(), 1);
        let other = listed
            .iter()
            .find(|session| !session.is_current)
            .expect("the third");
        assert_eq!(
            (other.address.as_str(), other.browser.as_str()),
            ("192.0.2.7", "a browser")
        );
        accounts.end_session(&viewer, other.id).await.expect("it ends");
        assert!(resume(&world, &third).await.is_none());
        assert!(matches!(
            accounts.end_session(&viewer, other.id).await,
            Err(Error::NotFound { .. })
        ));
        accounts.sign_out(&viewer).await.expect("it ends");
        assert!(resume(&world, &second).await.is_none());
        for bad in ["", "x", &"x".repeat(10_000)] {
            assert!(accounts.resume(&secret(bad)).await.expect("it answers").is_none());
        }
    });
}

#[test]
fn nobody_ends_another_users_session_or_token() {
    block_on(async {
        let world = World::new().await;
        with_user(&world, "alice", &[]).await;
        with_user(&world, "bob", &[]).await;
        let (alice, bob) = (sign_in(&world, "alice").await, sign_in(&world, "bob").await);
        let accounts = world.backend.accounts();
        let token = accounts
            .create_token(&alice, &token(&[Scope::Read], 1))
            .await
            .expect("a token");
        let session = accounts.sessions(&alice).await.expect("a list")[0].id;
        for answer in [
            accounts.end_session(&bob, session).await,
            accounts.revoke_token(&bob, token.summary.id).await,
        ] {
            assert!(matches!(answer, Err(Error::NotFound { .. })), "{answer:?}");
        }
        assert_eq!(accounts.sessions(&alice).await.expect("a list").len(), 1);
        assert_eq!(accounts.tokens(&alice).await.expect("a list").len(), 1);
        assert!(accounts.tokens(&bob).await.expect("a list").is_empty());
    });
}

#[test]
fn another_password_ends_the_other_sessions() {
    block_on(async {
        let world = World::new().await;
        with_user(&world, "alice", &[]).await;
        let accounts = world.backend.accounts();
        let other = try_to_sign_in(&world, "alice", PASSWORD)
            .await
            .expect("they sign in");
        let current = try_to_sign_in(&world, "alice", PASSWORD)
            .await
            .expect("they sign in");
        let viewer = resume(&world, &current).await.expect("it holds");
        let new = secret("another long enough one");

        let wrong = accounts.change_password(&viewer, &secret("wrong"), &new).await;
        assert!(
            matches!(
                wrong,
                Err(Error::Invalid {
                    field: "current_password",
                    ..
                })
            ),
            "{wrong:?}"
        );
        let short = accounts
            .change_password(&viewer, &secret(PASSWORD), &secret("short"))
            .await;
        assert!(
            matches!(
                short,
                Err(Error::Invalid {
                    field: "password",
                    ..
                })
            ),
            "{short:?}"
        );
        assert!(resume(&world, &other).await.is_some(), "nothing has changed yet");

        accounts
            .change_password(&viewer, &secret(PASSWORD), &new)
            .await
            .expect("it changes");
        assert!(resume(&world, &current).await.is_some(), "this browser stays");
        assert!(resume(&world, &other).await.is_none(), "others do not");
        assert!(try_to_sign_in(&world, "alice", PASSWORD).await.is_err());
        assert!(try_to_sign_in(&world, "alice", new.expose()).await.is_ok());

        accounts
            .reset_password(&Viewer::system(), "alice", &secret(PASSWORD))
            .await
            .expect("the operator can");
        assert!(resume(&world, &current).await.is_none(), "nobody stays");
    });
}

#[test]
fn whoever_is_shut_out_is_out_at_once() {
    block_on(async {
        let world = World::new().await;
        let root = admin(&world).await;
        with_user(&world, "alice", &[]).await;
        let accounts = world.backend.accounts();
        let session = try_to_sign_in(&world, "alice", PASSWORD)
            .await
            .expect("they sign in");
        let alice = resume(&world, &session).await.expect("it holds");
        let made = accounts
            .create_token(&alice, &token(&[Scope::Read], 1))
            .await
            .expect("a token");

        accounts.disable_user(&root, "alice").await.expect("it is done");
        assert!(resume(&world, &session).await.is_none());
        assert!(accounts.resume_token(&made.secret).await.is_err());
        let answer = try_to_sign_in(&world, "alice", PASSWORD).await;
        assert!(matches!(answer, Err(Error::Forbidden { .. })), "{answer:?}");
        let answer = try_to_sign_in(&world, "alice", "wrong").await;
        assert!(
            matches!(answer, Err(Error::Unauthenticated { .. })),
            "only who knows the password learns that: {answer:?}"
        );

        accounts.enable_user(&root, "alice").await.expect("it is done");
        assert!(
            resume(&world, &session).await.is_none(),
            "the old session is gone for good"
        );
        assert!(try_to_sign_in(&world, "alice", PASSWORD).await.is_ok());
        assert!(accounts.resume_token(&made.secret).await.is_ok());
    });
}

#[test]
fn an_administrator_is_always_left() {
    block_on(async {
        let world = World::new().await;
        let root = admin(&world).await;
        let accounts = world.backend.accounts();
        let everything = grant(Role::Admin, None, None);
        with_user(&world, "bob", &[grant(Role::Admin, Some("prod"), None)]).await;
        for viewer in [&root, &Viewer::system()] {
            for answer in [
                accounts.revoke(viewer, "root", &everything).await,
                accounts.disable_user(viewer, "root").await,
            ] {
                assert!(matches!(answer, Err(Error::Conflict { .. })), "{answer:?}");
            }
        }
        assert!(accounts.me(&root, None).rights.manage_accounts);

        accounts
            .grant(&root, "bob", &everything)
            .await
            .expect("it is done");
        // At once, each taking the other out: one of them stays.
        let bob = sign_in(&world, "bob").await;
        let (one, two) = tokio::join!(
            accounts.disable_user(&root, "bob"),
            accounts.revoke(&bob, "root", &everything)
        );
        assert_eq!(
            usize::from(one.is_ok()) + usize::from(two.is_ok()),
            1,
            "{one:?} {two:?}"
        );
    });
}

#[test]
fn roles_hold_from_the_next_request_on() {
    block_on(async {
        let world = World::new().await;
        let root = admin(&world).await;
        with_user(&world, "alice", &[]).await;
        let accounts = world.backend.accounts();
        let session = try_to_sign_in(&world, "alice", PASSWORD)
            .await
            .expect("they sign in");
        let may = async || {
            let viewer = resume(&world, &session).await.expect("it holds");
            let me = accounts.me(&viewer, Some(("prod", "shop")));
            let releases = me.rights.releases.expect("a place was given");
            (releases.read, releases.change, releases.read_all_namespaces)
        };
        assert_eq!(may().await, (false, false, false));
        let shop = grant(Role::Operator, Some("prod"), Some("shop"));
        accounts.grant(&root, "alice", &shop).await.expect("it is done");
        assert_eq!(may().await, (true, true, false));
        let all = grant(Role::Viewer, None, None);
        accounts.grant(&root, "alice", &all).await.expect("it is done");
        accounts.revoke(&root, "alice", &shop).await.expect("it is done");
        assert_eq!(may().await, (true, false, true));
        let gone = accounts.revoke(&root, "alice", &shop).await;
        assert!(matches!(gone, Err(Error::NotFound { .. })), "{gone:?}");
        let nobody = accounts.grant(&root, "nobody", &shop).await;
        assert!(matches!(nobody, Err(Error::NotFound { .. })), "{nobody:?}");
    });
}

fn token(scopes: &[Scope], valid_days: u32) -> TokenRequest {
    TokenRequest {
        label: "ci".to_owned(),
        scopes: scopes.to_vec(),
        valid_days,
    }
}

#[test]
fn a_token_acts_for_its_user_within_its_scopes_until_it_runs_out() {
    block_on(async {
        let world = World::new().await;
        let root = admin(&world).await;
        let accounts = world.backend.accounts();
        for (request, field) in [
            (token(&[], 1), "scopes"),
            (token(&[Scope::Read], 0), "valid_days"),
            (token(&[Scope::Read], 366), "valid_days"),
            (
                TokenRequest {
                    label: " ".to_owned(),
                    ..token(&[Scope::Read], 1)
                },
                "label",
            ),
        ] {
            let answer = accounts.create_token(&root, &request).await;
            assert!(
                matches!(answer, Err(Error::Invalid { field: f, .. }) if f == field),
                "{field}"
            );
        }
        let made = accounts
            .create_token(&root, &token(&[Scope::ReadReleases], 1))
            .await
            .expect("a token");
        assert!(made.secret.expose().starts_with("crt_") && made.secret.expose().len() == 47);
        assert!(made.secret.expose().starts_with(&made.summary.hint));
        assert!(!format!("{made:?}").contains(made.secret.expose()));

        let viewer = accounts.resume_token(&made.secret).await.expect("it holds");
        assert_eq!(viewer.name(), Some("root"));
        let me = accounts.me(&viewer, Some(("prod", "shop")));
        assert_eq!(
            (me.via.as_deref(), me.scopes.as_slice()),
            (Some("token"), &[Scope::ReadReleases][..])
        );
        assert!(!me.rights.manage_accounts && !me.rights.manage_own_account);
        let releases = me.rights.releases.expect("a place was given");
        assert!(releases.read && !releases.change);

        // It makes no token, changes no password, and is written down when it tries.
        let answer = accounts.create_token(&viewer, &token(&[Scope::Admin], 1)).await;
        assert!(matches!(answer, Err(Error::Forbidden { .. })), "{answer:?}");
        let answer = accounts.disable_user(&viewer, "root").await;
        assert!(matches!(answer, Err(Error::Forbidden { .. })), "{answer:?}");
        let log = log(&world).await;
        let tried = log
            .iter()
            .find(|entry| entry.action == "user.disable")
            .expect("a line");
        assert_eq!(
            (tried.outcome, tried.via.as_str(), tried.actor.as_str()),
            (Outcome::Refused, "token", "root")
        );
        assert!(tried.detail.ends_with("with token ci"), "{}", tried.detail);

        world.clock.advance_secs(86_400);
        assert!(accounts.resume_token(&made.secret).await.is_err(), "it ran out");
        let root = sign_in(&world, "root").await;
        assert!(accounts.tokens(&root).await.expect("a list")[0].is_expired);
        accounts
            .revoke_token(&root, made.summary.id)
            .await
            .expect("it is revoked");
        for bad in ["", "crt_", "nonsense", &format!("crt_{}", "x".repeat(10_000))] {
            let answer = accounts.resume_token(&secret(bad)).await;
            assert!(matches!(answer, Err(Error::Unauthenticated { .. })), "{answer:?}");
        }
    });
}

#[test]
fn what_is_done_is_written_down_and_read_by_administrators_alone() {
    block_on(async {
        let world = World::new().await;
        let root = admin(&world).await;
        with_user(&world, "alice", &[]).await;
        let alice = sign_in(&world, "alice").await;
        let accounts = world.backend.accounts();
        let shop = grant(Role::Viewer, Some("prod"), Some("shop"));
        accounts.grant(&root, "alice", &shop).await.expect("it is done");
        let tried = accounts
            .grant(&alice, "alice", &grant(Role::Admin, None, None))
            .await;
        assert!(matches!(tried, Err(Error::Forbidden { .. })), "{tried:?}");
        let tried = world
            .backend
            .repositories()
            .remove(&alice, "team\n\u{1b}[2Kforged line")
            .await;
        assert!(matches!(tried, Err(Error::Forbidden { .. })), "{tried:?}");
        let tried = accounts.reset_password(&alice, "root", &secret(PASSWORD)).await;
        assert!(matches!(tried, Err(Error::Forbidden { .. })), "{tried:?}");
        // Nobody fills the log without signing in.
        let before = log(&world).await.len();
        let tried = accounts.grant(&Viewer::anonymous(), "alice", &shop).await;
        assert!(matches!(tried, Err(Error::Unauthenticated { .. })), "{tried:?}");

        let log = log(&world).await;
        assert_eq!(log.len(), before);
        let lines: Vec<_> = log
            .iter()
            .rev()
            .map(|entry| {
                (
                    entry.actor.as_str(),
                    entry.action.as_str(),
                    entry.object.as_str(),
                    entry.outcome,
                )
            })
            .collect();
        assert_eq!(
            lines,
            [
                ("system", "user.create", "root", Outcome::Done),
                ("root", "session.sign_in", "root", Outcome::Done),
                ("system", "user.create", "alice", Outcome::Done),
                ("alice", "session.sign_in", "alice", Outcome::Done),
                ("root", "user.grant", "alice", Outcome::Done),
                ("alice", "user.grant", "alice", Outcome::Refused),
                (
                    "alice",
                    "repository.remove",
                    "team\u{fffd}\u{fffd}[2Kforged line",
                    Outcome::Refused
                ),
                ("alice", "user.password", "root", Outcome::Refused),
            ]
        );
        assert_eq!(log[3].detail, "viewer of namespace shop in cluster prod");
        assert_eq!(log[4].address, "192.0.2.7");

        let audit = world.backend.audit();
        assert!(matches!(
            audit.list(&alice, None, None).await,
            Err(Error::Forbidden { .. })
        ));
        let of_alice = audit.list(&root, None, Some("alice")).await.expect("it reads");
        assert_eq!(of_alice.entries.len(), 4);
        assert_eq!(of_alice.next, None);
    });
}

#[test]
fn the_log_is_read_in_parts() {
    block_on(async {
        let world = World::new().await;
        let root = admin(&world).await;
        let accounts = world.backend.accounts();
        for n in 0..60 {
            let _ = accounts.enable_user(&root, &format!("nobody-{n}")).await;
        }
        let audit = world.backend.audit();
        let first = audit.list(&root, None, None).await.expect("it reads");
        assert_eq!(first.entries.len(), 50);
        assert_eq!(first.entries[0].object, "nobody-59");
        assert_eq!(first.entries[0].outcome, Outcome::Failed);
        let second = audit.list(&root, first.next, None).await.expect("it reads");
        assert_eq!(second.entries[0].object, "nobody-9");
        assert_eq!((second.entries.len(), second.next), (12, None));
    });
}

#[test]
fn forms_belong_to_one_session_and_viewers_to_clusters() {
    block_on(async {
        let world = World::new().await;
        with_user(&world, "alice", &[]).await;
        let accounts = world.backend.accounts();
        let one = try_to_sign_in(&world, "alice", PASSWORD)
            .await
            .expect("they sign in");
        let two = try_to_sign_in(&world, "alice", PASSWORD)
            .await
            .expect("they sign in");
        let token = accounts.form_token(&one.secret);
        assert!(accounts.is_form_token(&one.secret, &token));
        assert!(!accounts.is_form_token(&two.secret, &token));
        assert!(
            !accounts.is_form_token(&one.secret, &one.secret),
            "the cookie itself is none"
        );

        let identity = KubernetesIdentity {
            user: Some("alice@example.com".to_owned()),
            groups: vec!["shop-team".to_owned()],
        };
        accounts
            .set_kubernetes_identity(&Viewer::system(), "alice", &identity)
            .await
            .expect("it is set");
        let viewer = resume(&world, &one).await.expect("it holds");
        assert_eq!(viewer.kubernetes_user(), Some("alice@example.com"));
        assert_eq!(viewer.kubernetes_groups(), ["chartroom:users", "shop-team"]);
        let refused = world
            .backend
            .authorise(&viewer, Action::ReadAllReleases { cluster: "prod" });
        assert!(matches!(refused, Err(Error::Forbidden { .. })), "{refused:?}");
    });
}
