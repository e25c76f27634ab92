"""Open every page of a book in headless Chromium, and print as JSON what is wrong with them.

`test_pages.py` runs it: `python tests/browse.py BROWSER BOOK SCREENSHOTS`. What drives a browser
needs a process of its own. Tests may run beside it, so that an answer is waited for patiently.
"""

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

WIDTHS = (1440, 390)  # CSS pixels: a desk, a phone
MODES = ("light", "dark")
MAX_HEIGHT = 6000  # pixels, of a screenshot
MIN_CONTRAST = 4.5  # of text on its ground, as WCAG 2.1 has it
PATIENCE = 120  # s
UNPROTECTED = os.geteuid() == 0  # Chromium has no sandbox for root
ASK = Path(__file__).with_name("pages.js").read_text()


class Seen(NamedTuple):
    """What was wrong with the pages, a line each; and what the search found."""

    said: list[str]  # errors and warnings of the console, requests that failed or left the machine
    broken: list[str]  # pictures
    wide: list[str]  # what makes a page scroll sideways
    unreadable: list[str]  # text without contrast, figures without paper
    found: list[str]


def pages_of(site):
    """Every page of a book, beside what its theme brings."""
    pages = sorted(site.rglob("*.html"))
    return [path for path in pages if not path.relative_to(site).parts[0].startswith("_")]


def name_of(path, site):
    return path.relative_to(site).with_suffix("").as_posix()


def browse(program, site, screenshots):
    """Open every page once, and look at it in every width and mode; then search."""
    # Here, because the names above need no browser.
    from playwright.sync_api import TimeoutError as NothingInTime
    from playwright.sync_api import sync_playwright

    seen = Seen([], [], [], [], [])
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=program,
            chromium_sandbox=not UNPROTECTED,
            args=["--disable-gpu"],
            timeout=PATIENCE * 1000,
        )
        context = browser.new_context(reduced_motion="reduce")
        context.set_default_timeout(PATIENCE * 1000)
        window = context.new_page()
        window.add_init_script(ASK)
        at = {"page": ""}

        def note(text):
            seen.said.append(f"{at['page']}: {text}")

        window.on("console", lambda m: m.type in ("error", "warning") and note(m.text))
        window.on("pageerror", lambda error: note(str(error)))
        window.on("requestfailed", lambda request: note(f"cannot load {request.url}"))
        window.on("request", lambda r: r.url.startswith(("file:", "data:", "blob:")) or note(r.url))
        for path in pages_of(site):
            at["page"] = name_of(path, site)
            window.goto(path.as_uri())
            look(window, at["page"], screenshots, seen)
        window.close()
        window = context.new_page()  # the search complains that it can show no excerpts of files
        window.goto(f"{(site / 'search.html').as_uri()}?q=understudy")
        with suppress(NothingInTime):
            window.wait_for_selector("#search-results li a")
        seen.found.extend(window.locator("#search-results li").all_inner_texts())
        browser.close()
    return seen


def look(window, name, screenshots, seen):
    """Photograph a page as it is, then unfold what is folded and examine all of it."""
    for width in WIDTHS:
        window.set_viewport_size({"width": width, "height": 900})
        for mode in MODES:
            set_mode(window, mode)
            photograph(window, screenshots / f"{name.replace('/', '-')}-{width}-{mode}.jpg", width)
    window.evaluate("ask.unfold()")
    seen.broken.extend(f"{name}: {one}" for one in window.evaluate("ask.brokenPictures()"))
    for mode in MODES[::-1]:
        set_mode(window, mode)
        for question in (f"ask.hardToRead({MIN_CONTRAST})", "ask.withoutPaper()"):
            seen.unreadable.extend(f"{name}, {mode}: {one}" for one in window.evaluate(question))
    for width in WIDTHS[::-1]:
        window.set_viewport_size({"width": width, "height": 900})
        seen.wide.extend(f"{name} at {width}: {one}" for one in window.evaluate("ask.tooWide()"))


def set_mode(window, mode):
    window.emulate_media(color_scheme=mode)
    followed = "(mode) => document.documentElement.dataset.theme === mode"
    window.wait_for_function(followed, arg=mode, polling=10)


def photograph(window, path, width):
    height = min(window.evaluate("document.documentElement.scrollHeight"), MAX_HEIGHT)
    window.screenshot(
        **{"path": path, "type": "jpeg", "quality": 50, "full_page": True},
        **{"clip": {"x": 0, "y": 0, "width": width, "height": height}, "animations": "disabled"},
    )


if __name__ == "__main__":
    program, site, screenshots = sys.argv[1:]
    print(json.dumps(browse(program, Path(site), Path(screenshots))._asdict()))
