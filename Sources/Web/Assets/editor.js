// SPDX-License-Identifier: Apache-2.0
// Shows what the driver will see while a tariff is written. Without this script the Preview button does the same.
(() => {
  "use strict";
  const QUIET_MS = 400;
  const form = document.querySelector("form[data-editor]");
  if (!form || !window.fetch) return;
  let timer, asked = 0;

  // The server renders; only what it says about the text is taken, so that the cursor stays.
  async function preview() {
    const number = ++asked;
    const fields = new URLSearchParams(new FormData(form));
    fields.set("action", "preview");
    try {
      // A button is called action too, so the property is not the address.
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body: fields });
      const next = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = next.querySelector("[data-preview]"), old = document.querySelector("[data-preview]");
      if (number === asked && fresh && old) old.replaceWith(fresh);
    } catch { /* the button still works */ }
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(preview, QUIET_MS);
  });
})();
