// Elements made by script, and descriptions of charts as text: nothing of a chart becomes markup.

/** An element with properties or attributes, and children. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== undefined && child !== null && child !== ""));
  return made;
}

/** A shape out of the page's own sprite. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** Text with `code` in back-ticks, and links of Markdown as their words. */
export function prose(text) {
  const parts = text.replace(/\[([^\]]+)\]\((?:[^()]|\([^)]*\))*\)/g, "$1").split(/(`[^`\n]+`)/);
  return parts
    .filter(Boolean)
    .map((part) => (/^`.+`$/s.test(part) ? element("code", {}, part.slice(1, -1)) : part));
}
