//! Clusters as they are configured: checked, and a kubeconfig of several contexts taken apart.

use crate::ops::check_name;
use crate::settings::ClusterSettings;
use crate::{Error, Result};

/// One entry for each cluster, each with a name of its own.
pub(super) fn read(settings: &[ClusterSettings]) -> Result<Vec<ClusterSettings>> {
    let mut clusters: Vec<ClusterSettings> = Vec::new();
    for entry in settings {
        let entries = if entry.every_context {
            each_context(entry)?
        } else {
            vec![entry.clone()]
        };
        for cluster in entries {
            check_name(&cluster.name).map_err(|error| invalid(format!("`{}`: {error}", cluster.name)))?;
            if clusters.iter().any(|other| other.name == cluster.name) {
                return Err(invalid(format!("the name `{}` is there twice", cluster.name)));
            }
            if cluster.context.is_some() && cluster.kubeconfig.is_none() {
                return Err(invalid(format!(
                    "`{}` names a context and no kubeconfig that has it",
                    cluster.name
                )));
            }
            clusters.push(cluster);
        }
    }
    Ok(clusters)
}

fn each_context(entry: &ClusterSettings) -> Result<Vec<ClusterSettings>> {
    let Some(file) = entry.kubeconfig.as_ref().filter(|_| entry.context.is_none()) else {
        return Err(invalid(
            "`every_context` needs a `kubeconfig`, and no `context` beside it".to_owned(),
        ));
    };
    let contexts = cluster::contexts(file).map_err(|error| {
        invalid(format!(
            "the contexts of {}: {}",
            file.display(),
            error.innermost()
        ))
    })?;
    if contexts.is_empty() {
        return Err(invalid(format!("{} has no contexts", file.display())));
    }
    let of_context = |context: String| ClusterSettings {
        name: name_of(&entry.name, &context),
        context: Some(context),
        every_context: false,
        ..entry.clone()
    };
    Ok(contexts.into_iter().map(of_context).collect())
}

/// A context can be called anything, `arn:aws:eks:…:cluster/prod` for example; of a long name the end tells most.
fn name_of(prefix: &str, context: &str) -> String {
    let plain = |c: char| match c.to_ascii_lowercase() {
        c if c.is_ascii_alphanumeric() || c == '.' => c,
        _ => '-',
    };
    let name: String = context.chars().map(plain).collect();
    let room = 63_usize.saturating_sub(if prefix.is_empty() { 0 } else { prefix.len() + 1 });
    let end = name.len().saturating_sub(room);
    let name = name[end..].trim_matches(['-', '.']);
    if prefix.is_empty() {
        name.to_owned()
    } else {
        format!("{prefix}-{name}")
    }
}

fn invalid(message: String) -> Error {
    Error::Invalid {
        field: "clusters",
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> ClusterSettings {
        ClusterSettings {
            name: name.to_owned(),
            kubeconfig: Some("/nowhere/kubeconfig".into()),
            ..ClusterSettings::default()
        }
    }

    #[test]
    fn names_are_plain_and_there_once() {
        assert!(read(&[named("prod"), named("test")]).is_ok());
        for bad in [
            vec![named("a/b")],
            vec![named("")],
            vec![named("prod"), named("prod")],
        ] {
            assert!(read(&bad).is_err());
        }
        let mut without_file = named("prod");
        without_file.kubeconfig = None;
        without_file.context = Some("x".to_owned());
        assert!(read(&[without_file]).is_err());
    }

    #[test]
    fn every_context_of_a_kubeconfig_is_a_cluster() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("kubeconfig");
        let context = |name: &str| format!("- {{name: '{name}', context: {{cluster: c, user: u}}}}\n");
        let text = format!(
            "apiVersion: v1\nkind: Config\ncontexts:\n{}{}{}",
            context("prod"),
            context("arn:aws:eks:eu-west-1:123456789012:cluster/Shop_Staging"),
            context("alice@lab.example"),
        );
        std::fs::write(&file, text).expect("a file");
        let mut entry = named("");
        entry.kubeconfig = Some(file);
        entry.every_context = true;
        let names = |entry: &ClusterSettings| -> Vec<(String, Option<String>)> {
            read(std::slice::from_ref(entry))
                .expect("it is fine")
                .into_iter()
                .map(|cluster| (cluster.name, cluster.context))
                .collect()
        };
        let found = names(&entry);
        assert_eq!(found[0], ("prod".to_owned(), Some("prod".to_owned())));
        assert_eq!(
            found[1].0,
            "arn-aws-eks-eu-west-1-123456789012-cluster-shop-staging"
        );
        assert_eq!(found[2].0, "alice-lab.example");
        "eu".clone_into(&mut entry.name);
        assert_eq!(names(&entry)[0].0, "eu-prod");
        assert_eq!(
            name_of("eu", &"x-".repeat(60)).len(),
            62,
            "long names are cut, and end with a letter"
        );

        entry.context = Some("prod".to_owned());
        assert!(read(&[entry]).is_err(), "one context, or all of them");
        let mut away = named("");
        away.every_context = true;
        let error = read(&[away]).expect_err("there is no such file").to_string();
        assert!(error.contains("/nowhere/kubeconfig"), "{error}");
    }
}
