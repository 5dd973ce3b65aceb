//! Values taken elsewhere and brought from there.

use helm::values::{Tree, parse_values};
use values::Document;
use values::exports::{
    FlagsError, ObjectError, Options, Source, Target, Verb, apply_flags, argo_cd, flux, helm_command,
};

fn http() -> Target {
    Target {
        release: "shop".to_owned(),
        namespace: "web".to_owned(),
        chart: "nginx".to_owned(),
        version: "1.2.3".to_owned(),
        source: Source::Http {
            name: "Our_Charts".to_owned(),
            url: "https://charts.example.com/stable".to_owned(),
        },
    }
}

fn oci() -> Target {
    Target {
        version: "1.2.3+b1".to_owned(),
        source: Source::Oci {
            url: "oci://registry.example.com/charts/".to_owned(),
        },
        ..http()
    }
}

const VALUES: &str = "# ours\nimage:\n  tag: '1.0' # pinned\n\nscript: |\n  a\n\n    b\n";

#[test]
fn a_command_carries_the_text_as_typed() {
    let new_namespace = Options {
        create_namespace: true,
        ..Options::default()
    };
    assert_eq!(
        helm_command(&http(), Verb::Install, &new_namespace, VALUES),
        format!(
            "helm install shop nginx --repo https://charts.example.com/stable --version 1.2.3 --namespace web --create-namespace --values - <<'VALUES'\n{VALUES}VALUES\n"
        )
    );
    assert_eq!(
        helm_command(&oci(), Verb::Upgrade, &Options::default(), ""),
        "helm upgrade shop oci://registry.example.com/charts/nginx --version 1.2.3+b1 --namespace web --reset-values\n"
    );
    let hostile = Target {
        release: "$(touch x); ls".to_owned(),
        ..http()
    };
    let command = helm_command(
        &hostile,
        Verb::Install,
        &Options::default(),
        "a: |\n  x\nVALUES: 1\n# VALUES\n",
    );
    assert!(
        command.starts_with("helm install '$(touch x); ls' nginx "),
        "{command}"
    );
    assert!(
        command.ends_with("<<'VALUES'\na: |\n  x\nVALUES: 1\n# VALUES\nVALUES\n"),
        "{command}"
    );
}

#[test]
fn a_command_carries_the_options() {
    let target = Target {
        source: Source::Archive {
            url: "http://charts.example.com/nginx-1.2.3.tgz".to_owned(),
        },
        ..http()
    };
    let options = Options {
        wait: true,
        rollback_on_failure: true,
        timeout_secs: Some(60),
        history_max: Some(3),
        description: Some("it's new".to_owned()),
        labels: vec!["team=shop".to_owned(), "tier=web".to_owned()],
        ..Options::default()
    };
    assert_eq!(
        helm_command(&target, Verb::Upgrade, &options, ""),
        "helm upgrade shop http://charts.example.com/nginx-1.2.3.tgz --namespace web --reset-values --wait --rollback-on-failure --timeout 60s --history-max 3 --description 'it'\\''s new' --labels 'team=shop,tier=web'\n"
    );
    assert!(!helm_command(&target, Verb::Install, &options, "").contains("history"));
    assert_eq!(flux(&target, ""), Err(ObjectError::NoRepository));
    assert_eq!(argo_cd(&target, ""), Err(ObjectError::NoRepository));
}

fn documents(text: &str) -> Vec<serde_json::Value> {
    text.split("---\n")
        .map(|document| {
            let table =
                parse_values(document.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{document}"));
            Tree::Table(table).to_json()
        })
        .collect()
}

#[test]
fn flux_gets_a_release_and_its_source() {
    let text = flux(&http(), VALUES).unwrap();
    assert!(text.contains("  values:\n    # ours\n    image:\n      tag: '1.0' # pinned\n\n    script: |\n      a\n\n        b\n"), "{text}");
    let [source, release] = documents(&text).try_into().unwrap();
    assert_eq!(source["kind"], "HelmRepository");
    assert_eq!(source["metadata"]["name"], "our-charts");
    assert_eq!(source["spec"]["url"], "https://charts.example.com/stable");
    assert_eq!(release["kind"], "HelmRelease");
    assert_eq!(
        release["spec"]["chart"]["spec"]["sourceRef"]["name"],
        "our-charts"
    );
    assert_eq!(release["spec"]["chart"]["spec"]["version"], "1.2.3");
    assert_eq!(release["spec"]["values"]["script"], "a\n\n  b\n");

    let text = flux(&oci(), "---\na: 1\n---\nb: 2\n").unwrap();
    let [source, release] = documents(&text).try_into().unwrap();
    assert_eq!(source["spec"]["url"], "oci://registry.example.com/charts/nginx");
    assert_eq!(source["spec"]["ref"]["tag"], "1.2.3_b1");
    assert_eq!(release["spec"]["chartRef"]["kind"], "OCIRepository");
    assert_eq!(release["spec"]["values"], serde_json::json!({"a": 1, "b": 2}));

    let [_, release] = documents(&flux(&http(), "# nothing\n").unwrap())
        .try_into()
        .unwrap();
    assert_eq!(release["spec"].get("values"), None);
    assert!(flux(&http(), "a: [\n").is_err());
}

#[test]
fn argo_cd_gets_the_text_itself() {
    for values in [
        VALUES,
        "a: 1",
        "\n\n  # first\na: 1\n",
        "  a: 1\n  b: 2\n",
        "a: 1\n\n\n",
        "a: \"x\ty\"\n",
        "---\na: 1\n",
        "# only\n",
    ] {
        let text = argo_cd(&http(), values).unwrap();
        let [application] = [Tree::Table(parse_values(text.as_bytes()).unwrap()).to_json()];
        assert_eq!(application["spec"]["source"]["helm"]["values"], values, "{text}");
        assert_eq!(application["spec"]["destination"]["namespace"], "web");
    }
    let text = argo_cd(&oci(), VALUES).unwrap();
    assert!(
        text.contains("    repoURL: registry.example.com/charts\n"),
        "{text}"
    );
    assert!(text.contains("      values: |\n        # ours\n"), "{text}");
    assert!(!argo_cd(&http(), "\n").unwrap().contains("values:"));
}

#[test]
fn flags_become_edits() {
    for (before, flags, after) in [
        ("", "a.b=1", "a:\n  b: 1\n"),
        (
            "a:\n  # why\n  b: 1 # x\n",
            "--set a.b=2",
            "a:\n  # why\n  b: 2 # x\n",
        ),
        (
            "image: {}\n",
            "helm install x repo/y -f values.yaml \\\n  --set image.tag=1.0 --set-string 'port=80',\"name=a b\"",
            "image:\n  tag: \"1.0\"\nname: a b\nport: \"80\"\n",
        ),
        ("", "--set=hosts[0]=a --set hosts[1]=b", "hosts:\n  - a\n  - b\n"),
        (
            "hosts:\n- a # first\n",
            "--set hosts[1].x=b",
            "hosts:\n- a # first\n- x: b\n",
        ),
        ("", "--set list={a,b}", "list:\n  - a\n  - b\n"),
        (
            "",
            "--set-json 'x={\"a\":[1,true]}'",
            "x:\n  a:\n    - 1\n    - true\n",
        ),
        ("", r"--set 'node\.role/x=yes'", "node.role/x: \"yes\"\n"),
        ("", r"node\.role/x=a b", "node.role/x: a b\n"),
        ("a: 1\n", "--set a=null", "a: null\n"),
        ("", "a=1\nb=2\n", "a: 1\nb: 2\n"),
    ] {
        let mut document = Document::parse(before).unwrap();
        apply_flags(&mut document, flags).unwrap_or_else(|error| panic!("{flags}: {error}"));
        assert_eq!(document.text(), after, "{flags}");
    }
}

#[test]
fn flags_that_are_none_change_nothing() {
    for (flags, want) in [
        ("helm list", FlagsError::Nothing),
        ("--set 'a=1", FlagsError::OpenQuote),
        (
            "--set",
            FlagsError::NoValue {
                flag: "--set".to_owned(),
            },
        ),
        (
            "--set-file a=b.txt",
            FlagsError::File {
                expression: "a=b.txt".to_owned(),
            },
        ),
    ] {
        let mut document = Document::parse("a: 1 # x\n").unwrap();
        assert_eq!(apply_flags(&mut document, flags), Err(want));
        assert_eq!(document.text(), "a: 1 # x\n");
    }
    let mut document = Document::parse("a: 1\n").unwrap();
    assert!(matches!(
        apply_flags(&mut document, "--set a.b=1"),
        Err(FlagsError::Assignment(_))
    ));
}
