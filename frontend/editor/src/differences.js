// What differs between two texts, line by line (Myers 1986), within bounds.

/** Past so many differing lines the texts are simply told apart as a whole: nobody reads more. */
const MAX_STEPS = 400;
/** Equal lines shown around those that differ. */
const CONTEXT = 3;

/** `[kind, line]` of all lines, where `kind` is `same`, `went` or `came`. */
export function lines(before, after) {
  const a = before.split("\n");
  const b = after.split("\n");
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const same = (line) => ["same", line];
  return [
    ...a.slice(0, start).map(same),
    ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...a.slice(a.length - end).map(same),
  ];
}

function middle(a, b) {
  const whole = () => [...a.map((line) => ["went", line]), ...b.map((line) => ["came", line])];
  if (a.length === 0 || b.length === 0) return whole();
  const trace = steps(a, b);
  if (!trace) return whole();
  const found = [];
  let [x, y] = [a.length, b.length];
  for (let d = trace.length - 1; d >= 0; d--) {
    const reached = trace[d];
    const k = x - y;
    const isDown = k === -d || (k !== d && (reached.get(k - 1) ?? -1) < (reached.get(k + 1) ?? -1));
    const from = isDown ? k + 1 : k - 1;
    const fromX = d === 0 ? 0 : (reached.get(from) ?? 0);
    const fromY = fromX - from;
    while (x > (d === 0 ? 0 : Math.max(fromX, 0)) && y > (d === 0 ? 0 : Math.max(fromY, 0)) && a[x - 1] === b[y - 1]) {
      found.push(["same", a[--x]]);
      y--;
    }
    if (d === 0) break;
    if (isDown) found.push(["came", b[--y]]);
    else found.push(["went", a[--x]]);
  }
  return found.reverse();
}

/** For every number of differences how far each diagonal was reached before it; nothing where there are too many. */
function steps(a, b) {
  const trace = [];
  let reached = new Map([[1, 0]]);
  for (let d = 0; d <= Math.min(a.length + b.length, MAX_STEPS); d++) {
    trace.push(new Map(reached));
    for (let k = -d; k <= d; k += 2) {
      const isDown = k === -d || (k !== d && (reached.get(k - 1) ?? -1) < (reached.get(k + 1) ?? -1));
      let x = isDown ? (reached.get(k + 1) ?? 0) : (reached.get(k - 1) ?? 0) + 1;
      let y = x - k;
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x++;
        y++;
      }
      reached.set(k, x);
      if (x >= a.length && y >= b.length) return trace;
    }
  }
  return undefined;
}

/** Which lines of `after`, from 1, are not in `before`. */
export function changedLines(before, after) {
  const changed = [];
  let number = 0;
  for (const [kind] of lines(before, after)) {
    if (kind !== "went") number++;
    if (kind === "came") changed.push(number);
  }
  return changed;
}

/** The objects of a manifest by what they are: kind, namespace and name. */
export function objectsOf(summary, manifest) {
  const all = manifest.split("\n");
  const objects = new Map();
  for (const { kind, name, namespace, path, manifestLine, nLines } of summary.objects) {
    const text = all.slice(manifestLine - 1, manifestLine - 1 + nLines).join("\n");
    const title = `${kind} ${namespace ? `${namespace}/` : ""}${name}`;
    const key = objects.has(title) ? `${title} (${path})` : title;
    objects.set(key, text);
  }
  return objects;
}

/** A patch to read: each object that differs, with its lines and some around; `marks` are kinds of lines, from 1. */
export function patch(before, after) {
  const out = [];
  const marks = [];
  let nObjects = 0;
  const put = (kind, text) => {
    out.push(text);
    marks.push(kind);
  };
  for (const key of new Set([...after.keys(), ...before.keys()])) {
    const [old, now] = [before.get(key) ?? "", after.get(key) ?? ""];
    if (old === now) continue;
    nObjects++;
    const what = !before.has(key) ? " (added)" : !after.has(key) ? " (gone)" : "";
    if (out.length > 0) put("", "");
    put("object", `# ${key}${what}`);
    let all;
    if (!before.has(key)) all = now.split("\n").map((line) => ["came", line]);
    else if (!after.has(key)) all = old.split("\n").map((line) => ["went", line]);
    else all = lines(old, now);
    let last = -1;
    all.forEach(([kind, line], at) => {
      const isNear = all.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some(([other]) => other !== "same");
      if (!isNear) return;
      if (last >= 0 && at > last + 1) put("", "  ⋮");
      last = at;
      const sign = { same: " ", went: "-", came: "+" }[kind];
      put(kind === "same" ? "" : kind, `${sign} ${line}`);
    });
  }
  return { text: out.join("\n"), marks, nObjects };
}

/** The objects of an installed revision by the same names; data of Secrets is in neither. */
export function objectsOfRevision(parts) {
  const objects = new Map();
  for (const { kind, name, path, yaml } of parts) {
    const namespace = /^metadata:\n(?:(?: .*|)\n)*? {2}namespace: ["']?([^\s"']+)/m.exec(`${yaml}\n`)?.[1];
    const title = `${kind} ${namespace ? `${namespace}/` : ""}${name}`;
    objects.set(objects.has(title) ? `${title} (${path})` : title, yaml.replace(/\n+$/, ""));
  }
  return withoutSecretData(objects);
}

/** What is in a Secret is not compared: a revision shows nothing of it. */
export function withoutSecretData(objects) {
  const hidden = "# what is in a Secret is not compared";
  return new Map([...objects].map(([title, text]) => [title, title.startsWith("Secret ") ? hidden : text.replace(/\n+$/, "")]));
}
