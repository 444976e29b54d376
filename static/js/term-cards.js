// A card beside a link to a term: what it means, without leaving the page.
// Pointing at the link, reaching it by keyboard or tapping it opens the card; Escape, a tap
// elsewhere or going away closes it. Without this script the link simply leads to the term.
const OPENS_AFTER = 350; // milliseconds, so that a pointer passing over the text opens nothing
const CLOSES_AFTER = 300; // time to get from the link into the card
const GAP = 6; // pixels between the link and its card, and between the card and the window
const LINKS = 'a.term[href*="/glossary/"]';

const answers = new Map(); // what the server said, by address
const card = document.createElement("div");
const announced = document.createElement("div");
let current = null; // the link whose card is open or on its way
let left = null; // the link that focus came back to when its card was closed
let timer = 0;
let asking = null;

function wait(milliseconds, act) {
  clearTimeout(timer);
  timer = setTimeout(act, milliseconds);
}

// The card's HTML; null where there is none to be had.
async function fetchCard(link) {
  const address = `${link.pathname.replace(/\/?$/, "/")}card/`;
  if (answers.has(address)) return answers.get(address);
  asking = new AbortController();
  try {
    const answer = await fetch(address, { credentials: "omit", signal: asking.signal });
    if (!answer.ok || answer.redirected) return null;
    const html = await answer.text();
    answers.set(address, html);
    return html;
  } catch {
    return null; // away, or given up: the link is still there
  }
}

async function open(link, { isSaid = false } = {}) {
  if (current !== link) close();
  clearTimeout(timer);
  current = link;
  const html = await fetchCard(link);
  if (current !== link || html === null) return html !== null;
  if (!isOpen()) show(link, html);
  announced.textContent = isSaid ? card.querySelector(".term-card__said").textContent : "";
  return true;
}

function show(link, html) {
  card.innerHTML = html; // sanitised by the server, as the page is
  card.setAttribute("aria-label", card.querySelector("[data-about]").dataset.about);
  // Right behind its link, so that the next Tab leads into it; above all else, so that no box
  // that scrolls cuts it off.
  link.after(card);
  link.setAttribute("aria-expanded", "true");
  card.showPopover();
  place(link);
}

function place(link) {
  const lines = [...link.getClientRects()];
  const [first, last] = [lines[0], lines[lines.length - 1]];
  const { clientWidth, clientHeight } = document.documentElement;
  const { width, height } = card.getBoundingClientRect();
  const left = Math.max(GAP, Math.min(last.left, clientWidth - width - GAP));
  const isBelow = last.bottom + GAP + height <= clientHeight || first.top < clientHeight - last.bottom;
  const top = isBelow ? last.bottom + GAP : first.top - GAP - height;
  card.style.left = `${left + scrollX}px`;
  card.style.top = `${Math.max(GAP, top) + scrollY}px`;
}

function isOpen() {
  return card.isConnected;
}

function close() {
  clearTimeout(timer);
  asking?.abort();
  asking = null;
  const link = current;
  current = null;
  if (!isOpen()) return;
  const hadFocus = card.contains(document.activeElement);
  link?.removeAttribute("aria-expanded");
  card.remove();
  announced.textContent = "";
  if (!hadFocus) return;
  left = link;
  link.focus();
}

const linkAt = (target) => target.closest?.(LINKS);
const isOurs = (target) => target instanceof Node && (card.contains(target) || current?.contains(target));

function start() {
  card.className = "term-card";
  card.popover = "manual";
  card.setAttribute("role", "group");
  announced.className = "visually-hidden";
  announced.setAttribute("role", "status");
  document.body.append(announced);

  document.addEventListener("pointerover", ({ target, pointerType }) => {
    if (pointerType !== "mouse") return;
    const link = linkAt(target);
    if (isOurs(target)) {
      if (isOpen()) clearTimeout(timer);
    } else if (link) {
      wait(OPENS_AFTER, () => open(link));
    } else if (current && !isOurs(document.activeElement)) {
      wait(CLOSES_AFTER, close);
    } else if (!current) {
      clearTimeout(timer);
    }
  });

  document.addEventListener("focusin", ({ target }) => {
    const link = linkAt(target);
    const isBack = link && link === left;
    left = null;
    if (isBack) return;
    if (link?.matches(":focus-visible") && link !== current) {
      wait(OPENS_AFTER, () => open(link, { isSaid: true }));
    } else if (current && !isOurs(target)) {
      close();
    }
  });

  document.addEventListener("focusout", ({ relatedTarget }) => {
    if (!relatedTarget && current && !card.matches(":hover")) wait(CLOSES_AFTER, close);
    else if (!current) clearTimeout(timer);
  });

  document.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    clearTimeout(timer);
    close();
  });

  let touched = null;
  document.addEventListener("pointerdown", ({ target, pointerType }) => {
    touched = pointerType === "mouse" ? null : linkAt(target);
    if (current && !isOurs(target)) close();
  });

  // The first tap opens the card, which has a link to the page; the second follows the link.
  document.addEventListener("click", async (event) => {
    const link = linkAt(event.target);
    if (!link || link !== touched || event.defaultPrevented) return;
    touched = null;
    if (link === current && isOpen()) return;
    event.preventDefault();
    if (!(await open(link)) && current === link) location.assign(link.href);
  });

  addEventListener("resize", () => isOpen() && place(current));
  addEventListener("pagehide", close);
}

if ("popover" in HTMLElement.prototype) start();
