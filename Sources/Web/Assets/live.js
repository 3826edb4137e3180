// Replaces the numbers of a live page as they change. Without this script the page refreshes itself.
(() => {
  const page = document.querySelector("[data-stream]");
  if (!page || !window.EventSource) return;
  const badge = document.querySelector("[data-live=badge]");
  const polite = document.querySelector("[aria-live]");
  let last = Date.now(), spoken = 0, state = page.dataset.state;
  const source = new EventSource(page.dataset.stream);
  const show = (name, text) => document.querySelectorAll(`[data-live="${name}"]`).forEach((node) => { node.textContent = text; });
  source.addEventListener("session", (event) => {
    const data = JSON.parse(event.data);
    last = Date.now();
    if (data.state && data.state !== state) { location.reload(); return; }
    const shown = data.rendered || {};
    for (const name in shown) show(name, shown[name]);
    const bar = document.querySelector("[data-live-width]");
    if (bar && data.used_percent !== undefined) bar.style.width = data.used_percent + "%";
    if (polite && Date.now() - spoken > 15000) { polite.textContent = shown.spoken || ""; spoken = Date.now(); }
  });
  source.addEventListener("end", () => { source.close(); location.reload(); });
  setInterval(() => {
    const seconds = Math.round((Date.now() - last) / 1000);
    const offline = source.readyState !== 1 && seconds > 5;
    if (badge) badge.className = offline ? "badge bad" : "badge good";
    show("badge", offline ? `offline, last values ${seconds} s ago` : `Updated ${seconds} s ago`);
  }, 1000);
})();
