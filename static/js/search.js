// The key / leads to the search: to its field where the page shows one, else to its page.
// Whoever speaks to the machine may say such keys by chance, so the search page can switch it off.
const OFF = "search-shortcut-off";

function isOff() {
  try {
    return localStorage.getItem(OFF) !== null;
  } catch {
    return false; // storage that the browser does not allow
  }
}

function isTyping({ target }) {
  return Boolean(target.closest?.("input, textarea, select, [contenteditable]"));
}

document.addEventListener("keydown", (event) => {
  const { key, ctrlKey, metaKey, altKey, isComposing, defaultPrevented } = event;
  if (key !== "/" || ctrlKey || metaKey || altKey || isComposing || defaultPrevented) return;
  if (isTyping(event) || isOff()) return;
  const field = [...document.querySelectorAll("[data-search]")].find((one) => one.checkVisibility());
  const link = document.querySelector("[data-search-page]");
  if (!field && !link) return;
  event.preventDefault();
  if (!field) {
    location.assign(link.href);
    return;
  }
  field.focus();
  field.select();
});

for (const setting of document.querySelectorAll("[data-search-shortcut]")) {
  const box = setting.querySelector("input");
  box.checked = !isOff();
  box.addEventListener("change", () => {
    try {
      if (box.checked) localStorage.removeItem(OFF);
      else localStorage.setItem(OFF, "yes");
    } catch {
      box.checked = true;
    }
  });
}
