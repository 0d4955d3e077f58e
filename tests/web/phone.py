"""A phone in Chromium, for the tests that hold one: its first start, its store, what is looked at on every screen."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, expect

from tests.contracts.foreign import superuser
from tests.web.conftest import Desk

PIN = "472913"
#: Rows that the phone's work leaves behind, children first.
TABLES = ("sync_operation", "sync_box", "sync_device", "contact_visitmatter", "contact_visitnote", "contact_checkup", "contact_visit")
SHOTS = os.environ.get("MINQING_SHOTS", "")
MODES = {"day": {}, "night": {"theme": "night"}, "large": {"type": "large"}, "large-night": {"type": "large", "theme": "night"}}
SMALL = """[...document.querySelectorAll('a,button,input,textarea')].filter((e) => {
  const r = e.getBoundingClientRect(), l = e.closest('label'), q = l ? l.getBoundingClientRect() : r;
  return r.width && !e.classList.contains('lk') && Math.max(r.height, q.height) < 43.5;
}).map((e) => e.outerHTML.slice(0, 90))"""
COUNT = "(name) => new Promise((ok) => { const r = indexedDB.open('minqing-phone'); r.onsuccess = () => { const q = r.result.transaction(name).objectStore(name).count(); q.onsuccess = () => { r.result.close(); ok(q.result); }; }; })"
#: Turns one bit of the first record of a store that is chosen by its key.
SPOIL = """([name, wanted]) => new Promise((ok) => { const r = indexedDB.open('minqing-phone'); r.onsuccess = () => { const s = r.result.transaction(name, 'readwrite').objectStore(name), k = s.getAllKeys();
  k.onsuccess = () => { const key = wanted || k.result[0], g = s.get(key); g.onsuccess = () => { g.result.d[3] ^= 1; s.put(g.result, key).onsuccess = () => { r.result.close(); ok(key); }; }; }; }; })"""
#: Everything that lies in the browser, as one text.
SCAN = """async () => {
  const db = await new Promise((ok) => { const r = indexedDB.open('minqing-phone'); r.onsuccess = () => ok(r.result); });
  let out = '';
  const text = (v) => v instanceof Uint8Array ? new TextDecoder('utf-8').decode(v) : v && typeof v === 'object' && !(v instanceof CryptoKey) ? Object.values(v).map(text).join(' ') : String(v);
  for (const s of db.objectStoreNames) { const all = await new Promise((ok) => { const r = db.transaction(s).objectStore(s).getAll(); r.onsuccess = () => ok(r.result); }); out += all.map(text).join(' '); }
  for (const name of await caches.keys()) { const c = await caches.open(name); for (const q of await c.keys()) out += q.url + await (await c.match(q)).text(); }
  return out + JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + location.href + JSON.stringify(history.state);
}"""


def sweep(*tables: str) -> None:
    """What the phones of one test left is not the next one's; `tables`: what else there is, children first."""
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        for table in (*tables, *TABLES):
            root.execute(f"delete from {table}")  # noqa: S608


def shot(page: Page, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=name.endswith("-whole"))


def start(desk: Desk, who: str = "香", width: int = 390, **look: str) -> Page:
    """A fresh phone: the PIN is set, everything has been fetched, the service worker holds the page."""
    page = desk.page(who, width=width, height=844)
    page.add_init_script("".join(f"localStorage.setItem('{k}','{v}');" for k, v in look.items()))
    page.goto("/phone/")
    page.get_by_label("手机口令").fill(PIN)
    page.get_by_label("再输一遍").fill(PIN)
    page.get_by_role("button", name="设好").click()
    expect(page.get_by_role("button", name=re.compile("已同步"))).to_be_visible(timeout=15_000)
    until(page, "caches.keys().then((k) => k.length && !!navigator.serviceWorker.controller)")
    return page


def until(page: Page, promise: str) -> None:
    """Until the promise says true."""
    for _ in range(200):
        if page.evaluate(promise):
            return
        page.wait_for_timeout(50)
    raise AssertionError(promise)


def unlock(page: Page, pin: str = PIN) -> None:
    page.get_by_label("口令").fill(pin)
    page.get_by_role("button", name="打开", exact=True).click()


def photo(width: int = 3000, height: int = 2000) -> dict[str, Any]:
    """A photo as a telephone takes it, with a place written into it."""
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    Image.effect_noise((width, height), 60).convert("RGB").save(out, "JPEG", quality=90, exif=exif)
    return {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def to_file(page: Page, door: str = "43号") -> None:
    page.get_by_role("button", name="找户", exact=True).click()
    page.fill("#q", door)
    page.locator(".hh .to").first.click()
    expect(page.get_by_role("heading", name="家里人")).to_be_visible()


def looked(desk: Desk, page: Page, name: str) -> list[str]:
    shot(page, name)
    shot(page, f"{name}-whole")
    return [f"{name}: {v}" for v in desk.axe(page)] + [f"{name}: {desk.overflow(page)} px too wide"] * bool(desk.overflow(page)) + [f"{name}: small target {t}" for t in page.evaluate(SMALL)]
