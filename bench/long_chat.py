"""How one chat of very many messages scrolls in a real browser.

    .venv/bin/python -m bench.long_chat --messages 100000

Opens the end of the chat and turns the wheel upwards through older pages. Tells: frames between two pictures in ms
(a screen has 16.7), the most nodes that the log ever held, how far the line that is read moved when an older page
came (0 is right), and ms until a day in the middle stands at the top.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pyarrow as pa
from playwright.sync_api import Page, sync_playwright

from bench.clicks import CHROMIUM, FLAGS, log_in, serving
from data.identity.actor import system
from data.settings import read_settings
from data.store.opening import open_store

_ACTOR = system("bench")
_EVERY_S = 100
_TURNS, _TURN_PX = 400, 350

# Frames and nodes while the wheel turns.
WATCH = """
() => {
    window.benchFrames = [];
    window.benchNodes = 0;
    let last = performance.now();
    const step = () => {
        const now = performance.now();
        window.benchFrames.push(now - last);
        last = now;
        window.benchNodes = Math.max(window.benchNodes, document.querySelector(".ch-log").childElementCount);
        requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
}
"""
# Goes near the upper end, waits for an older page, and tells how far the first line in sight moved.
MOVED = """
async () => {
    const box = document.querySelector(".ch-scroll");
    const first = () => document.querySelector(".ch-bubble").dataset.message;
    const frame = () => new Promise(requestAnimationFrame);
    const was = first();
    box.scrollTop = 500;
    await frame();
    const top = box.getBoundingClientRect().top;
    const read = [...document.querySelectorAll(".ch-bubble")].find((one) => one.getBoundingClientRect().top > top);
    const at = read.getBoundingClientRect().top;
    const end = performance.now() + 20000;
    while (first() === was && performance.now() < end) await frame();
    await frame();
    const again = document.querySelector(`[data-message="${read.dataset.message}"]`);
    return again ? Math.abs(again.getBoundingClientRect().top - at) : Infinity;
}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        chat_id, middle = _filled(data, options.messages)
        with serving(data, has_calls=False) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_page(viewport={"width": 1440, "height": 860}, locale="ru-RU")
            log_in(page, address)
            page.goto(f"{address}/chats/{chat_id}")
            page.wait_for_selector(".ch-bubble")
            _scrolled(page)
            print(f"moved by      {max(page.evaluate(MOVED) for _ in range(10)):7.1f} px at most, of 10 pages")
            print(f"to a day      {_gone_to(page, middle.date().isoformat()):7.0f} ms")
            browser.close()


def _scrolled(page: Page) -> None:
    page.evaluate(WATCH)
    box = page.locator(".ch-scroll").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for _ in range(_TURNS):
        page.mouse.wheel(0, -_TURN_PX)
        page.wait_for_timeout(20)
    frames = sorted(page.evaluate("window.benchFrames"))
    late = frames[int(len(frames) * 0.95)]
    print(f"frames        {statistics.median(frames):7.1f} ms median, {late:.1f} p95, {frames[-1]:.1f} at most")
    print(f"nodes         {page.evaluate('window.benchNodes'):7} at most")


def _gone_to(page: Page, day: str) -> float:
    page.locator("[data-do=day]").click()
    page.locator(".ch-day-choice input").fill(day)
    begun = time.perf_counter()
    page.keyboard.press("Enter")
    page.wait_for_selector(f'[data-key="day-{day}"]')
    return (time.perf_counter() - begun) * 1000


def _filled(data: Path, messages: int) -> tuple[str, datetime]:
    """One chat with so many messages, by turns; its id, and when half of them were said."""
    chat_id, until = str(uuid4()), datetime.now(UTC)
    begun = until - timedelta(seconds=_EVERY_S * messages)
    ids = np.random.default_rng(1).bytes(16 * messages)
    said = [begun + timedelta(seconds=_EVERY_S * number) for number in range(messages)]
    rows = {
        "message_id": [str(UUID(bytes=ids[16 * at : 16 * at + 16])) for at in range(messages)],
        "chat_id": [chat_id] * messages,
        "kind": ["text"] * messages,
        "ours": [number % 2 == 0 for number in range(messages)],
        "author_name": ["Анна"] * messages,
        "text": [f"Сообщение {number}" + " слово" * (number % 20) for number in range(messages)],
        "sent_at": said,
        "state": ["read"] * messages,
    }
    chat = {
        "chat_id": [chat_id],
        "messenger": ["telegram"],
        "messenger_account": ["bench"],
        "user_key": ["1"],
        "state": ["active"],
        "created_at": [begun],
        "last_message_at": [said[-1]],
        "chat_no": [1],
    }
    with open_store(read_settings(data=data)) as store:
        store.append("chat", pa.table(chat), actor=_ACTOR)
        store.append("message", pa.table(rows), actor=_ACTOR)
    return chat_id, said[messages // 2]


if __name__ == "__main__":
    main()
