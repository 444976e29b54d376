// Texts that are cut off: in a box that hides what is more than it holds. One shortened with dots
// is whole where its link leads.
() => [...document.querySelectorAll("main *, header *, footer *")].filter((one) => {
  const look = getComputedStyle(one);
  const hides = (way) => /hidden|clip/.test(look[`overflow${way}`]);
  if (!(hides("X") || hides("Y")) || !one.checkVisibility()) return false;
  if (!one.innerText?.trim() || look.textOverflow === "ellipsis" || one.closest("svg, math")) return false;
  if (look.webkitLineClamp !== "none") return false;
  if (parseFloat(look.textIndent) < -1000) return false; // a button with a picture, named for screen readers
  const box = one.getBoundingClientRect();
  if (box.width <= 2 || box.height <= 2 || look.clipPath !== "none") return false; // for screen readers
  return (hides("X") && one.scrollWidth > one.clientWidth + 2)
    || (hides("Y") && one.scrollHeight > one.clientHeight + 4);
}).map((one) => `cut off: ${one.localName}.${one.className} "${one.innerText.trim().slice(0, 40)}"`)
