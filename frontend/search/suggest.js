// Charts that somebody may look for, below a search field while they type: a combobox as WAI-ARIA describes it.
//
// The form works without this. What is shown is HTML of the server's own views, from the address that the form names; here
// is only when to ask, what to show, and where the keys lead.

const DELAY_MS = 120;
const attached = new WeakSet();

export const attach = (field) => {
  if (attached.has(field)) return;
  attached.add(field);
  const form = field.form;
  const list = document.createElement("div");
  list.className = "suggestions";
  list.id = `${field.id}-suggestions`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Charts");
  list.hidden = true;
  form.append(list);
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);

  let chosen = -1;
  let timer;
  let asking;

  const options = () => list.children;

  const choose = (at) => {
    options()[chosen]?.removeAttribute("aria-selected");
    chosen = at;
    const option = options()[at];
    if (!option) return field.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", option.id);
  };

  const show = (isShown) => {
    choose(-1);
    list.hidden = !isShown;
    field.setAttribute("aria-expanded", String(isShown));
  };

  // Nothing that was asked before may come after.
  const stop = () => {
    clearTimeout(timer);
    asking?.abort();
  };

  const close = () => {
    stop();
    show(false);
  };

  const ask = async () => {
    stop();
    asking = new AbortController();
    const { signal } = asking;
    try {
      const address = `${form.dataset.suggest}?q=${encodeURIComponent(field.value.trim())}`;
      const answer = await fetch(address, { signal });
      const html = answer.ok ? await answer.text() : "";
      if (signal.aborted) return;
      list.innerHTML = html;
      [...options()].forEach((option, at) => {
        option.id = `${list.id}-${at}`;
      });
      show(options().length > 0 && document.activeElement === field);
    } catch {
      // Cut off, or no connection: the form still works.
    }
  };

  field.addEventListener("input", (event) => {
    stop();
    if (event.isComposing) return;
    if (!field.value.trim()) return close();
    timer = setTimeout(ask, DELAY_MS);
  });
  field.addEventListener("compositionend", ask);

  field.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && list.hidden && field.value.trim()) {
      event.preventDefault();
      ask();
    } else if (step && !list.hidden) {
      event.preventDefault();
      // One place more than there are options: the field itself.
      const n = options().length + 1;
      choose(((chosen + 1 + step + n) % n) - 1);
    } else if (event.key === "Enter" && options()[chosen]) {
      event.preventDefault();
      options()[chosen].click();
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  });

  field.addEventListener("blur", close);
  form.addEventListener("submit", close);
  // The field keeps the focus until the click has led somewhere.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", () => {
    close();
    field.blur();
  });
};
