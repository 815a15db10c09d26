"""A real headless Chromium, in a process of its own: opens addresses, and tells what a person there would see.

python -m tests.load_report.chromium < visits.json > seen.json

A visit: `url`, and if wanted `width`, `dark`, `narrow` (afterwards also as on a telephone), `script` (evaluated last), `wait_for` (a text), `picture` (a PNG).
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[2]
FLAGS = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync --disable-default-apps""".split()
HERE = ("127.0.0.1", "localhost", "::1")
PATIENCE = 20_000  # ms for a text to appear


def program():
    return shutil.which("chromium")


def visit(*visits):
    """In a child: the tests' own process is patched by gevent, which playwright cannot live with."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "stress-test")])}
    asked = [sys.executable, "-m", "tests.load_report.chromium"]
    done = subprocess.run(
        asked,
        input=json.dumps(visits),
        capture_output=True,
        text=True,
        timeout=100,
        env=environment,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def is_ours(url):
    parts = urlsplit(url)
    return parts.scheme in ("file", "data", "about", "blob") or parts.hostname in HERE


def _all(playwright, folder, visits):
    context = playwright.chromium.launch_persistent_context(
        folder, executable_path=program(), args=FLAGS, timeout=60_000
    )
    try:
        return [_one(context, each) for each in visits]
    finally:
        context.close()


def _one(context, visit):
    seen = {"console": [], "foreign": []}
    page = context.new_page()
    page.set_viewport_size({"width": visit.get("width", 1100), "height": 900})
    page.emulate_media(color_scheme="dark" if visit.get("dark") else "light", media=visit.get("media"))
    page.on("console", lambda said: seen["console"].append(f"{said.type}: {said.text}"))
    page.on("pageerror", lambda error: seen["console"].append(f"error: {error}"))
    page.route("**/*", lambda route: _let(route, seen["foreign"]))
    page.goto(visit["url"], wait_until="load")
    for text in visit.get("wait_for", []):
        page.get_by_text(text).first.wait_for(timeout=PATIENCE)
    seen["title"], seen["text"] = page.title(), page.inner_text("body")
    seen["wide"] = [_too_wide(page)]
    if visit.get("narrow"):  # the same page, turned into a telephone at night
        page.set_viewport_size({"width": 390, "height": 800})
        page.emulate_media(color_scheme="dark")
        seen["wide"].append(_too_wide(page))
    seen["answer"] = page.evaluate(visit["script"]) if visit.get("script") else None
    if visit.get("picture"):
        page.screenshot(path=visit["picture"], full_page=visit.get("full", True))
    page.close()
    return seen


def _too_wide(page):
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def _let(route, foreign):
    if is_ours(route.request.url):
        route.continue_()
    else:
        foreign.append(route.request.url)
        route.abort()


def main():
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only the child may load it

    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        json.dump(_all(playwright, folder, json.load(sys.stdin)), sys.stdout)


if __name__ == "__main__":
    main()
