//! The schema and the statements themselves.

use std::collections::BTreeSet;
use std::path::Path;

use crate::support::databases::on_each;

#[test]
fn every_statement_is_understood() {
    on_each(|store| async move {
        let statements = backend::store::statements();
        assert!(statements.len() > 30, "the list is complete");
        for sql in statements {
            if let Err(error) = store.prepare(sql).await {
                panic!("{sql}: {error:?}");
            }
        }
    });
}

#[test]
fn both_databases_take_the_same_steps() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let files = |dialect: &str| -> BTreeSet<String> {
        std::fs::read_dir(root.join(dialect))
            .expect("the folder exists")
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .into_string()
                    .expect("a name")
            })
            .collect()
    };
    let known: BTreeSet<String> = backend::store::migrations()
        .map(|(number, name)| format!("{number:04}_{name}.sql"))
        .collect();
    assert_eq!(files("sqlite"), known);
    assert_eq!(files("postgres"), known);
}

#[test]
fn opening_again_changes_nothing() {
    crate::support::block_on(async {
        let dir = tempfile::tempdir().expect("a directory");
        for _ in 0..2 {
            let store = crate::support::databases::open("", dir.path()).await;
            store.ping().await.expect("it answers");
            store.close().await;
        }
    });
}
