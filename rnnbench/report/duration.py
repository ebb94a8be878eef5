"""Durations for people to glance at."""

from __future__ import annotations


def minutes(seconds: float) -> str:
    """Return ``m:ss``, or ``h:mm:ss`` from an hour on; negative durations count as none.

    Examples
    --------
    >>> minutes(9.7), minutes(83), minutes(3700), minutes(-1)
    ('0:09', '1:23', '1:01:40', '0:00')
    """
    whole, second = divmod(int(max(0.0, seconds)), 60)
    hour, minute = divmod(whole, 60)
    return f"{hour}:{minute:02}:{second:02}" if hour else f"{minute}:{second:02}"
