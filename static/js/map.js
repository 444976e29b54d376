// Zooms a map with the wheel (held with Ctrl, as a touchpad's pinch sends it) and by two fingers.
// Without this script the buttons above the map do it.
const WIDE = 1600;
const HIGH = 1000;
const MOST = 8;

for (const drawing of document.querySelectorAll("[data-map]")) {
  let spread = 0;

  // Where the frame is narrower than the drawing, its middle is what one sees first.
  const around = drawing.parentElement;
  around.scrollLeft = (around.scrollWidth - around.clientWidth) / 2;
  around.scrollTop = (around.scrollHeight - around.clientHeight) / 2;

  // Keeps the place under the pointer where it is.
  function zoom(by, clientX, clientY) {
    const { x, y, width, height } = drawing.viewBox.baseVal;
    const wide = Math.min(WIDE, Math.max(WIDE / MOST, width / by));
    const high = wide * HIGH / WIDE;
    const frame = drawing.getBoundingClientRect();
    const across = (clientX - frame.left) / frame.width;
    const down = (clientY - frame.top) / frame.height;
    const left = Math.min(WIDE - wide, Math.max(0, x + across * (width - wide)));
    const top = Math.min(HIGH - high, Math.max(0, y + down * (height - high)));
    drawing.setAttribute("viewBox", `${left} ${top} ${wide} ${high}`);
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
