//! What runs: the pods that objects make, and their containers.

use serde_json::Value;

use super::object::{Reviewed, at, list};

/// The specification of the pods that an object makes.
pub(super) fn pod_of(object: &Reviewed) -> Option<&Value> {
    let path: &[&str] = match object.kind.as_str() {
        "Pod" => &["spec"],
        "CronJob" => &["spec", "jobTemplate", "spec", "template", "spec"],
        "PodTemplate" => &["template", "spec"],
        // Workloads of operators that keep to the shape of Kubernetes' own are found, too.
        _ => &["spec", "template", "spec"],
    };
    let pod = object.at(path);
    pod.get("containers").is_some().then_some(pod)
}

/// Every container of a pod, those that begin it first.
pub(super) fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    ["initContainers", "containers", "ephemeralContainers"]
        .into_iter()
        .flat_map(|key| list(at(pod, &[key])))
}

/// The images of an object's containers.
pub(super) fn images_of(object: &Reviewed) -> Vec<String> {
    let mut images: Vec<String> = Vec::new();
    for container in pod_of(object).into_iter().flat_map(containers) {
        let image = at(container, &["image"]).as_str().unwrap_or_default().trim();
        if !image.is_empty() && !images.iter().any(|known| known == image) {
            images.push(image.to_owned());
        }
    }
    images
}
