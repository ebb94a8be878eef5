"""A headless Chromium, driven through the pipe of its DevTools protocol: no driver, no library.

Source: chromedevtools.github.io/devtools-protocol; ``--remote-debugging-pipe`` reads messages from file descriptor 3
and writes them to 4, each ended by a NUL.
"""

import base64
import contextlib
import json
import os
import shutil
import subprocess


def program():
    """Return the path of a Chromium, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Browser:
    """One page of a browser; a context manager. ``complaints`` collects errors of scripts, and what was refused."""

    def __init__(self, profile):
        self._profile = profile
        self._number = 0
        self.complaints = []

    def __enter__(self):
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()

        self._process = subprocess.Popen(
            [
                "sh",
                "-c",
                f'exec "$0" "$@" 3</dev/fd/{theirs_in} 4>/dev/fd/{theirs_out}',
                program(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-dev-shm-usage",
                f"--user-data-dir={self._profile}",
                "--remote-debugging-pipe",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(theirs_in, theirs_out),
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._out, self._in = os.fdopen(ours_out, "wb", buffering=0), os.fdopen(ours_in, "rb")
        self._session = None
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.ask(f"{domain}.enable")
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.ask("Browser.close")
        self._out.close()
        self._in.close()
        self._process.wait(timeout=20)

    def ask(self, method, **parameters):
        """Send a command and return its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session and not method.startswith("Browser."):
            message["sessionId"] = self._session
        self._out.write(json.dumps(message).encode() + b"\0")
        while (said := self._read()).get("id") != self._number:
            pass
        if "error" in said:
            raise RuntimeError(f"{method}: {said['error']['message']}")
        return said["result"]

    def open(self, path, width, theme, height=900):
        """Show a file in a window of a size, for a system that prefers ``light`` or ``dark``."""
        self.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
        self.ask("Page.navigate", url=path.resolve().as_uri())
        while self._read().get("method") != "Page.loadEventFired":
            pass

    def run(self, script):
        """Return the value of an expression in the page."""
        found = self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in found:
            raise RuntimeError(found["exceptionDetails"].get("exception", {}).get("description"))
        return found["result"].get("value")

    def picture(self, path):
        """Write a picture of the whole page."""
        data = self.ask("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        path.write_bytes(base64.b64decode(data))

    def _read(self):
        text = bytearray()
        while (byte := self._in.read(1)) != b"\0":
            if not byte:
                raise OSError("the browser is gone")
            text += byte
        said = json.loads(text)
        if said.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(said["params"]["exceptionDetails"]["exception"]["description"])
        if said.get("method") == "Log.entryAdded" and said["params"]["entry"]["level"] in ("error", "warning"):
            self.complaints.append(said["params"]["entry"]["text"])
        return said
