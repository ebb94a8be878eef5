"""Ctrl-C and SIGTERM, felt only where the run waits: never in the middle of a write."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import Any


class Interruption:
    """Catches the signals while it is entered.

    Inside :meth:`allowed` a signal raises KeyboardInterrupt; elsewhere it is remembered, and raised when the next
    such block begins. Outside the main thread, where Python delivers no signals, it does nothing.
    """

    def __init__(self) -> None:
        self._pending = False
        self._allowed = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interruption:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._caught)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @contextlib.contextmanager
    def allowed(self) -> Iterator[None]:
        """Let signals raise KeyboardInterrupt inside this block."""
        self._allowed = True
        try:
            if self._pending:
                raise KeyboardInterrupt
            yield
        finally:
            self._allowed = False

    def _caught(self, number: int, frame: FrameType | None) -> None:
        self._pending = True
        if self._allowed:
            self._allowed = False
            raise KeyboardInterrupt
