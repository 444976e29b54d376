// What tests/browser/looking.py asks of a page besides axe-core: a list of sentences, one a fault.
() => {
  const LEAST = 24; // CSS pixels, WCAG 2.2, 2.5.8
  const TARGETS = "a[href], button, input, select, textarea, summary, [role=button], [tabindex='0']";
  const found = [];

  const name = (element) => {
    const words = (element.innerText || element.getAttribute("aria-label") || element.name || "");
    const kind = [element.localName, ...element.classList].join(".");
    return `${kind} "${words.trim().replace(/\s+/g, " ").slice(0, 40)}"`;
  };
  const box = (element) => {
    // Whoever clicks a label clicks its field.
    const boxes = [element, ...(element.labels ?? [])].map((one) => one.getBoundingClientRect());
    return {
      width: Math.max(...boxes.map(({ right }) => right)) - Math.min(...boxes.map(({ left }) => left)),
      height: Math.max(...boxes.map(({ bottom }) => bottom)) - Math.min(...boxes.map(({ top }) => top)),
    };
  };
  // A link set as text is as high as its letters: the criterion's exception for lines of text,
  // and for what stands apart, which axe-core measures.
  const isText = (element) => element.localName === "a" && getComputedStyle(element).display === "inline";

  // A link that is laid over all of its card.
  const isStretched = (element) => getComputedStyle(element, "::after").position === "absolute";

  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) {
    const widest = [...document.body.querySelectorAll("*")]
      .filter((one) => one.getBoundingClientRect().right > clientWidth + 1 && one.checkVisibility())
      .filter((one) => !one.parentElement.closest("[data-scrolls], .table-scroll"))
      .slice(-3);
    found.push(`${scrollWidth - clientWidth} pixels wider than the window: ${widest.map(name).join(", ")}`);
  }
  for (const picture of document.images) {
    if (picture.complete && !picture.naturalWidth) found.push(`a picture is missing: ${picture.src}`);
  }
  for (const element of document.querySelectorAll(TARGETS)) {
    const look = getComputedStyle(element);
    const isShown = element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    if (!isShown || element.type === "hidden" || element.disabled || look.pointerEvents === "none") continue;
    const { width, height } = box(element);
    if (width <= 1 || height <= 1) continue; // for screen readers, or until it has focus
    if (width >= LEAST - 0.1 && height >= LEAST - 0.1) continue;
    // One that grows as somebody types, in a box that takes the click for it.
    if (element.matches(".select2-search__field")) continue;
    if (element.closest("svg, math") || isText(element) || isStretched(element)) continue;
    found.push(`${Math.round(width)} by ${Math.round(height)} pixels is a small target: ${name(element)}`);
  }
  const heads = [...document.querySelectorAll("h1")].filter((one) => one.checkVisibility());
  if (heads.length !== 1) found.push(`${heads.length} headings of level 1`);
  if (!document.title.trim()) found.push("no title");
  return found;
}
