// <template data-script="…" data-for="[hx-get]">: the script is fetched when somebody first comes
// to such a thing, by pointing at it or by focus. What was typed before it was there counts too.
for (const { dataset } of document.querySelectorAll("template[data-script]")) {
  const APPROACHES = ["pointerover", "focusin"];

  const arrived = () => {
    const field = document.activeElement;
    if (!field?.matches(dataset.for) || field.value === field.defaultValue) return;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const bring = () => {
    const script = document.createElement("script");
    script.src = dataset.script;
    script.addEventListener("load", arrived);
    document.head.append(script);
  };

  function near({ target }) {
    if (!target.closest?.(dataset.for)) return;
    for (const approach of APPROACHES) document.removeEventListener(approach, near);
    // htmx looks for its attributes once the page is complete.
    if (document.readyState === "complete") bring();
    else addEventListener("load", bring);
  }

  for (const approach of APPROACHES) document.addEventListener(approach, near);
}
