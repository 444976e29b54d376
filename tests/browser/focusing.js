// What has focus after a Tab, and whether a person with a keyboard can see that it has.
async () => {
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const look = getComputedStyle(one);
  const box = one.getBoundingClientRect();
  const label = [...(one.labels ?? [])].map((label) => label.innerText).join(" ");
  const name = (one.getAttribute("aria-label") || label || one.innerText || one.value || "").trim();
  // A field, and a link that stands for a whole card, may be marked by what is around them.
  const around = [one.parentElement, one.parentElement?.parentElement, one.closest("article, li")];
  const marked = [one, ...(one.labels ?? []), ...around].filter(Boolean).some((place) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(place);
    return (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2) || boxShadow !== "none";
  });
  const isInView = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const lines = [...one.getClientRects()];
  // Something of it is on top: no bar that stays in place covers it all.
  const isOnTop = lines.some(({ left, right, top, bottom }) =>
    [[left + 2, top + 2], [(left + right) / 2, (top + bottom) / 2], [right - 2, bottom - 2]].some(([x, y]) => {
      const there = document.elementFromPoint(x, y);
      return there && (one.contains(there) || there.contains(one) || one.labels?.[0]?.contains(there));
    }));
  const key = `${one.localName} ${one.getAttribute("href") ?? one.name ?? ""} ${Math.round(box.left)},${Math.round(box.top + scrollY)}`;
  return { name: name.replace(/\s+/g, " "), key, isSeen: marked && isInView && isOnTop,
    why: `${marked ? "" : "no outline "}${isInView ? "" : "out of view "}${isOnTop ? "" : "covered"}` };
}
