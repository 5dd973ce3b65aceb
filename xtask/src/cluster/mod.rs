//! `cargo xtask cluster`: a real Kubernetes control plane on this machine, without containers, for tests and for people
//! who have no cluster.
//!
//! The parts are Go programs (`end2end/cluster`); nothing runs in it, kwok plays the nodes. [`plane`]
//! starts and stops it, [`identity`] makes its keys and users, [`contents`] is what a fresh one holds, and [`remote`]
//! lets tests in other processes take its API server away.

mod contents;
mod flags;
mod identity;
mod part;
mod plane;
mod remote;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

pub(crate) use plane::{Cluster, Options};

use crate::go_tools::{CONTROL_PLANE, HELM_3, HELM_4, KWOK};
use crate::process::{self, say};

/// `cluster [build | [--directory DIR] [--nodes N] [--keep]]`.
pub(crate) fn run(args: &[String]) -> Result<()> {
    if args.first().is_some_and(|arg| arg == "build") {
        for tool in [&CONTROL_PLANE, &KWOK, &HELM_4, &HELM_3] {
            say(&tool.program()?.display().to_string());
        }
        return Ok(());
    }
    let mut directory = process::target_dir().join("cluster");
    let mut options = Options::default();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let mut value = || args.next().with_context(|| format!("`{arg}` needs a value"));
        match arg.as_str() {
            "--directory" => directory = PathBuf::from(value()?),
            "--nodes" => options.n_nodes = value()?.parse().context("--nodes takes a number")?,
            "--keep" => options.keeps_directory = true,
            other => bail!("there is no argument `{other}`; `cargo xtask help` shows those there are"),
        }
    }
    let cluster = Cluster::start(&directory, options)?;
    say(&format!(
        "
A Kubernetes API server is ready; its nodes are played and run nothing. In another terminal:

  export KUBECONFIG={}
  export PATH={}:$PATH
  kubectl get nodes

Contexts (kubectl config use-context, helm --kube-context):
{}
Ctrl-C stops it{}.",
        cluster.kubeconfig().display(),
        cluster.kubectl().parent().unwrap_or(&directory).display(),
        identity::explained(),
        if cluster.keeps_directory() {
            "; what was made in it is there again after the next start"
        } else {
            " and removes what was made in it (--keep keeps it)"
        },
    ));
    cluster.watch()
}
