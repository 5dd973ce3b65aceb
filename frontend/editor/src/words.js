// What came of a render, in a sentence that is always true.

/** `1 object`, `14 objects` */
export function count(n, noun) {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

/** Status and sentence of the bar. `line` is the line of the values to blame, where it is known. */
export function facts(summary, line) {
  const { problem, objects, hooks, warnings } = summary;
  if (problem) {
    const place = line
      ? ` at line ${line} of the values`
      : problem.template
        ? ` in ${problem.template}${problem.line ? `, line ${problem.line}` : ""}`
        : "";
    return { status: "danger", text: `1 error${place}` };
  }
  const parts = [count(objects.length, "object")];
  if (hooks.length > 0) parts.push(count(hooks.length, "hook"));
  if (warnings.length > 0) parts.push(count(warnings.length, "warning"));
  return { status: warnings.length > 0 ? "warn" : "ok", text: parts.join(", ") };
}
