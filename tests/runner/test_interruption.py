"""Signals raise where the run waits, and wait where it writes."""

from __future__ import annotations

import os
import signal
import sys
import threading

import pytest

from rnnbench.runner.interruption import Interruption

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends signals to itself")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_raises_where_it_is_allowed(number):
    with Interruption() as interruption, pytest.raises(KeyboardInterrupt), interruption.allowed():
        os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_elsewhere_it_waits_for_the_next_place_that_allows_it(number):
    reached = []
    with Interruption() as interruption:
        os.kill(os.getpid(), number)
        reached.append("the end of what must not be disturbed")
        with pytest.raises(KeyboardInterrupt), interruption.allowed():
            reached.append("never")
    assert reached == ["the end of what must not be disturbed"]


def test_a_second_signal_does_not_disturb_the_clean_up_after_the_first():
    reached = []
    with Interruption() as interruption:
        with pytest.raises(KeyboardInterrupt), interruption.allowed():
            os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)
        reached.append("written")
    assert reached == ["written"]


def test_the_handlers_are_put_back():
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with Interruption():
        assert signal.getsignal(signal.SIGINT) != before[0]
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_outside_the_main_thread_it_does_nothing():
    failures: list[BaseException] = []

    def use() -> None:
        try:
            with Interruption() as interruption, interruption.allowed():
                pass
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert failures == []
