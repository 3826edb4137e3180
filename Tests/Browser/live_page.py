#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Opens a live session page on a phone-sized window, waits until its cost rises without a reload, and takes a picture.

    live_page.py URL PICTURE.png

Exit status 0: the cost rose and nothing was asked of another host. 1: it did not; the reason is printed.
"""

import sys
from urllib.parse import urlparse

from playwright.sync_api import sync_playwright

COST = "[data-live=cost]"


def main() -> int:
    url, picture = sys.argv[1], sys.argv[2]
    foreign: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        page = browser.new_page(viewport={"width": 390, "height": 780}, device_scale_factor=2)
        page.on(
            "request",
            lambda request: foreign.append(request.url)
            if urlparse(request.url).netloc != urlparse(url).netloc
            else None,
        )
        page.goto(url)
        page.wait_for_selector(COST, timeout=30_000)
        page.evaluate("window.notReloaded = true")
        before = page.inner_text(COST)
        page.wait_for_function(
            "before => document.querySelector('[data-live=cost]').innerText !== before", arg=before, timeout=30_000
        )
        page.wait_for_timeout(2_000)
        if not page.evaluate("window.notReloaded === true"):
            print("the page was reloaded")
            return 1
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 390:
            print(f"the page is {width} wide on a window of 390")
            return 1
        page.screenshot(path=picture)
        browser.close()
    if foreign:
        print(f"other hosts were asked: {foreign}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
