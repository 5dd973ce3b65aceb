//! The rights that an operation needs, for each object what is done with it.

use helm::release::ReleaseHook;

use super::objects::Action;
use crate::apply::Method;
use crate::manifest::Place;
use crate::rights::NeededRight;
use crate::{Cluster, Driver};

/// What happens to the records of a release.
pub(super) struct Records {
    pub(super) creates: bool,
    pub(super) deletes: bool,
}

pub(super) fn of_records(cluster: &Cluster, namespace: &str, records: &Records) -> Vec<NeededRight> {
    let mut verbs = vec!["get", "list", "update"];
    if records.creates {
        verbs.push("create");
    }
    if records.deletes {
        verbs.push("delete");
    }
    let resource = match cluster.driver {
        Driver::Secrets => "secrets",
        Driver::ConfigMaps => "configmaps",
    };
    let rights = verbs.into_iter().map(|verb| NeededRight {
        verb,
        group: String::new(),
        resource: resource.to_owned(),
        namespace: Some(namespace.to_owned()),
        name: None,
    });
    rights.collect()
}

/// What an action needs; an object that may not be looked at may have to be created.
pub(super) fn of_object(place: &Place, action: &Action, is_hidden: bool, method: Method) -> Vec<NeededRight> {
    let mut verbs = vec!["get"];
    match action {
        Action::Keep => {}
        Action::Delete => verbs.push("delete"),
        Action::Create => verbs.extend(creating(place, method)),
        Action::Change | Action::Recreate { .. } | Action::Unchanged | Action::Adopt => {
            verbs.push(if method.force_replace { "update" } else { "patch" });
            if is_hidden {
                verbs.push("create");
            }
        }
    }
    rights(place, verbs)
}

/// A hook is deleted before it is created anew, unless its policy says something else.
pub(super) fn of_hook(place: &Place, hook: &ReleaseHook, method: Method) -> Vec<NeededRight> {
    let mut verbs = vec!["get"];
    verbs.extend(creating(place, method));
    if hook.kind != "CustomResourceDefinition" {
        verbs.push("delete");
    }
    rights(place, verbs)
}

fn creating(place: &Place, method: Method) -> &'static [&'static str] {
    // A server-side apply of what is not there needs both.
    if method.server_side && !place.name.is_empty() {
        &["create", "patch"]
    } else {
        &["create"]
    }
}

pub(super) fn rights(place: &Place, verbs: Vec<&'static str>) -> Vec<NeededRight> {
    let rights = verbs.into_iter().map(|verb| NeededRight {
        verb,
        group: place.group().to_owned(),
        resource: place.resource.clone(),
        namespace: place.namespace.clone(),
        name: Some(place.name.clone()).filter(|name| !name.is_empty()),
    });
    rights.collect()
}
