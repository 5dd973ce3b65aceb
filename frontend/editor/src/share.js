// Values in a link: behind the `#` of the page's address, which no browser sends and no server logs.
//
// What looks secret is in no link; what comes with one is only text, until somebody reads it and goes on.

import { withoutSecrets } from "./secrets.js";

const KEY = "#values=";
/** Longer addresses are cut by mail and chat programs. */
const MAX_LINK_CHARS = 8_000;
/** What a link may come to: it was made by anybody. */
const MAX_CHARS = 500_000;

/** Why there is no link with these values; nothing where there is one. `secrets` are names of secret values that are set. */
export function refusal(text, secrets) {
  const n = withoutSecrets(text).n;
  if (secrets.length > 0) return `${secrets[0]} is secret, and a link may be read by others.`;
  if (n > 0) return `${n === 1 ? "A value looks" : `${n} values look`} secret, and a link may be read by others.`;
  return undefined;
}

/** The link to a page with values; undefined where it would be too long. */
export async function linkTo(page, text) {
  const packed = await piped(new TextEncoder().encode(text), new CompressionStream("deflate-raw"));
  const letters = btoa(Array.from(packed, (byte) => String.fromCharCode(byte)).join(""));
  const link = new URL(page);
  link.search = "";
  link.hash = `${KEY}${letters.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}`;
  return link.href.length > MAX_LINK_CHARS ? undefined : link.href;
}

/** The values in an address' fragment; undefined where there are none, or none that can be read. */
export async function valuesIn(hash) {
  if (!hash.startsWith(KEY)) return undefined;
  try {
    const letters = atob(hash.slice(KEY.length).replaceAll("-", "+").replaceAll("_", "/"));
    const packed = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
    const bytes = await piped(packed, new DecompressionStream("deflate-raw"));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Bytes through a transformation; what grows beyond all measure is none. */
async function piped(bytes, through) {
  const reader = new Blob([bytes]).stream().pipeThrough(through).getReader();
  const parts = [];
  let n = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    n += read.value.length;
    if (n > MAX_CHARS) {
      await reader.cancel();
      throw new Error("it is too long");
    }
    parts.push(read.value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
