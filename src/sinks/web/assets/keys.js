// The keyboard: / searches, j and k (or the arrows) go from service to service, and from day to day of one, Enter opens, ? tells all of this.
// Keys of one character can be turned off (WCAG 2.1.4): who speaks to a computer types them without meaning to.

import { dismissDay, stepDay } from "./days.js";

const HELP = `<form method="dialog"><h2 id="keys">Keys</h2><dl>
<div><dt><kbd>/</kbd></dt><dd>Search</dd></div>
<div><dt><kbd>j</kbd> <kbd>↓</kbd></dt><dd>Next service</dd></div>
<div><dt><kbd>k</kbd> <kbd>↑</kbd></dt><dd>Previous service</dd></div>
<div><dt><kbd>Enter</kbd></dt><dd>Open it</dd></div>
<div><dt><kbd>←</kbd> <kbd>→</kbd></dt><dd>What its days were</dd></div>
<div><dt><kbd>Esc</kbd></dt><dd>Leave the search, or a day</dd></div>
<div><dt><kbd>?</kbd></dt><dd>These keys</dd></div>
</dl><p><label><input type="checkbox"> Keys of one character</label></p><button autofocus>Close</button></form>`;
const CHARACTERS = new Set(["/", "j", "k", "?"]);
const OFF = "lifeguard.keys";

export function keys() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.closest?.("input, select, textarea, [contenteditable], dialog");
    if (typing) {
      if (event.key === "Escape" && typing.type === "search" && typing.value === "") typing.blur();
      return;
    }
    if (CHARACTERS.has(event.key) && !areOn()) return;
    if (!act(event)) return;
    event.preventDefault();
  });
  const item = document.createElement("li");
  item.innerHTML = `<button type="button">Keys</button>`;
  item.firstChild.addEventListener("click", () => help().showModal());
  document.querySelector("footer ul")?.append(item);
}

function areOn() {
  return localStorage.getItem(OFF) === null;
}

/** Returns whether the key meant something. */
function act({ key, target }) {
  switch (key) {
    case "/":
      return focus(document.querySelector("form.find input"));
    case "?":
      help().showModal();
      return true;
    case "j":
    case "k":
      return step(key === "j" ? 1 : -1);
    case "ArrowDown":
    case "ArrowUp":
      // Elsewhere the arrows scroll, as everywhere.
      return target.closest?.(".row") ? step(key === "ArrowDown" ? 1 : -1) : false;
    case "ArrowLeft":
    case "ArrowRight":
      return stepDay(target, key === "ArrowRight" ? 1 : -1);
    case "Home":
    case "End":
      return stepDay(target, key === "End" ? Infinity : -Infinity);
    case "Escape":
      return dismissDay();
    default:
      return false;
  }
}

function step(by) {
  const links = [...document.querySelectorAll(".row .what a")].filter((link) => link.checkVisibility());
  const row = document.activeElement?.closest(".row");
  const at = links.findIndex((link) => link.closest(".row") === row);
  const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by;
  return focus(links[Math.max(0, Math.min(links.length - 1, next))]);
}

function focus(element) {
  if (!element) return false;
  element.focus();
  element.closest(".row")?.scrollIntoView({ block: "nearest" });
  if (element.select) element.select();
  return true;
}

function help() {
  const known = document.getElementById("help");
  if (known) return known;
  const dialog = document.createElement("dialog");
  dialog.id = "help";
  dialog.setAttribute("aria-labelledby", "keys");
  dialog.innerHTML = HELP;
  const box = dialog.querySelector("input");
  box.checked = areOn();
  box.addEventListener("change", () => {
    if (box.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "off");
  });
  document.body.append(dialog);
  return dialog;
}
