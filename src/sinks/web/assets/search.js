// The form that chooses services, sent while one types.

const REST = 150;

/** @param showAnother shows what the address names */
export function search(showAnother) {
  const form = document.querySelector("form.find");
  if (!form) return;
  form.classList.add("is-live");
  let timer;
  const show = () => {
    clearTimeout(timer);
    const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
    const url = query.size > 0 ? `${location.pathname}?${query}` : location.pathname;
    if (url !== location.pathname + location.search) history.replaceState(null, "", url);
    showAnother();
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, REST);
  });
  form.addEventListener("submit", (submitted) => {
    submitted.preventDefault();
    show();
  });
}
