//! Adding, removing, configuring and watching repositories.

use backend::settings::RepositorySettings;
use backend::{Error, Viewer};
use futures_util::StreamExt;

use crate::support::block_on;
use crate::support::upstream::{Chart, Upstream};
use crate::support::world::World;

#[test]
fn the_list_is_read_in_parts_both_ways() {
    block_on(async {
        let world = World::new().await;
        // By their bytes, whatever a database thinks of dots and dashes.
        let mut names: Vec<String> = (0..110).map(|n| format!("r{}.{n}", n % 7)).collect();
        names.push("r-0".to_owned());
        for name in &names {
            let url = format!("https://{}.example.com", name.replace('.', "-"));
            world.add_with(RepositorySettings::new(name, url)).await;
        }
        names.sort();
        let (repositories, viewer) = (world.backend.repositories(), Viewer::anonymous());
        let mut cursors = vec![String::new()];
        let mut read = Vec::new();
        loop {
            let cursor = cursors.last().expect("there is one");
            let part = repositories.page(&viewer, cursor).await.expect("a part");
            assert_eq!((part.total, part.first_position), (111, read.len() as u64 + 1));
            assert!(part.items.len() <= 50);
            let before = cursors.len().checked_sub(2).map(|at| cursors[at].clone());
            assert_eq!(part.previous, before, "after {cursor}");
            read.extend(part.items.into_iter().map(|repository| repository.name));
            match part.next {
                Some(next) => cursors.push(next),
                None => break,
            }
        }
        assert_eq!(read, names);
        assert_eq!(cursors.len(), 3);
        // One that was removed meanwhile is a place all the same.
        repositories
            .remove(&Viewer::system(), &cursors[1])
            .await
            .expect("it is removed");
        let part = repositories.page(&viewer, &cursors[1]).await.expect("a part");
        assert_eq!(part.items[0].name, names[50]);
        let past = repositories.page(&viewer, "zzz").await.expect("a part");
        assert_eq!((past.items.len(), past.next), (0, None));
        let bad = repositories.page(&viewer, "no cursor").await;
        assert!(
            matches!(bad, Err(Error::Invalid { field: "cursor", .. })),
            "{bad:?}"
        );
        let home = world.backend.catalog().home(&viewer).await.expect("home");
        assert_eq!((home.repositories.len(), home.n_repositories), (12, 110));
    });
}

#[test]
fn only_an_operator_changes_repositories() {
    block_on(async {
        let world = World::new().await;
        let upstream = Upstream::start().await;
        let repositories = world.backend.repositories();
        let viewer = Viewer::anonymous();
        let new = RepositorySettings::new("team", upstream.url());
        assert!(matches!(
            repositories.add(&viewer, new.clone()).await,
            Err(Error::Unauthenticated { .. })
        ));
        repositories
            .add(&Viewer::system(), new.clone())
            .await
            .expect("it is added");
        assert!(matches!(
            repositories.add(&Viewer::system(), new).await,
            Err(Error::Conflict { .. })
        ));
        assert!(matches!(
            repositories.remove(&viewer, "team").await,
            Err(Error::Unauthenticated { .. })
        ));
        assert!(matches!(
            repositories.sync_now(&viewer, "team").await,
            Err(Error::Unauthenticated { .. })
        ));
        assert!(matches!(
            repositories.accept_held(&viewer, "team").await,
            Err(Error::Unauthenticated { .. })
        ));
        assert_eq!(repositories.list(&viewer).await.expect("a list").len(), 1);
        repositories
            .remove(&Viewer::system(), "team")
            .await
            .expect("it is removed");
        assert!(matches!(
            repositories.get(&viewer, "team").await,
            Err(Error::NotFound { .. })
        ));
    });
}

#[test]
fn what_cannot_be_a_repository_is_refused() {
    block_on(async {
        let world = World::new().await;
        let rows = [
            ("Team", "https://charts.example.com", "name"),
            ("../x", "https://charts.example.com", "name"),
            ("", "https://charts.example.com", "name"),
            ("team", "ftp://charts.example.com", "url"),
            ("team", "charts.example.com", "url"),
        ];
        for (name, url, want) in rows {
            let new = RepositorySettings::new(name, url);
            let answer = world.backend.repositories().add(&Viewer::system(), new).await;
            assert!(
                matches!(answer, Err(Error::Invalid { field, .. }) if field == want),
                "{name} {url}"
            );
        }
    });
}

#[test]
fn the_configuration_adds_changes_and_removes_its_own() {
    block_on(async {
        let world = World::with(|settings| {
            settings.repositories = vec![
                RepositorySettings::new("one", "https://me:secret@one.example.com/charts/"),
                RepositorySettings::new("two", "https://two.example.com"),
            ];
        })
        .await;
        world
            .add_with(RepositorySettings::new("mine", "https://mine.example.com"))
            .await;
        let one = world.repository("one").await;
        assert_eq!(
            one.summary.url, "https://one.example.com/charts",
            "credentials are not shown"
        );
        let removed = world
            .backend
            .repositories()
            .remove(&Viewer::system(), "one")
            .await;
        assert!(matches!(removed, Err(Error::Conflict { .. })));
        let world = world
            .restart(|settings| {
                settings.repositories = vec![RepositorySettings::new("two", "https://moved.example.com")];
            })
            .await;
        let list = world
            .backend
            .repositories()
            .list(&Viewer::anonymous())
            .await
            .expect("a list");
        let list: Vec<_> = list.iter().map(|r| (r.name.as_str(), r.url.as_str())).collect();
        assert_eq!(
            list,
            [
                ("mine", "https://mine.example.com"),
                ("two", "https://moved.example.com")
            ]
        );
    });
}

#[test]
fn a_watcher_sees_a_sync_end_and_its_caller_sees_progress() {
    block_on(async {
        let world = World::new().await;
        let upstream = Upstream::start().await;
        upstream.publish(&[Chart::new("web", "1.0.0")]);
        world.add("team", &upstream).await;
        let repositories = world.backend.repositories();
        let mut changes = repositories.watch(&Viewer::anonymous()).expect("it may watch");
        let mut handle = repositories
            .sync_now(&Viewer::system(), "team")
            .await
            .expect("it starts");
        let mut n_steps = 0;
        while handle.progress().await.is_some() {
            n_steps += 1;
        }
        assert!(n_steps > 0);
        assert_eq!(handle.finish().await.expect("it ends").error, None);
        loop {
            let (name, state) = changes.next().await.expect("it goes on");
            assert_eq!(name, "team");
            if state.running.is_none() && state.last_success.is_some() {
                break;
            }
        }
    });
}

#[test]
fn the_scheduler_syncs_what_is_due() {
    block_on(async {
        let world = World::new().await;
        let upstream = Upstream::start().await;
        upstream.publish(&[Chart::new("web", "1.0.0")]);
        let mut changes = world
            .backend
            .repositories()
            .watch(&Viewer::anonymous())
            .expect("it may watch");
        let jobs = world.backend.start();
        world.add("team", &upstream).await;
        while let Some((_, state)) = changes.next().await {
            if state.last_success.is_some() && state.running.is_none() {
                break;
            }
        }
        jobs.shutdown().await;
        assert_eq!(world.repository("team").await.summary.n_charts, 1);
    });
}
