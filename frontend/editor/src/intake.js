// Values from elsewhere: a file that is dropped takes the place of the text, and `--set` that is pasted becomes edits.

/** A larger file is no values file. */
const MAX_BYTES = 1 << 20;

/** Whether what was pasted is a command, or flags of one. */
export function isFlags(text) {
  return /(^|\s)--set(-string|-json|-literal|-file)?[\s=]/.test(text);
}

/** Handlers for an editor. `take(text, name)` takes a file, `flags(text)` a command, `refuse(why)` tells why not. */
export function intake({ take, flags, refuse }) {
  return {
    paste: (event) => {
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (!isFlags(text)) return false;
      event.preventDefault();
      flags(text);
      return true;
    },
    drop: (event) => {
      const file = event.dataTransfer?.files?.[0];
      if (!file) return false;
      event.preventDefault();
      read(file).then((text) => take(text, file.name), (error) => refuse(error.message));
      return true;
    },
    dragover: (event) => {
      // Without this the browser would open the file.
      if ([...(event.dataTransfer?.types ?? [])].includes("Files")) event.preventDefault();
      return false;
    },
  };
}

async function read(file) {
  if (file.size > MAX_BYTES) throw new Error(`${file.name} is larger than any values file may be.`);
  const bytes = await file.arrayBuffer();
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/\r\n?/g, "\n");
  } catch {
    throw new Error(`${file.name} is no text.`);
  }
}
