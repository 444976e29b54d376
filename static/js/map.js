// Zooms a map with the wheel (held with Ctrl, as a touchpad's pinch sends it) and by two fingers.
// Without this script the buttons above the map do it.
const WHOLE = 1000;
const MOST = 8;

for (const drawing of document.querySelectorAll("[data-map]")) {
  let spread = 0;

  // Keeps the place under the pointer where it is.
  function zoom(by, clientX, clientY) {
    const { x, y, width } = drawing.viewBox.baseVal;
    const side = Math.min(WHOLE, Math.max(WHOLE / MOST, width / by));
    const frame = drawing.getBoundingClientRect();
    const across = (clientX - frame.left) / frame.width;
    const down = (clientY - frame.top) / frame.height;
    const left = Math.min(WHOLE - side, Math.max(0, x + across * (width - side)));
    const top = Math.min(WHOLE - side, Math.max(0, y + down * (width - side)));
    drawing.setAttribute("viewBox", `${left} ${top} ${side} ${side}`);
  }

  drawing.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return; // else the page could not be scrolled past it
    event.preventDefault();
    zoom(Math.exp(-event.deltaY / 200), event.clientX, event.clientY);
  }, { passive: false });

  drawing.addEventListener("touchmove", (event) => {
    if (event.touches.length !== 2) return;
    event.preventDefault();
    const [one, other] = event.touches;
    const now = Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
    if (spread) zoom(now / spread, (one.clientX + other.clientX) / 2, (one.clientY + other.clientY) / 2);
    spread = now;
  }, { passive: false });

  drawing.addEventListener("touchend", () => { spread = 0; });
}
