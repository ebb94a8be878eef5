"""The page's style and script, and the policy that allows nothing but these two."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from rnnbench.report.plots.palette import DARK, LIGHT

_HERE = Path(__file__).parent


def style() -> str:
    """Return the style sheet, with the colours of plots."""
    slots = "\n".join(
        f".s{slot} {{ --c: light-dark({light}, {dark}); }}"
        for slot, (light, dark) in enumerate(zip(LIGHT, DARK, strict=True))
    )
    return f"{(_HERE / 'page.css').read_text(encoding='utf-8')}{slots}\n"


def script() -> str:
    """Return the script."""
    return (_HERE / "page.js").read_text(encoding="utf-8")


def policy(style_text: str, script_text: str) -> str:
    """Return a Content-Security-Policy by which nothing is loaded and nothing runs but these two texts, by their hash.

    Source: W3C, Content Security Policy Level 3, 6.7.2: hashes of inline elements.
    """
    return (
        f"default-src 'none'; style-src '{_hash(style_text)}'; script-src '{_hash(script_text)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
