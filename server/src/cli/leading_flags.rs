//! Helm's global flags, and those that stand in their place for a server, may stand before the command (`chartroom -n shop list`); here they belong to commands, so they are
//! moved behind it before anything is parsed.

use std::ffi::OsString;

/// Flags that take a value.
const WITH_VALUE: [&str; 14] = [
    "-n",
    "--namespace",
    "--kubeconfig",
    "--kube-context",
    "--kube-apiserver",
    "--kube-token",
    "--kube-as-user",
    "--kube-as-group",
    "--kube-ca-file",
    "--kube-tls-server-name",
    "--server",
    "--cluster",
    "--token-file",
    "--server-ca-file",
];
const WITHOUT_VALUE: [&str; 1] = ["--kube-insecure-skip-tls-verify"];
/// Commands of which the second word is a command, too.
const FAMILIES: [&str; 2] = ["get", "plan"];

/// The arguments with helm's global flags at the end. Everything else stays where it is.
pub(super) fn moved(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments = arguments.into_iter();
    let mut kept: Vec<OsString> = arguments.next().into_iter().collect();
    let mut moved = Vec::new();
    // How many words are still commands.
    let mut n_commands = 1;
    while n_commands > 0 {
        let Some(argument) = arguments.next() else { break };
        let text = argument.to_string_lossy().into_owned();
        let name = text.split('=').next().unwrap_or_default();
        let has_value_within = text.contains('=') || text.starts_with("-n") && text.len() > 2;
        if WITHOUT_VALUE.contains(&name) {
            moved.push(argument);
        } else if WITH_VALUE.contains(&name) || text.starts_with("-n") && !text.starts_with("--") {
            moved.push(argument);
            if !has_value_within {
                moved.extend(arguments.next());
            }
        } else {
            if !text.starts_with('-') {
                n_commands -= 1;
                if FAMILIES.contains(&text.as_str()) {
                    n_commands += 1;
                }
            }
            kept.push(argument);
        }
    }
    let rest: Vec<OsString> = arguments.collect();
    // What is behind `--` is never a flag.
    let end = rest
        .iter()
        .position(|argument| argument == "--")
        .unwrap_or(rest.len());
    let (before, after) = rest.split_at(end);
    kept.extend_from_slice(before);
    kept.extend(moved);
    kept.extend_from_slice(after);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(arguments: &str) -> String {
        let arguments = arguments.split(' ').map(OsString::from);
        let moved: Vec<String> = moved(arguments)
            .into_iter()
            .map(|argument| argument.into_string().unwrap())
            .collect();
        moved.join(" ")
    }

    #[test]
    fn flags_move_behind_the_command() {
        for (given, want) in [
            ("c -n shop list", "c list -n shop"),
            ("c -nshop list -q", "c list -q -nshop"),
            (
                "c --namespace=shop --kube-context x get values web",
                "c get values web --namespace=shop --kube-context x",
            ),
            ("c get -n shop values web", "c get values web -n shop"),
            (
                "c --server https://c plan -n shop install web a/b",
                "c plan install web a/b --server https://c -n shop",
            ),
            ("c --data-dir d serve", "c --data-dir d serve"),
            ("c -n shop test a -- b", "c test a -n shop -- b"),
            ("c list -n shop", "c list -n shop"),
            ("c -n", "c -n"),
            ("c --version", "c --version"),
        ] {
            assert_eq!(after(given), want, "{given}");
        }
    }
}
