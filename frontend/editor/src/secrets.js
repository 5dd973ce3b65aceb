// Which values look secret, and a text without them: what is kept in this browser must not hold a password.
//
// It reads lines, not YAML: a text that is being edited is often no YAML, and is to be safe all the same. Where it is in
// doubt it takes a value away; what is taken away is only missing from a draft.

const SECRET =
  /pass(word|wd|phrase)?s?$|passw|secret|token|(api|private|access|encryption|signing|license|ssh|ssl)[-_]?key|credential|htpasswd|^auth$|salt$|connection[-_]?string|dsn$|[-_.]key$/i;
/** `masterKey`: only the capital letter tells it from a monkey. */
const CAMEL = /[a-z0-9]Key$/;
/** Names of things that hold secrets, and switches about them. */
const PLAIN = /^existing|(secret|password|token|key)s?[-_]?(name|ref|keyref|refs|file|path|mount|type|store|length|enabled|annotations|labels)$|(name|ref|keyref)$|^(topologyKey|secretKeys|keyName|imagePullSecrets|pullSecrets|automountServiceAccountToken)$|^(create|enabled|use|mount|generate)/i;

/** Values that are secret whatever they are called: keys, tokens of well-known services, passwords in addresses. */
const SECRET_VALUE = /-----BEGIN [A-Z ]*PRIVATE KEY|:\/\/[^\s/:@"']*:[^\s/@"']+@|\b(gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk-|AKIA[0-9A-Z]{12})\w{4,}|\beyJ[\w-]{8,}\.eyJ[\w-]+/;

/** `  - key: value`, the key quoted or not. */
const PAIR = /^(\s*(?:-\s+)*)(?:"([^"]*)"|'([^']*)'|([^\s#"'{[&*!|>%@,:][^:#]*?))\s*:(?=\s|$)(.*)$/;
/** A key without blanks, as a comment may hold it. */
const COMMENTED = /^(?:-\s+)*["']?[\w.\-/]+["']?\s*:/;
/** A pair in braces. */
const FLOW = /(["']?)([\w.\-/]+)\1(\s*:\s*)("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,{}[\]#]+)/g;

export function looksSecret(key) {
  return (SECRET.test(key) || CAMEL.test(key)) && !PLAIN.test(key);
}

/** The text without values that look secret, and how many were taken away. */
export function withoutSecrets(text) {
  const out = [];
  let n = 0;
  /** The column of a key whose whole value is taken away. */
  let inside = -1;
  /** Whether the item of a list that begins at `item` names a secret: `- name: DB_PASSWORD`, `value: …`. */
  let named = -1;
  /** Whether this is within a private key. */
  let isKey = false;
  for (const line of text.split("\n")) {
    if (isKey) {
      isKey = !line.includes("-----END");
      continue;
    }
    const indent = line.search(/\S/);
    if (inside >= 0) {
      if (indent < 0) {
        out.push("");
        continue;
      }
      if (indent > inside) continue;
      inside = -1;
    }
    const comment = /^\s*#+\s?/.exec(line)?.[0];
    if (comment !== undefined) {
      // What was commented out is as secret as it was; prose is prose.
      const inner = line.slice(comment.length);
      const kept = COMMENTED.test(inner) || SECRET_VALUE.test(inner) ? withoutSecrets(inner) : { n: 0 };
      n += kept.n;
      out.push(kept.n > 0 ? comment + kept.text : line);
      continue;
    }
    const pair = PAIR.exec(line);
    if (SECRET_VALUE.test(line)) {
      isKey = line.includes("-----BEGIN") && !line.includes("-----END");
      n += 1;
      const lead = pair ? line.slice(0, line.length - pair.at(-1).length) : /^\s*(?:-\s+)*/.exec(line)[0];
      if (!isKey || pair) out.push(`${lead}${pair ? " " : ""}""`);
      continue;
    }
    if (!pair) {
      const [kept, taken] = flow(line);
      n += taken;
      out.push(kept);
      continue;
    }
    const [, lead, double, single, bare, rest] = pair;
    const key = (double ?? single ?? bare).trim();
    const column = lead.length;
    if (named >= 0 && column < named) named = -1;
    if (lead.includes("-")) named = -1;
    const value = rest.trim();
    if (/^(name|key)$/i.test(key) && looksSecret(unquoted(value))) named = column;
    const isOfNamed = named === column && /^(value|data|content)$/i.test(key);
    if (!looksSecret(key) && !isOfNamed) {
      const [kept, taken] = flow(line);
      n += taken;
      out.push(kept);
      continue;
    }
    // A reference to something else, or nothing at all, gives nothing away.
    if (value === "" || value.startsWith("#")) {
      out.push(line);
      inside = column;
      n += 1;
      continue;
    }
    if (/^(""|''|~|null|true|false|\{\}|\[\])\s*(#.*)?$/.test(value)) {
      out.push(line);
      continue;
    }
    out.push(`${line.slice(0, line.length - rest.length)} ""`);
    inside = column;
    n += 1;
  }
  return { text: out.join("\n"), n };
}

function flow(line) {
  if (!/[{[]/.test(line)) return [line, 0];
  let n = 0;
  const kept = line.replace(FLOW, (whole, quote, key, colon) => {
    if (!looksSecret(key)) return whole;
    n += 1;
    return `${quote}${key}${quote}${colon}""`;
  });
  return [kept, n];
}

function unquoted(value) {
  return value.replace(/\s+#.*$/, "").replace(/^(["'])(.*)\1$/, "$2");
}
