// Shows below a Markdown field what the page will look like, as staff type.
// Without this script the button beside the field opens the same preview in another tab.
const PAUSE = 400; // milliseconds of quiet before the server is asked

function follow(box) {
  const field = box.querySelector("textarea");
  const preview = box.querySelector(".markdown__preview");
  let timer = 0;
  let asking = null;

  async function show() {
    asking?.abort();
    asking = new AbortController();
    const token = field.form.querySelector("[name=csrfmiddlewaretoken]").value;
    const body = new URLSearchParams({ preview: "source", source: field.value, fragment: "1", csrfmiddlewaretoken: token });
    try {
      const answer = await fetch(box.dataset.markdown, { method: "POST", body, signal: asking.signal });
      if (!answer.ok || answer.redirected) return;
      preview.innerHTML = await answer.text(); // sanitised by the server, as the page will be
      preview.hidden = false;
    } catch (error) {
      if (error.name !== "AbortError") preview.hidden = true;
    }
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, PAUSE);
  });
  if (field.value.trim()) show();
}

// An inline form's empty template is no field yet; a copy of it is followed once it is typed in.
document.addEventListener("focusin", ({ target }) => {
  const box = target.closest?.("[data-markdown]");
  if (box && !box.dataset.followed) {
    box.dataset.followed = "yes";
    follow(box);
  }
});
