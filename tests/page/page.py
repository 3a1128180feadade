"""The bundle's web page in a real Chromium: a finished draw, a frozen one, tampered ones.

    BUILD_DIR=build/asan python3 tests/page/page.py [PICTURES]

With PICTURES, a folder, the page is also written as PNG: phone, desktop and print, zh and en.
Skipped (77) where there is no Chromium: apt install chromium fonts-noto-cjk.
"""
import functools
import http.server
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "cli"))
import draw  # noqa: E402

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--hide-scrollbars", "--virtual-time-budget=120000"]


def browse(url, *words, lang="en"):
    """The page as it stands when nothing happens any more."""
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run([CHROMIUM, *QUIET, f"--user-data-dir={profile}",
                               f"--accept-lang={lang}", f"--lang={lang}", *words, url],
                              capture_output=True, text=True, timeout=300)
    return done.stdout


def dom(url, lang="en"):
    return browse(url, "--dump-dom", lang=lang)


def verdict(url):
    found = re.search(r'data-verdict="(\w+)"', dom(url + "#verify"))
    return found.group(1) if found else "none"


def change(folder, old, new):
    """Changes the data inside the page."""
    path = os.path.join(folder, "index.html")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if old not in text:
        draw.see("page: the text to change is there: " + old, False)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace(old, new, 1))


def finished(one, work):
    page = "file://" + os.path.join(one.out, "index.html").replace(" ", "%20")
    draw.see("page: a finished draw checks itself from a folder", verdict(page) == "good")
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *words):
            pass
    handler = functools.partial(Quiet, directory=one.out)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/index.html"
        draw.see("page: and from a plain web server", verdict(url) == "good")
        server.shutdown()
    rows = one.results()
    for row in (rows[0], rows[-1]):
        text = dom(page + "#id=" + row["id"].lower())
        wanted = (row["home"] or (row["turn"] and f"Your turn to choose: {row['turn']}")
                  or f"Standby number {row['standby']}")
        draw.see("page: a household finds its line, its reason and its ticket",
                 wanted in text and "The same as in results.csv." in text and row["ticket"] in text)
    draw.see("page: an id that is not there is said",
             "There is no such id in the roll" in dom(page + "#id=0000"))
    draw.see("page: it speaks Chinese", "多少户申请，多少户得到" in dom(page, lang="zh-CN"))
    ticket = rows[0]["ticket"]
    lies = (("results", f"{ticket},", f"{'f' if ticket[0] != 'f' else 'e'}{ticket[1:]},"),
            ("a secret", "reveal office ", "reveal office 0"),
            ("the seed", "mingqian seed 1", "mingqian seed 2"),
            ("a signature", "\u2014 notary ", "\u2014 notary A"),
            ("the roll", f"{rows[1]['id']},", f"{rows[1]['id'][::-1]},"))
    for what, old, new in lies:
        copy = os.path.join(work, "copy")
        shutil.copytree(one.out, copy)
        change(copy, old, new)
        draw.see(f"page: {what} changed is noticed",
                 verdict("file://" + os.path.join(copy, "index.html")) == "false")
        shutil.rmtree(copy)


def pictures(one, folder):
    page = "file://" + os.path.join(one.out, "index.html").replace(" ", "%20")
    mine = "#id=" + one.results()[0]["id"]
    for name, size, part, lang in (("phone-zh", "390,3600", mine, "zh-CN"),
                                   ("desktop-en", "1200,3200", mine, "en"),
                                   ("desktop-check-zh", "1200,1400", "#verify", "zh-CN")):
        browse(page + part, f"--window-size={size}",
               f"--screenshot={os.path.join(folder, name)}.png", lang=lang)
    browse(page, f"--print-to-pdf={os.path.join(folder, 'print')}.pdf", "--no-pdf-header-footer",
           lang="zh-CN")


def main():
    if CHROMIUM is None:
        print("skipped: there is no Chromium")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as work:
        one = draw.Draw(os.path.join(work, "a b"), "home")
        os.mkdir(one.folder)
        one.prepare()
        one.register()
        one.publish()
        page = "file://" + os.path.join(one.out, "index.html").replace(" ", "%20")
        frozen = dom(page + "#id=" + one.ids[1])
        draw.see("page: a frozen draw has its page", "It is in the roll." in frozen)
        draw.see("page: a frozen draw checks itself", verdict(page) == "good")
        one.ceremony()
        finished(one, work)
        if len(sys.argv) > 1:
            pictures(one, sys.argv[1])
    sys.exit(1 if draw.failed else 0)


main()
