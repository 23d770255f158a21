// Time that has passed, in the server's words.

const UNITS = [
  [86_400, "d"],
  [3600, "h"],
  [60, "min"],
  [1, "s"],
];

function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [size, unit] = UNITS.find(([step]) => seconds >= step) ?? [1, "s"];
  return `${Math.floor(seconds / size)} ${unit}`;
}

/** Counts on the times that say how long something has been so. */
export function countOn(within) {
  const now = Date.now();
  for (const time of within.querySelectorAll("time.ago")) {
    const text = duration(now - Date.parse(time.dateTime));
    if (time.textContent !== text) time.textContent = text;
  }
}

/** Tells the moment itself, in the time of who looks, on hover. */
export function tellMoments() {
  document.addEventListener("mouseover", ({ target }) => {
    if (target.matches?.("time.ago")) target.title = new Date(target.dateTime).toLocaleString();
  });
}
