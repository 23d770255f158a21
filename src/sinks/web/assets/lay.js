// Makes one element like another, keeping what is alike, so that focus, folding and scrolling stay.

/** Milliseconds of work before others have their turn. */
const TURN = 8;

/** Lays one element over another at once. For what is small. */
export function lay(old, fresh) {
  for (const _ of steps(old, fresh));
}

/** Lays one element over another, in turns with everything else. */
export async function layInTurns(old, fresh) {
  await inTurns(steps(old, fresh));
}

/** Does work step by step, and lets others have their turn between some of them. */
export async function inTurns(work) {
  let began = performance.now();
  for (const _ of work) {
    if (performance.now() - began < TURN) continue;
    await new Promise((resolve) => setTimeout(resolve));
    began = performance.now();
  }
}

function* steps(old, fresh) {
  layAttributes(old, fresh);
  const keyed = new Map();
  for (const child of old.children) if (child.dataset.key) keyed.set(child.dataset.key, child);
  let at = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    yield;
    const match = child.dataset?.key ? keyed.get(child.dataset.key) : at;
    if (!isAlike(match, child)) {
      old.insertBefore(child, at);
      continue;
    }
    if (match === at) at = at.nextSibling;
    else old.insertBefore(match, at);
    if (child.nodeType !== Node.ELEMENT_NODE) {
      if (match.nodeValue !== child.nodeValue) match.nodeValue = child.nodeValue;
    } else if (!match.isEqualNode(child)) yield* steps(match, child);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

function isAlike(match, child) {
  return match?.nodeName === child.nodeName && (match.dataset?.key ?? "") === (child.dataset?.key ?? "");
}

/** What people do to an element stays: whether it is open, and what they are typing. */
export function layAttributes(old, fresh) {
  for (const { name } of [...old.attributes])
    if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  // Whoever folded a group meant it, until its verdict changes for the worse. What cannot be folded is open.
  const worse = old.dataset?.status === "ok" && fresh.dataset.status !== "ok";
  const open = worse || fresh.matches(".well:not(.folded)");
  if (old.matches(".find.is-live")) fresh.classList.add("is-live");
  for (const { name, value } of fresh.attributes)
    if ((name !== "open" || open) && old.getAttribute(name) !== value) old.setAttribute(name, value);
}
