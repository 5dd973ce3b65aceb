//! Programs in Go that tests run beside ours: real Helm, a real Kubernetes control plane, a real registry.
//!
//! Each is pinned by a module of its own in `end2end` (go.mod and go.sum), built once into the user's cache and found there
//! afterwards. What changes its outcome is in the name of its folder, so nothing is ever out of date.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use sha2::{Digest as _, Sha256};

use crate::process::{self, say};

/// A Go program that is built from a pinned module.
pub(crate) struct Tool {
    /// Of the program, and of its module's folder.
    name: &'static str,
    /// Where that folder is in `end2end`.
    inside: &'static str,
    /// The module whose version is the tool's.
    module: &'static str,
    /// The package of its `main`, as seen from the folder.
    package: &'static str,
    /// What the program says about its own versions: Go code cannot know that it was built from a release.
    stamps: &'static [Stamp],
}

/// A variable that the linker sets.
struct Stamp {
    variable: &'static str,
    /// The module whose version goes in.
    module: &'static str,
    part: Part,
}

/// What of a version.
enum Part {
    Whole,
    Minor,
    /// The major version of the Kubernetes that `k8s.io/client-go v0.N` belongs to.
    KubernetesMajor,
}

/// The Helm whose command line, releases and output ours follow.
///
/// Not stamped: what the conformance data holds was printed by a build that calls itself `v4.3`, as templates see.
pub(crate) const HELM_4: Tool = Tool {
    name: "helm4",
    inside: "cluster",
    module: "helm.sh/helm/v4",
    package: "helm.sh/helm/v4/cmd/helm",
    stamps: &[],
};

/// The Helm that most clusters still meet.
pub(crate) const HELM_3: Tool = Tool {
    name: "helm3",
    inside: "cluster",
    module: "helm.sh/helm/v3",
    package: "helm.sh/helm/v3/cmd/helm",
    stamps: &[
        Stamp {
            variable: "helm.sh/helm/v3/internal/version.version",
            module: "helm.sh/helm/v3",
            part: Part::Whole,
        },
        Stamp {
            variable: "helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor",
            module: "k8s.io/client-go",
            part: Part::KubernetesMajor,
        },
        Stamp {
            variable: "helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor",
            module: "k8s.io/client-go",
            part: Part::Minor,
        },
    ],
};

/// Plays the nodes of a cluster and what runs on them.
pub(crate) const KWOK: Tool = Tool {
    name: "kwok",
    inside: "cluster",
    module: "sigs.k8s.io/kwok",
    package: ".",
    stamps: &[Stamp {
        variable: "sigs.k8s.io/kwok/pkg/consts.Version",
        module: "sigs.k8s.io/kwok",
        part: Part::Whole,
    }],
};

/// etcd, API server, controller manager, scheduler and kubectl. Unstamped the server calls itself
/// `v0.0.0-master+$Format:%H$`, which no chart's version check reads.
pub(crate) const CONTROL_PLANE: Tool = Tool {
    name: "control-plane",
    inside: "cluster",
    module: "k8s.io/kubernetes",
    package: ".",
    stamps: &[
        Stamp {
            variable: "k8s.io/component-base/version.gitVersion",
            module: "k8s.io/kubernetes",
            part: Part::Whole,
        },
        Stamp {
            variable: "k8s.io/component-base/version.gitMajor",
            module: "k8s.io/kubernetes",
            part: Part::KubernetesMajor,
        },
        Stamp {
            variable: "k8s.io/component-base/version.gitMinor",
            module: "k8s.io/kubernetes",
            part: Part::Minor,
        },
    ],
};

/// The registry that most others are made of: CNCF Distribution.
pub(crate) const REGISTRY: Tool = Tool {
    name: "distribution",
    inside: "registry",
    module: "github.com/distribution/distribution/v3",
    package: "github.com/distribution/distribution/v3/cmd/registry",
    stamps: &[],
};

/// A client of registries for whatever is in them.
pub(crate) const ORAS: Tool = Tool {
    name: "oras",
    inside: "registry",
    module: "oras.land/oras",
    package: "oras.land/oras/cmd/oras",
    stamps: &[],
};

impl Tool {
    /// The program, built if the cache has none of these sources: minutes the first time, and a network.
    pub(crate) fn program(&self) -> Result<PathBuf> {
        let sources = self.sources();
        let go_mod = read(&sources.join("go.mod"))?;
        let version = required_version(&go_mod, self.module)?;
        let linker = self.linker_flags(&go_mod)?;
        let folder = cache().join(format!(
            "{}-{version}-{}",
            self.name,
            digest(&sources, self.package, &linker)?
        ));
        let program = folder.join(self.name);
        if !program.is_file() {
            self.build(&sources, version, &linker, &program)?;
        }
        Ok(program)
    }

    /// The folder of its module.
    fn sources(&self) -> PathBuf {
        let inside = process::workspace_root().join("end2end").join(self.inside);
        inside.join(self.name)
    }

    fn build(&self, sources: &Path, version: &str, linker: &str, program: &Path) -> Result<()> {
        ensure_go()?;
        say(&format!(
            "building {} {version} from its Go module (once, a few minutes)",
            self.name
        ));
        let started = Instant::now();
        let folder = program.parent().context("a tool lives in a folder")?;
        std::fs::create_dir_all(folder)?;
        // Moved when whole: two builds at once must not meet, and one that is killed must not look finished.
        let unfinished = folder.join(format!("unfinished-{}", std::process::id()));
        let built = process::run_command(
            Command::new("go")
                .args([
                    "build",
                    "-mod=readonly",
                    "-trimpath",
                    "-buildvcs=false",
                    "-ldflags",
                ])
                .arg(linker)
                .arg("-o")
                .args([unfinished.as_os_str(), self.package.as_ref()])
                .env("CGO_ENABLED", "0")
                .env("GOWORK", "off")
                .current_dir(sources),
        );
        if built.is_err() {
            std::fs::remove_file(&unfinished).ok();
        }
        built?;
        std::fs::rename(&unfinished, program)?;
        let size = std::fs::metadata(program)?.len() / 1_000_000;
        let seconds = started.elapsed().as_secs_f64();
        say(&format!(
            "built {} {version}: {seconds:.1} s, {size} MB",
            self.name
        ));
        Ok(())
    }

    fn linker_flags(&self, go_mod: &str) -> Result<String> {
        let mut flags = "-s -w".to_owned();
        for stamp in self.stamps {
            let version = required_version(go_mod, stamp.module)?;
            let value = match stamp.part {
                Part::Whole => version,
                Part::Minor => version
                    .split('.')
                    .nth(1)
                    .context("a Go module's version has a minor part")?,
                Part::KubernetesMajor => "1",
            };
            write!(flags, " -X {}={value}", stamp.variable)?;
        }
        Ok(flags)
    }
}

/// An error that says where Go is to be had, if this machine has none.
pub(crate) fn ensure_go() -> Result<()> {
    ensure!(
        process::has("go"),
        "real Helm, the control plane and the registry are built with Go 1.26 or newer: https://go.dev/dl has it"
    );
    Ok(())
}

/// The version that a go.mod requires of a module.
fn required_version<'m>(go_mod: &'m str, module: &str) -> Result<&'m str> {
    let version = go_mod.lines().find_map(|line| {
        let mut words = line.trim().trim_start_matches("require ").split_whitespace();
        let is_it = words.next() == Some(module);
        words.next().filter(|word| is_it && word.starts_with('v'))
    });
    version.with_context(|| format!("no go.mod line requires {module}"))
}

/// Of everything the program is made from.
fn digest(sources: &Path, package: &str, linker: &str) -> Result<String> {
    let mut hasher = Sha256::new();
    let mut names: Vec<PathBuf> = sources
        .read_dir()?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<_>>()?;
    names.retain(|path| {
        path.extension()
            .is_some_and(|extension| ["go", "mod", "sum"].iter().any(|known| extension == *known))
    });
    names.sort();
    for name in names {
        let text = read(&name)?;
        hasher.update(text.len().to_le_bytes());
        hasher.update(text);
    }
    hasher.update(package);
    hasher.update(linker);
    let mut shown = String::new();
    for byte in hasher.finalize().iter().take(6) {
        write!(shown, "{byte:02x}")?;
    }
    Ok(shown)
}

/// Where tools are kept: beside what CI keeps of cargo's.
fn cache() -> PathBuf {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let caches = variable("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(variable("HOME")?).join(".cache")));
    match caches {
        Some(caches) => caches.join("chartroom/tools"),
        None => process::target_dir().join("tools"),
    }
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_those_of_the_go_mod() {
        let go_mod = "module x\n\nrequire helm.sh/helm/v4 v4.3.1\n\nrequire (\n\tk8s.io/client-go v0.37.1 // indirect\n)\n\
                      replace k8s.io/client-go => k8s.io/client-go v0.35.4\n";
        assert_eq!(required_version(go_mod, "helm.sh/helm/v4").unwrap(), "v4.3.1");
        assert_eq!(required_version(go_mod, "k8s.io/client-go").unwrap(), "v0.37.1");
        assert!(required_version(go_mod, "helm.sh/helm").is_err());
    }

    #[test]
    fn every_tool_finds_its_versions() {
        for (tool, wanted) in [
            (&HELM_4, "-s -w"),
            (&KWOK, " -X sigs.k8s.io/kwok/pkg/consts.Version=v"),
            (&HELM_3, " -X helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=3"),
            (&CONTROL_PLANE, " -X k8s.io/component-base/version.gitMinor=3"),
            (&REGISTRY, "-s -w"),
            (&ORAS, "-s -w"),
        ] {
            let go_mod = tool.sources().join("go.mod");
            let go_mod = read(&go_mod).unwrap();
            required_version(&go_mod, tool.module).unwrap();
            let flags = tool.linker_flags(&go_mod).unwrap();
            assert!(flags.contains(wanted), "{flags}");
        }
    }
}
