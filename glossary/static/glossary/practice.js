// Keys for practising: space turns the card, 1 to 4 rate it, U undoes the last answer.
// They work while the focus is within the card, and nowhere else (WCAG 2.2, 2.1.4).

document.addEventListener("keydown", (event) => {
  const practice = event.target.closest?.("#practice");
  if (!practice || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const answer = practice.querySelector("details");
  if (event.key === " " && answer && event.target === practice) {
    event.preventDefault();
    answer.open = !answer.open;
    return;
  }
  const button = practice.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!button || (button.closest("details") && !answer.open)) return;
  event.preventDefault();
  button.click();
});

// An answer that htmx cannot show, as of a glossary that is gone: the page itself says what is the
// matter.
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.target?.id === "practice") location.reload();
});

// A card that htmx put in is where the reader goes on; where there is none, its place.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id !== "practice") return;
  const practice = document.getElementById("practice");
  (practice.querySelector("summary") ?? practice).focus({ preventScroll: true });
});
