// The values as a file, and the whole as a command of helm.

/** Quoted for a shell where it has to be. */
export function quoted(word) {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** What to type to do the same with helm; the values are in `values.yaml` beside it, if there are any. */
export function command({ field, data, text }) {
  const isUpgrade = data.upgrade === "true";
  const lines = [];
  let chart = data.archiveUrl;
  const version = field("version") || data.version;
  if (data.repositoryUrl) {
    lines.push(`helm repo add ${quoted(data.repository)} ${quoted(data.repositoryUrl)}`);
    chart = `${data.repository}/${data.chart}`;
  }
  const name = field("name") || data.release || "my-release";
  const parts = [`helm ${isUpgrade ? "upgrade" : "install"} ${quoted(name)} ${quoted(chart)}`];
  if (data.repositoryUrl) parts.push(`--version ${quoted(version)}`);
  parts.push(`--namespace ${quoted(field("namespace") || data.namespace || "default")}`);
  if (text.trim()) parts.push("--values values.yaml");
  if (isUpgrade) parts.push("--reset-values");
  const flags = [
    ["create_namespace", "--create-namespace"],
    ["wait", "--wait"],
    ["wait_for_jobs", "--wait-for-jobs"],
    ["rollback_on_failure", "--rollback-on-failure"],
    ["skip_crds", "--skip-crds"],
    ["no_hooks", "--no-hooks"],
    ["force_conflicts", "--force-conflicts"],
    ["take_ownership", "--take-ownership"],
  ];
  for (const [name, flag] of flags) if (field(name)) parts.push(flag);
  const seconds = field("timeout_secs");
  if (seconds && seconds !== "300") parts.push(`--timeout ${quoted(`${seconds}s`)}`);
  if (isUpgrade && field("history_max") && field("history_max") !== "10") parts.push(`--history-max ${quoted(field("history_max"))}`);
  if (field("description")) parts.push(`--description ${quoted(field("description"))}`);
  const labels = field("labels").split("\n").map((line) => line.trim()).filter(Boolean);
  if (labels.length > 0) parts.push(`--labels ${quoted(labels.join(","))}`);
  lines.push(parts.join(" \\\n  "));
  return lines.join("\n");
}

export class Exports {
  /** Buttons above the values; `state` answers what there is to take along. */
  constructor(place, state) {
    const head = place.querySelector("[data-exports]");
    if (!head) return;
    const button = (label, act) => {
      const made = document.createElement("button");
      made.type = "button";
      made.className = "change__export";
      made.textContent = label;
      made.addEventListener("click", () => act(made));
      return made;
    };
    const save = button("Save as file", () => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([state().text], { type: "application/yaml" }));
      link.download = "values.yaml";
      link.click();
      URL.revokeObjectURL(link.href);
    });
    const copy = button("Copy helm command", async (made) => {
      try {
        await navigator.clipboard.writeText(command(state()));
        made.textContent = "Copied";
      } catch {
        made.textContent = "The clipboard is not allowed";
      }
      setTimeout(() => (made.textContent = "Copy helm command"), 1600);
    });
    head.replaceChildren(save, copy);
  }
}
