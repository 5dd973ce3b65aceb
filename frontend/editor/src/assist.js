// Help at the cursor: what could be typed, what is meant, and what is wrong, as the desk knows it.

import { autocompletion, startCompletion } from "@codemirror/autocomplete";
import { hoverTooltip } from "@codemirror/view";

import { element, prose } from "./element.js";
import { shown } from "./fields.js";

/** Extensions that ask `desk`. */
export function assistance(desk) {
  return [
    autocompletion({ override: [(context) => complete(desk, context)], icons: false, activateOnTypingDelay: 60, maxRenderedOptions: 60 }),
    hoverTooltip((view, offset) => hover(desk, view, offset), { hoverTime: 350 }),
  ];
}

async function complete(desk, context) {
  const text = context.state.doc.toString();
  if (!context.explicit && context.matchBefore(/[\w-]$|: $/) === null) return null;
  const answer = await desk.ask("complete", { kind: "complete", text, offset: context.pos });
  if (!answer?.options?.length || context.aborted) return null;
  const { length } = answer.options;
  return {
    from: answer.from,
    validFor: /^[\w.-]*$/,
    options: answer.options.map((option, at) => ({
      label: option.label,
      detail: option.detail,
      // The order of the file is the order that people know.
      boost: Math.round(99 - (198 * at) / length) + (option.deprecated ? -99 : 0),
      type: option.deprecated ? "deprecated" : "value",
      info: option.description ? () => element("div", { className: "assist" }, element("p", {}, ...prose(option.description))) : undefined,
      apply: (view, completion, from, to) => {
        const insert = view.state.lineBreak === "\n" ? option.insert : option.insert.replaceAll("\n", view.state.lineBreak);
        view.dispatch({
          changes: { from, to, insert },
          selection: { anchor: from + insert.length },
          userEvent: "input.complete",
        });
        // Behind a key its values are offered, below a mapping its keys.
        if (/[:\s]$/.test(insert)) startCompletion(view);
      },
    })),
  };
}

async function hover(desk, view, offset) {
  const text = view.state.doc.toString();
  const line = view.state.doc.lineAt(offset);
  if (!line.text.trim() || line.text.trimStart().startsWith("#")) return null;
  const answer = await desk.ask("hover", { kind: "hover", text, offset });
  if (!answer || answer.error || view.state.doc.toString() !== text) return null;
  if (offset < answer.from || offset > answer.to) return null;
  return { pos: answer.from, end: answer.to, above: true, create: () => ({ dom: card(answer.name, answer.field) }) };
}

/** What is known of a value. */
export function card(name, field) {
  const facts = [];
  const fact = (term, ...said) => facts.push(element("div", {}, element("dt", {}, term), element("dd", {}, ...said)));
  if (field.choices.length > 0) fact("One of", ...field.choices.flatMap((choice, at) => [at ? ", " : "", element("code", {}, shown(choice))]));
  if (!field.secret && field.default !== null && field.default !== undefined) fact("Default", element("code", {}, shown(field.default)));
  else if (field.defaultNote) fact("Default", ...prose(field.defaultNote));
  if (field.pattern) fact("Pattern", element("code", {}, field.pattern));
  const marks = [field.types.join(" or "), field.required && "required", field.deprecated && "deprecated", field.secret && "secret"];
  return element(
    "div",
    { className: "assist" },
    element("p", { className: "assist__head" }, element("code", {}, name), element("span", { className: "muted" }, marks.filter(Boolean).join(", "))),
    field.description ? element("p", {}, ...prose(field.description)) : "",
    facts.length > 0 ? element("dl", {}, ...facts) : "",
  );
}

/** Remarks and what a render blames, for the margin and the underlining of an editor. */
export function diagnostics(remarks, apply) {
  return remarks.map((remark) => ({
    from: remark.from,
    to: Math.max(remark.to, remark.from),
    severity: { error: "error", warning: "warning", hint: "info" }[remark.severity],
    message: remark.message,
    renderMessage: () => element("span", {}, ...prose(remark.message)),
    actions: remark.fix ? [{ name: remark.fix[0], apply: () => apply(remark.fix[1]) }] : [],
  }));
}

