// What was typed and not sent yet, kept in this browser by the address of its page, without what looks secret.

import { withoutSecrets } from "./secrets.js";

const PREFIX = "chartroom.draft:";
/** Older drafts are forgotten. */
const MAX_AGE_MS = 14 * 24 * 3600 * 1000;
/** Larger texts are not kept: a browser has a few megabytes for a site. */
const MAX_CHARS = 500_000;
/** Writing waits for a pause. */
const PAUSE_MS = 400;

export class Drafts {
  /** `initial` is the text that the page came with; a page that was sent a form comes with what was typed. */
  constructor(path, initial, { wasSent = false, storage = localStorageOrNone(), now = Date.now } = {}) {
    Object.assign(this, { key: PREFIX + path, initial, wasSent, storage, now });
    this.forgetOld();
  }

  /** The draft of this page, if there is one that says more than the page does. */
  find() {
    if (this.wasSent) return undefined;
    const draft = this.read(this.key);
    if (!draft || draft.wasBegun || draft.text === this.initial) return undefined;
    const isForThis = draft.base === digest(this.initial);
    return { text: draft.text, secrets: draft.secrets ?? 0, isForThis, age: age(this.now() - draft.at) };
  }

  keep(text) {
    this.wasBegun = false;
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.write(text), PAUSE_MS);
  }

  write(text) {
    if (text === this.initial && !this.wasSent) return this.forget();
    if (text.length > MAX_CHARS) return this.forget();
    const kept = withoutSecrets(text);
    const draft = { text: kept.text, secrets: kept.n, base: digest(this.initial), at: this.now(), wasBegun: this.wasBegun };
    try {
      this.storage?.setItem(this.key, JSON.stringify(draft));
    } catch {
      // It is full, or forbidden: the text is in the form all the same.
    }
  }

  /** The form was sent; after the button that does it the draft has done its work. */
  sent(isBegun) {
    clearTimeout(this.pause);
    const draft = this.read(this.key);
    if (draft && isBegun) {
      try {
        this.storage?.setItem(this.key, JSON.stringify({ ...draft, wasBegun: true }));
      } catch {
        this.forget();
      }
    }
  }

  forget() {
    clearTimeout(this.pause);
    this.storage?.removeItem(this.key);
  }

  read(key) {
    try {
      const draft = JSON.parse(this.storage?.getItem(key) ?? "null");
      return draft && typeof draft.text === "string" ? draft : undefined;
    } catch {
      return undefined;
    }
  }

  forgetOld() {
    const keys = Array.from({ length: this.storage?.length ?? 0 }, (_, at) => this.storage.key(at));
    for (const key of keys.filter((key) => key?.startsWith(PREFIX))) {
      const draft = this.read(key);
      if (!draft || this.now() - draft.at > MAX_AGE_MS) this.storage.removeItem(key);
    }
  }
}

function localStorageOrNone() {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}

/** Tells texts apart (FNV-1a); it protects nothing. */
function digest(text) {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(16);
}

function age(ms) {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 2) return "a moment ago";
  if (minutes < 90) return `${minutes} minutes ago`;
  const hours = Math.round(minutes / 60);
  return hours < 36 ? `${hours} hours ago` : `${Math.round(hours / 24)} days ago`;
}
