// SPDX-License-Identifier: Apache-2.0
// Makes a page live. Without this script the page refreshes itself and every button is a form.
//
// An event is {"state", "rendered": {name: text}, "used", "age_s"}: each text of `rendered` replaces that of
// [data-live=name]; a new `state` means another page, which is fetched and put in place.
(() => {
  "use strict";
  const SILENCE_MS = 5000, SPOKEN_EVERY_MS = 15000, CHART_EVERY_MS = 60000;
  let page, source, heard, valuesAt, spokenAt = 0, loading = false;

  const each = (selector, action) => document.querySelectorAll(selector).forEach(action);
  const put = (name, text) => each(`[data-live="${CSS.escape(name)}"]`, (node) => {
    if (node.textContent !== text) node.textContent = text;
  });
  const clock = (at) => new Date(at).toTimeString().slice(0, 8);

  function show(data) {
    heard = Date.now();
    valuesAt = heard - 1000 * (data.age_s || 0);
    if (data.state && data.state !== page.dataset.state) return load();
    const rendered = data.rendered || {};
    for (const name of Object.keys(rendered)) put(name, rendered[name]);
    if (typeof data.used === "number") {
      each("[data-live-used]", (node) => node.setAttribute("stroke-dasharray", `${data.used} 1000`));
    }
    const region = document.querySelector("[aria-live=polite]");
    if (region && rendered.spoken && heard - spokenAt > SPOKEN_EVERY_MS) {
      region.textContent = rendered.spoken;
      spokenAt = heard;
    }
    tick();
  }

  // Another state is another page: the server renders it, the scroll position and the stream stay.
  async function load() {
    if (loading) return;
    loading = true;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
      const next = new DOMParser().parseFromString(await answer.text(), "text/html");
      const main = next.querySelector("main");
      if (!main) throw new Error("not a page");
      document.title = next.title;
      page.replaceWith(main);
      const title = main.querySelector("h1");
      if (title) { title.tabIndex = -1; title.focus({ preventScroll: true }); }
      start(main);
    } catch {
      setTimeout(() => location.reload(), 2000);
    } finally {
      loading = false;
    }
  }

  // The drawing is the server's; only that part of the page is taken.
  async function redraw() {
    if (loading || document.hidden || !document.querySelector("[data-part]")) return;
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      const next = new DOMParser().parseFromString(await answer.text(), "text/html");
      each("[data-part]", (node) => {
        const fresh = next.querySelector(`[data-part="${node.dataset.part}"] svg`);
        const old = node.querySelector("svg");
        if (fresh && old) old.replaceWith(fresh);
      });
    } catch { /* the drawing stays as it was; the badge tells about the connection */ }
  }

  function connect(url) {
    source = new EventSource(url);
    source.addEventListener("session", (event) => show(JSON.parse(event.data)));
    source.addEventListener("end", () => { source.close(); load(); });
    source.onopen = () => { heard = Date.now(); };
  }

  // Once a second: how old the values are, and how long until something happens. Values are never estimated.
  function tick() {
    const now = Date.now();
    const isOffline = source && source.readyState !== EventSource.OPEN && now - heard > SILENCE_MS;
    each('[data-live="badge"]', (node) => {
      node.classList.toggle("good", !isOffline);
      node.classList.toggle("bad", isOffline);
      node.textContent = isOffline
        ? page.dataset.offline.replace("{time}", clock(valuesAt))
        : page.dataset.updated.replace("{age}", Math.max(0, Math.round((now - valuesAt) / 1000)));
    });
    each("[data-countdown]", (node) => {
      node.until = node.until || now + 1000 * Number(node.dataset.countdown);
      const left = Math.max(0, Math.round((node.until - now) / 1000));
      node.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
      // What the countdown leads to is another page, whether the charger says something or not.
      if (left === 0 && !node.over) { node.over = true; setTimeout(load, 1500); }
    });
  }

  function start(main) {
    const url = main.dataset.stream;
    page = main;
    heard = Date.now();
    valuesAt = heard - 1000 * Number(main.dataset.age || 0);
    if (source && (!url || source.url !== new URL(url, location.href).href)) { source.close(); source = undefined; }
    if (url && (!source || source.readyState === EventSource.CLOSED)) connect(url);
    tick();
  }

  const main = document.querySelector("main[data-stream]");
  if (!main || !window.EventSource) return;
  start(main);
  setInterval(tick, 1000);
  setInterval(redraw, CHART_EVERY_MS);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) tick(); });
})();
