#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Signs in to the console, writes a tariff, and looks whether the driver's price box follows what is typed.

    tariff_editor.py URL OPERATOR_KEY FOLDER

Pictures of each page, wide and phone-sized, go into FOLDER. Exit status 0: the box followed without a reload, the tariff
was published, no page is wider than a phone, and nothing was asked of another host. 1: it did not; the reason is printed.
"""

import sys
from urllib.parse import urlparse

from playwright.sync_api import sync_playwright

BOX = "[data-preview] .pricebox .price"


def main() -> int:
    url, key, folder = sys.argv[1:]
    foreign: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.on(
            "request",
            lambda request: foreign.append(request.url)
            if urlparse(request.url).netloc != urlparse(url).netloc
            else None,
        )

        def pictures(name: str) -> bool:
            page.set_viewport_size({"width": 390, "height": 780})
            width = page.evaluate("document.documentElement.scrollWidth")
            page.screenshot(path=f"{folder}/{name}-phone.png", full_page=True)
            page.set_viewport_size({"width": 1280, "height": 900})
            page.screenshot(path=f"{folder}/{name}.png", full_page=True)
            if width > 390:
                print(f"{name} is {width} wide on a window of 390")
            return width <= 390

        page.goto(url + "/operator/login")
        page.fill("input[name=key]", key)
        page.click("form button:not(.quiet)")
        page.goto(url + "/operator/tariffs/new")
        page.fill("#name", "Night and day")
        page.fill("#energy", "0.39")
        page.fill("#idle", "0.10")
        page.fill("#grace", "5")
        page.click("button[value=simple]")
        page.wait_for_selector(BOX)
        page.evaluate("window.notReloaded = true")
        text = page.input_value("#version")
        page.fill("#version", text.replace('"0.39"', '"0.77"'))
        page.wait_for_function(f"() => document.querySelector('{BOX}')?.innerText.includes('0.77')", timeout=30_000)
        page.fill("#version", text.replace('"0.39"', '"-0.39"'))
        page.wait_for_function(
            "() => document.querySelector('[data-preview]')?.innerText.includes('negative_price')", timeout=30_000
        )
        if not page.evaluate("window.notReloaded === true"):
            print("the page was reloaded")
            return 1
        fits = pictures("editor-error")
        page.fill("#version", text)
        page.click("button[value=compare]")
        page.wait_for_selector("[data-preview] h2")
        fits = pictures("editor-compared") and fits
        page.click("button[value=publish]")
        page.wait_for_selector("h1:has-text('Night and day')")
        fits = pictures("tariff") and fits
        page.goto(url + "/operator/tariffs")
        page.wait_for_selector("a:has-text('Night and day')")
        fits = pictures("tariffs") and fits
        browser.close()
    if foreign:
        print(f"other hosts were asked: {foreign}")
        return 1
    return 0 if fits else 1


if __name__ == "__main__":
    sys.exit(main())
