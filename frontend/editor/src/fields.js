// What a form knows of fields and values, without any element: how values are shown, read from what was typed, and found.

/** What a text of a form's control is longer than is not shown. */
const MAX_SHOWN = 60;

/** A value in a word or two. */
export function shown(value) {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return value === "" ? '""' : clipped(value.includes("\n") ? JSON.stringify(value) : value);
  return clipped(JSON.stringify(value));
}

function clipped(text) {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 1)}…` : text;
}

/** The value at a path of keys and indices; undefined where there is none. */
export function at(values, path) {
  let found = values;
  for (const step of path) {
    if (found === null || typeof found !== "object" || !Object.hasOwn(found, step)) return undefined;
    found = found[step];
  }
  return found;
}

/** A path as `--set` has it. */
export function nameOf(path) {
  return path.reduce((name, step) => {
    if (typeof step === "number") return `${name}[${step}]`;
    return `${name}${name && "."}${step.replace(/[.[\],=\\]/g, "\\$&")}`;
  }, "");
}

/** Which control a field has: `choice`, `switch`, `number`, `text`, `long`, `secret`, `lines`, `items`, or `summary` for what has no control. */
export function control(field) {
  const types = field.types.filter((type) => type !== "null");
  const isPlain = (value) => value === null || typeof value !== "object";
  if (field.choices.length > 0 && field.choices.every(isPlain)) return "choice";
  if (types.length === 0) {
    if (Array.isArray(field.default) || (field.default !== null && typeof field.default === "object")) return "summary";
    return field.secret ? "secret" : "text";
  }
  if (types.includes("object")) return "summary";
  if (types.includes("array")) {
    if (types.length > 1) return "summary";
    return isLines(field) ? "lines" : isItems(field) ? "items" : "summary";
  }
  if (types.length === 1 && types[0] === "boolean") return "switch";
  if (types.every((type) => type === "integer" || type === "number")) return "number";
  if (field.secret) return "secret";
  return typeof field.default === "string" && field.default.includes("\n") ? "long" : "text";
}

/** A list of single-line texts is typed one a line. */
function isLines(field) {
  const items = Array.isArray(field.default) ? field.default : [];
  const isText = (item) => typeof item === "string" && !item.includes("\n");
  const types = field.itemTypes ?? [];
  return items.every(isText) && (types.length > 0 ? types.every((type) => type === "string") : items.length > 0);
}

/** Whether a value is a list of mappings. */
export function areItems(value) {
  return Array.isArray(value) && value.every((item) => item !== null && typeof item === "object" && !Array.isArray(item));
}

/** A list of mappings is edited item by item, where it is known what they hold. */
function isItems(field) {
  const types = field.itemTypes ?? [];
  const isOfMappings = types.length > 0 ? types.every((type) => type === "object") : Boolean(field.default?.length);
  const isKnown = field.itemFields?.length > 0 || Boolean(field.default?.length);
  return isOfMappings && isKnown && areItems(field.default ?? []);
}

/** What an item of a list holds: what is known of all of them, then what only this one has. */
export function itemFields(field, item) {
  const known = field.itemFields ?? [];
  const isNamed = (key) => known.some((inner) => inner.path[0] === key);
  const own = Object.keys(item).filter((key) => !isNamed(key));
  return [...known, ...own.map((key) => ({ path: [key] }))].map((inner) => {
    const value = item[inner.path[0]];
    const types = inner.types?.length || value === undefined || value === null ? (inner.types ?? []) : [typeOf(value)];
    return { choices: [], bounds: {}, itemTypes: [], default: null, ...inner, types, ...(areItems(value) && value.length > 0 && { itemTypes: ["object"], default: value }) };
  });
}

function typeOf(value) {
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

/** A new item: what has to be in it, or what the others have, each empty or what the chart has for it. */
export function newItem(field) {
  const known = field.itemFields ?? [];
  const required = known.filter((inner) => inner.required);
  const plain = known.filter((inner) => !inner.types?.some((type) => type === "array" || type === "object"));
  const empty = (inner) => {
    if (inner.default !== null && inner.default !== undefined) return inner.default;
    if (inner.choices?.length) return inner.choices[0];
    return { integer: 0, number: 0, boolean: false, array: [], object: {} }[inner.types?.[0]] ?? "";
  };
  const wanted = required.length > 0 ? required : plain.slice(0, 2);
  return Object.fromEntries((wanted.length > 0 ? wanted : known.slice(0, 1)).map((inner) => [inner.path[0], empty(inner)]));
}

/** What an item is called. */
export function itemName(item, at) {
  const name = [item.name, item.key, item.host, item.path, ...Object.values(item)].find((value) => (typeof value === "string" && value !== "") || typeof value === "number");
  return name === undefined ? `Item ${at + 1}` : shown(name);
}

/** What was typed, as a value: `{ value }`, `{ reset: true }`, or `{ error }` where it is none. */
export function read(field, text) {
  const types = field.types.filter((type) => type !== "null");
  const wantsNumber = types.includes("integer") || types.includes("number");
  const wantsText = types.length === 0 || types.includes("string");
  const trimmed = text.trim();
  if (trimmed === "" && !types.includes("string")) return { reset: true };
  if (wantsNumber || types.length === 0) {
    if (/^[-+]?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(trimmed)) {
      const number = Number(trimmed);
      const isExact = Number.isFinite(number) && Math.abs(number) <= Number.MAX_SAFE_INTEGER;
      if (isExact && (Number.isInteger(number) || types.length === 0 || types.includes("number"))) return { value: number };
      if (isExact && !wantsText) return { error: "is a whole number" };
    }
    if (!wantsText && !types.includes("boolean")) return { error: types.includes("number") ? "is a number" : "is a whole number" };
  }
  if ((types.includes("boolean") || types.length === 0) && /^(true|false)$/.test(trimmed)) return { value: trimmed === "true" };
  if (types.length > 0 && !wantsText) return { error: `is ${types.join(" or ")}` };
  return { value: text };
}

/** What a value breaks of a field's limits, in words; nothing where it is fine. */
export function complaint(field, value) {
  const { bounds } = field;
  if (typeof value === "number") {
    const { minimum: least, maximum: most } = bounds;
    if (typeof least === "number" && (value < least || (bounds.exclusiveMinimum && value === least))) {
      return bounds.exclusiveMinimum ? `is more than ${least}` : `is at least ${least}`;
    }
    if (typeof most === "number" && (value > most || (bounds.exclusiveMaximum && value === most))) {
      return bounds.exclusiveMaximum ? `is less than ${most}` : `is at most ${most}`;
    }
  }
  if (typeof value === "string") {
    const length = [...value].length;
    if (typeof bounds.minLength === "number" && length < bounds.minLength) {
      return bounds.minLength === 1 ? "is not empty" : `has at least ${bounds.minLength} characters`;
    }
    if (typeof bounds.maxLength === "number" && length > bounds.maxLength) return `has at most ${bounds.maxLength} characters`;
  }
  return undefined;
}

/** A list or a mapping in words. */
export function summary(value) {
  const few = (words, n) => (words.length === 0 ? "" : `: ${words.slice(0, 4).join(", ")}${n > 4 ? ", …" : ""}`);
  if (Array.isArray(value)) {
    if (value.length === 0) return "Empty list";
    const words = value.map((item) => (item !== null && typeof item === "object" ? (item.name ?? item.key ?? item.host) : item));
    const isTold = words.every((word) => ["string", "number", "boolean"].includes(typeof word));
    return `${value.length} ${value.length === 1 ? "item" : "items"}${isTold ? few(words.map((word) => shown(word)), value.length) : ""}`;
  }
  if (value !== null && typeof value === "object") {
    const keys = Object.keys(value);
    return keys.length === 0 ? "Empty" : `${keys.length} ${keys.length === 1 ? "key" : "keys"}${few(keys, keys.length)}`;
  }
  return value === null || value === undefined ? "Not set" : shown(value);
}

/** A test of fields for the words of a search: each is in the name, the title, the description or the section. */
export function matcher(query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return undefined;
  return (field) => {
    const text = `${field.name} ${field.title ?? ""} ${field.description ?? ""} ${field.section ?? ""}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
}
