"""The longest sequence that fits a budget of memory, found with few probes.

Two small probes give the line bytes = fixed + per step x T; what it predicts is confirmed, corrected by what longer
probes need, and the longest length that fits and the shortest that fails are brought within 1/64 of each other. The
length that fits is run once more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

FIRST = 64
"""Time steps of the first probe: as many as fill the segments that forward-only learning works in."""
GROWTH = 16
"""Each further small probe is so many times as long, until a line can be drawn."""
STRIDE = 4
"""How far the search goes beyond what is known where there is no line."""
SEEN = 1 / 32
"""A share of the budget that a probe must need, or the line would be drawn through noise."""
WITHIN = 64
"""The length that fits and the one that fails differ by at most this part of the first."""
MOST_PROBES = 40
FLAT = 0.05
"""A peak that grows by no more than this share over :data:`SPAN` times the length does not depend on T."""
SETTLED = 256
"""Shorter sequences may not fill what is as long as a segment, and say nothing of whether memory grows."""
SPAN = 16


class Probe(NamedTuple):
    """One training step at one length: whether it stayed within the budget, and if not, why.

    Attributes
    ----------
    peak_bytes
        What it needed; None where it ended before that could be read.
    """

    time_steps: int
    fits: bool
    peak_bytes: int | None
    reason: str | None = None


@dataclass
class Search:
    """What is known of the lengths that fit.

    Attributes
    ----------
    fits, fails
        The longest length that was seen to fit (None: not even one step does) and the shortest that was seen to fail
        (None: none did, up to the longest that was asked about).
    predicted
        What the line said, or None where none could be drawn.
    bytes_per_step, fixed_bytes
        The line; in the end through the shortest and the longest sequence that say how memory grows, where they are
        far from each other.
    """

    budget: int
    longest: int
    probe: Callable[[int], Probe]
    probes: list[Probe] = field(default_factory=list)
    fits: int | None = None
    fails: int | None = None
    predicted: int | None = None
    bytes_per_step: float | None = None
    fixed_bytes: float | None = None

    def run(self) -> None:
        """Find the longest length that fits."""
        self._small()
        self._draw_line()
        while len(self.probes) < MOST_PROBES:
            if not self._narrow():
                break
            # What fits must do so again: the margin is the machine's, not the model's.
            if self.fits is None or self.fails is None or self._try(self.fits).fits:
                break
        self._settle_line()

    @property
    def unbounded(self) -> bool:
        """Whether the longest sequence asked about needs hardly more than a much shorter one."""
        settled = self._settled()
        if self.fails is not None or not settled or max(settled) < max(self.longest, SPAN * min(settled)):
            return False
        return settled[max(settled)] <= (1 + FLAT) * settled[min(settled)]

    @property
    def reason(self) -> str:
        """Why it ends where it does."""
        if self.unbounded:
            return f"needs no more memory for {self.longest:,} time steps than for few"
        if self.fails is None:
            return f"fits at {self.longest:,} time steps, the longest that was tried"
        failed = next(probe for probe in reversed(self.probes) if probe.time_steps == self.fails and not probe.fits)
        return failed.reason or "needs more than the budget"

    def to_json(self) -> dict[str, Any]:
        """Return the details of the metric."""
        return {
            "fits": self.fits,
            "fails": self.fails,
            "predicted": self.predicted,
            "reason": self.reason,
            "unbounded": self.unbounded,
            "probes": [probe._asdict() for probe in self.probes],
        }

    def _try(self, time_steps: int) -> Probe:
        probe = self.probe(time_steps)
        self.probes.append(probe)
        if probe.fits:
            self.fits = max(self.fits or 0, time_steps)
        else:
            self.fails = time_steps if self.fails is None else min(self.fails, time_steps)
            if self.fits is not None and self.fits >= self.fails:
                # It fitted before: then it does so only sometimes, and that is not fitting.
                self.fits = max(
                    (p.time_steps for p in self.probes if p.fits and p.time_steps < self.fails), default=None
                )
        return probe

    def _small(self) -> None:
        """Take probes that are long enough to see what a step needs, and far from the budget."""
        time_steps = min(FIRST, self.longest)
        first = self._try(time_steps)
        while self.fails is None and time_steps < self.longest:
            time_steps *= GROWTH
            if STRIDE * time_steps > self.longest:
                time_steps = self.longest
            grown = self._try(time_steps)
            if not grown.fits or (grown.peak_bytes or 0) - (first.peak_bytes or 0) >= SEEN * self.budget:
                return

    def _settled(self) -> dict[int, int]:
        """Return the peaks, by length, of sequences that say how memory grows."""
        return {
            probe.time_steps: probe.peak_bytes
            for probe in self.probes
            if probe.peak_bytes is not None and probe.time_steps >= SETTLED
        }

    def _settle_line(self) -> None:
        settled = self._settled()
        if settled and max(settled) >= SPAN * min(settled):
            self._line_through(min(settled), settled[min(settled)], max(settled), settled[max(settled)])

    def _line_through(self, near: int, low: int, far: int, high: int) -> None:
        self.bytes_per_step = max(0.0, (high - low) / (far - near))
        self.fixed_bytes = high - self.bytes_per_step * far

    def _draw_line(self) -> None:
        known = [(probe.time_steps, probe.peak_bytes) for probe in self.probes if probe.peak_bytes is not None]
        if len(known) < 2:
            return
        self._line_through(*known[0], *known[-1])
        assert self.bytes_per_step is not None  # noqa: S101 - it was just drawn
        assert self.fixed_bytes is not None  # noqa: S101
        if self.bytes_per_step > 0:
            self.predicted = max(1, min(self.longest, int((self.budget - self.fixed_bytes) / self.bytes_per_step)))

    def _narrow(self) -> bool:
        """Probe until the two lengths are close; say whether both are known."""
        while len(self.probes) < MOST_PROBES:
            if self.fits == self.longest or self.fails == 1:
                return False
            if (
                self.fits is not None
                and self.fails is not None
                and self.fails - self.fits <= max(1, self.fits // WITHIN)
            ):
                return True
            self._try(self._next())
        return False

    def _next(self) -> int:
        """Return the next length to try: beside what the line says, else in the middle, or further out."""
        low, high = self.fits or 0, self.fails
        margin = 1 + 1 / (2 * WITHIN)
        if self.predicted == self.longest and low < self.longest and high is None:
            return self.longest
        if self.predicted is not None:
            predicted = self._corrected()
            for guess in (int(predicted / margin), int(predicted * margin)):
                guess = max(1, min(guess, self.longest))
                # Closer to what fits than a quarter of the tolerance, it would say nothing new.
                if low + low // (4 * WITHIN) < guess < (high or self.longest + 1):
                    return guess
        if high is None:
            return min(self.longest, max(low + 1, STRIDE * low))
        if low == 0:
            return max(1, high // STRIDE)
        return (low + high) // 2

    def _corrected(self) -> int:
        """Return what the line says that goes from the first probe through the one whose peak is nearest the budget."""
        assert self.predicted is not None  # noqa: S101 - the caller has looked
        known = {probe.time_steps: probe.peak_bytes for probe in self.probes if probe.peak_bytes is not None}
        near, far = self.probes[0].time_steps, min(known, key=lambda steps: abs(known[steps] - self.budget))
        if near not in known or known[far] <= known[near]:
            return self.predicted
        return near + int((self.budget - known[near]) * (far - near) / (known[far] - known[near]))
