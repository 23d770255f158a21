// Run now, without leaving the page.

const PATIENCE = 15_000;

export function runs() {
  document.addEventListener("submit", async (submitted) => {
    const form = submitted.target;
    if (!form.matches("form.run")) return;
    submitted.preventDefault();
    const button = form.querySelector("button");
    if (button.hasAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    button.textContent = "Running…";
    const done = () => {
      button.removeAttribute("aria-busy");
      button.textContent = "Run now";
    };
    setTimeout(done, PATIENCE);
    const answer = await fetch(form.getAttribute("action"), {
      method: "POST",
      // It answers when there is a result, with the way to a page that is shown already.
      redirect: "manual",
      body: new URLSearchParams(new FormData(form, submitted.submitter)),
    }).catch(() => null);
    done();
    if (answer?.type !== "opaqueredirect") button.textContent = "Failed";
  });
}
