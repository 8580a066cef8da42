"""A headless Chromium, driven over its own pipe: no driver, no port, nothing to install but the browser."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip


class Page:
    """One page of a browser, with the addresses that it asked for."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._out = os.fdopen(to_browser, "wb")
        self._in = os.fdopen(from_browser, "rb")
        self._number = 0
        self._session: dict[str, str] = {}
        self._events: list[str] = []
        self.asked_for: list[str] = []
        target = self.do("Target.createTarget", url="about:blank")["targetId"]
        attached = self.do("Target.attachToTarget", targetId=target, flatten=True)
        self._session = {"sessionId": attached["sessionId"]}
        for domain in ("Page", "Network", "Runtime"):
            self.do(f"{domain}.enable")

    def do(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Give a command of the DevTools protocol and return its result."""
        self._number += 1
        command = {"id": self._number, "method": method, "params": parameters, **self._session}
        self._out.write(json.dumps(command).encode() + b"\0")
        self._out.flush()
        while True:
            heard = self._next()
            if heard.get("id") == self._number:
                assert "error" not in heard, heard["error"]
                return heard["result"]  # type: ignore[no-any-return]  # JSON as the browser sent it

    def open(self, address: str) -> None:
        """Go to an address and wait until it has loaded."""
        self._events.clear()
        self.asked_for.clear()
        self.do("Page.navigate", url=address)
        while "Page.loadEventFired" not in self._events:
            self._next()

    def js(self, expression: str) -> Any:
        """Return what an expression gives on the page; a promise is waited for."""
        answer = self.do("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def click(self, selector: str) -> None:
        """Press and let go the mouse in the middle of an element."""
        place = self.js(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)}); e.scrollIntoView({{block: 'center',"
            " behavior: 'instant'}); const r = e.getBoundingClientRect();"
            " return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.do("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)

    def size(self, width: int, height: int, *, phone: bool = False) -> None:
        """Give the page the width and height of a screen."""
        self.do("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)

    def picture(self, path: Path, *, whole: bool = False) -> None:
        """Write what is seen, or the whole page, as PNG."""
        path.write_bytes(base64.b64decode(self.do("Page.captureScreenshot", captureBeyondViewport=whole)["data"]))

    def printed(self, path: Path) -> None:
        """Write the page as it is printed, as PDF on the paper that it asks for."""
        path.write_bytes(base64.b64decode(self.do("Page.printToPDF", preferCSSPageSize=True)["data"]))

    def _next(self) -> dict[str, Any]:
        said = bytearray()
        while (byte := self._in.read(1)) != b"\0":
            assert byte, "the browser ended"
            said += byte
        heard: dict[str, Any] = json.loads(said)
        self._events.append(heard.get("method", ""))
        if heard.get("method") == "Network.requestWillBeSent":
            self.asked_for.append(heard["params"]["request"]["url"])
        return heard


@contextlib.contextmanager
def browser(profile: Path) -> Iterator[Page]:
    """Start a browser with a profile of its own and end it, with all that it started."""
    (their_in, to_browser), (from_browser, their_out) = os.pipe(), os.pipe()
    process = subprocess.Popen(
        ["bash", "-c", f'exec "$@" 3<&{their_in} 4>&{their_out}', "-", str(CHROMIUM), *QUIET,
         "--remote-debugging-pipe", f"--user-data-dir={profile}"],
        pass_fds=(their_in, their_out), stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    os.close(their_in)
    os.close(their_out)
    try:
        yield Page(to_browser, from_browser)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
