// Suggestions while typing: a combobox with a list, after the WAI-ARIA Authoring Practices (editable, list autocomplete).
// Without this script the form still searches: everything that it needs stands in the HTML.
"use strict";

const WAIT = 120; // milliseconds without a key before the server is asked

function combobox(form) {
  const input = form.querySelector("input[name=q]");
  const date = form.querySelector("input[name=date]");
  const list = form.querySelector("[role=listbox]");
  const status = form.querySelector("[role=status]");
  let timer = 0;
  let asking = null;
  let active = -1;

  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": list.id,
  })) {
    input.setAttribute(name, value);
  }

  function choose(at) {
    const options = list.children;
    if (active >= 0) options[active].setAttribute("aria-selected", "false");
    active = at;
    if (at < 0) {
      input.removeAttribute("aria-activedescendant");
      return;
    }
    options[at].setAttribute("aria-selected", "true");
    options[at].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", options[at].id);
  }

  function close() {
    clearTimeout(timer);
    if (asking) asking.abort();
    choose(-1);
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
  }

  function part(name, text) {
    const made = document.createElement("span");
    made.className = name;
    made.textContent = text;
    return made;
  }

  function option(item, at) {
    const made = document.createElement("li");
    made.id = `suggestion-${at}`;
    made.setAttribute("role", "option");
    made.setAttribute("aria-selected", "false");
    made.dataset.href = item.href;
    made.append(part("code", item.code), " ", part("text", item.display), " ", part("from", item.system));
    if (item.state === "out") made.append(" ", part("tag out", "not in force"));
    return made;
  }

  function show(items) {
    choose(-1);
    list.replaceChildren(...items.map(option));
    list.hidden = !items.length;
    input.setAttribute("aria-expanded", String(items.length > 0));
    status.textContent = items.length
      ? `${items.length} ${items.length === 1 ? "suggestion" : "suggestions"}; use the arrow keys`
      : "No suggestions";
  }

  async function ask() {
    const text = input.value.trim();
    if (!text) {
      status.textContent = "";
      close();
      return;
    }
    asking = new AbortController();
    const asked = new URLSearchParams({ q: text });
    if (date && date.value) asked.set("date", date.value);
    try {
      const answer = await fetch(`${form.dataset.suggest}?${asked}`, { signal: asking.signal });
      if (answer.ok) show((await answer.json()).items);
      else close();
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    if (asking) asking.abort();
    timer = setTimeout(ask, WAIT);
  });

  input.addEventListener("keydown", (event) => {
    const open = !list.hidden;
    const last = list.children.length - 1;
    if (event.key === "ArrowDown" && !open && input.value.trim()) ask();
    else if (event.key === "ArrowDown" && open) choose(active < last ? active + 1 : 0);
    else if (event.key === "ArrowUp" && open) choose(active > 0 ? active - 1 : last);
    else if (event.key === "Escape" && open) close();
    else if (event.key === "Enter" && open && active >= 0) location.assign(list.children[active].dataset.href);
    else return;
    event.preventDefault();
  });

  list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const chosen = event.target.closest("[role=option]");
    if (chosen) location.assign(chosen.dataset.href);
  });
  input.addEventListener("blur", close);
}

document.querySelectorAll("form[data-suggest]").forEach(combobox);
