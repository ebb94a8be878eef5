"""The sections of a suite that make its cases: ``defaults``, ``matrix``, ``include`` and ``exclude``."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from itertools import product
from math import prod

from rnnbench.suite.axis import read_axis
from rnnbench.suite.expand import expand
from rnnbench.suite.problem import Path, Place, Problem, SuiteError
from rnnbench.suite.setting import Setting, check_key, read_setting
from rnnbench.suite.yaml_positions import Mapping, Node, Scalar, Sequence
from rnnbench.words import did_you_mean, quoted

SECTIONS = ("defaults", "matrix", "include", "exclude")
MAX_CASES = 2_000

Settings = dict[str, Setting]


@dataclass(frozen=True)
class Entry:
    """One entry of ``include`` or ``exclude``."""

    settings: Settings
    place: Place
    path: Path


@dataclass(frozen=True)
class Matrix:
    """What a suite says its cases are.

    Attributes
    ----------
    defaults
        Settings of every case.
    axes
        Values by axis; None without a matrix.
    exclude, include
        As in GitHub Actions; see :func:`rnnbench.suite.expand.expand`.
    overrides
        Values that the command line gives; the suite is expanded once for each combination of them.
    """

    defaults: Settings = field(default_factory=dict)
    axes: dict[str, list[Setting]] | None = None
    exclude: tuple[Entry, ...] = ()
    include: tuple[Entry, ...] = ()
    overrides: dict[str, list[Setting]] = field(default_factory=dict)

    def all_axes(self) -> dict[str, list[Setting]]:
        """Return the axes with the overrides among them: those of the file first, in its order."""
        return {**(self.axes or {}), **self.overrides}

    def varying(self) -> tuple[str, ...]:
        """Return the axes whose values names must tell: all but those that an override fixes."""
        return tuple(key for key in self.all_axes() if len(self.overrides.get(key, ())) != 1)

    def others(self) -> tuple[str, ...]:
        """Return the keys that only ``include`` entries set."""
        keys = dict.fromkeys(key for entry in self.include for key in entry.settings)
        return tuple(key for key in keys if key not in self.all_axes())

    def overridden(self, overrides: dict[str, list[Setting]]) -> Matrix:
        """Return this matrix under ``overrides``.

        A key that is set is no longer an axis of the file, and is dropped from ``include`` entries; an entry
        that named axes by such keys only is dropped with them, and entries that become equal are one.
        """
        if not overrides:
            return self
        include: dict[frozenset[tuple[str, Setting]], Entry] = {}
        for entry in self.include:
            kept = {key: value for key, value in entry.settings.items() if key not in overrides}
            named_axis = any(key in (self.axes or {}) for key in entry.settings)
            names_axis = any(key in (self.axes or {}) for key in kept)
            if names_axis == named_axis and (kept or self.axes is None):
                include.setdefault(frozenset(kept.items()), replace(entry, settings=kept))
        return replace(self, include=tuple(include.values()), overrides=overrides)

    def check_size(self, place: Place) -> None:
        """Raise :class:`SuiteError` if this makes too many cases, before making any."""
        axes = self.all_axes()
        cases = prod(len(values) for values in axes.values())
        if cases + len(self.include) <= MAX_CASES:
            return
        factors = " x ".join(f"{key} {len(values)}" for key, values in axes.items())
        product_of_axes = f"{factors} = {cases}"
        if self.include:
            product_of_axes += f", and {len(self.include)} include entries"
        message = (
            f"too many cases: {product_of_axes}; a suite has at most {MAX_CASES} before exclude: take values out, "
        )
        raise SuiteError([Problem(place, message + "or split the suite", ("matrix",))])

    def combinations(self) -> tuple[list[Settings], list[Problem]]:
        """Return the settings of every case, defaults among them, and the ``exclude`` entries that match nothing."""
        fixed_axes = {key: values for key, values in (self.axes or {}).items() if key not in self.overrides}
        axes = None if self.axes is None else fixed_axes
        exclude = [entry.settings for entry in self.exclude]
        include = [entry.settings for entry in self.include]
        made: list[Settings] = []
        matched = [any(key in self.overrides for key in entry) for entry in exclude]
        for values in product(*self.overrides.values()):
            fixed = dict(zip(self.overrides, values, strict=True))
            combinations, used = expand(axes, exclude, include, fixed)
            made += [{**self.defaults, **combination} for combination in combinations]
            matched = [before or now for before, now in zip(matched, used, strict=True)]
        idle = [
            Problem(entry.place, "this entry matches no combination of the axes: correct or remove it", entry.path)
            for entry, did in zip(self.exclude, matched, strict=True)
            if not did
        ]
        return made, idle


def read_matrix(root: Mapping, measured: Collection[str], folder: str) -> tuple[Matrix, list[Problem]]:
    """Return the matrix of a suite that takes the measurements ``measured``, and what is wrong with it.

    What is wrong is left out of the matrix. Files that the suite names are looked for from ``folder``.
    """
    reader = _Reader(measured, folder)
    defaults = reader.settings(root.entries.get("defaults"), ("defaults",))
    axes = reader.axes(root) if "matrix" in root.entries else None
    exclude = reader.entries(root.entries.get("exclude"), "exclude")
    include = reader.entries(root.entries.get("include"), "include")
    names = list(axes or {})
    for entry in exclude:
        reader.check_axes(entry, names)
    return Matrix(defaults, axes, exclude, include), reader.problems


class _Reader:
    def __init__(self, measured: Collection[str], folder: str) -> None:
        self.measured = measured
        self.folder = folder
        self.problems: list[Problem] = []

    def settings(self, node: Node | None, path: Path) -> Settings:
        """Read a mapping of keys to values."""
        if node is None or (isinstance(node, Scalar) and node.value is None):
            return {}
        if not isinstance(node, Mapping):
            self.problems.append(Problem(node.place, "should be a mapping (key: value)", path))
            return {}
        settings = {}
        for key, value in node.entries.items():
            if self._known(key, node, path):
                read = read_setting(key, value, (*path, key), self.folder)
                if isinstance(read, Setting):
                    settings[key] = read
                else:
                    self.problems += read
        return settings

    def axes(self, root: Mapping) -> dict[str, list[Setting]]:
        """Read the axes of ``matrix``."""
        node = root.entries["matrix"]
        path: Path = ("matrix",)
        if not isinstance(node, Mapping) or not node.entries:
            empty = isinstance(node, Mapping) or (isinstance(node, Scalar) and node.value is None)
            what = "an empty matrix makes no cases: " if empty else "should be a mapping of axes: "
            self.problems.append(Problem(node.place, what + "give an axis (hidden: [16, 32]) or remove 'matrix'", path))
            return {}
        axes = {}
        for key, values in node.entries.items():
            if self._known(key, node, path):
                axes[key], found = read_axis(key, self._axis_entries(values, (*path, key)), self.folder)
                self.problems += found
        return axes

    def _axis_entries(self, node: Node, path: Path) -> list[tuple[Node, Path]]:
        if isinstance(node, Sequence) and node.items:
            return [(item, (*path, index)) for index, item in enumerate(node.items)]
        if isinstance(node, Mapping) and list(node.entries) in (["pow2"], ["geom"]):
            return [(node, path)]
        if isinstance(node, Sequence) or (isinstance(node, Scalar) and node.value is None):
            message = "an axis without values makes no cases: give it some, or remove it"
        else:
            message = "an axis is a list of values: put this one between [ and ], or under defaults"
        self.problems.append(Problem(node.place, message, path))
        return []

    def entries(self, node: Node | None, section: str) -> tuple[Entry, ...]:
        """Read ``include`` or ``exclude``."""
        if node is None or (isinstance(node, Scalar) and node.value is None):
            return ()
        if not isinstance(node, Sequence):
            self.problems.append(Problem(node.place, "should be a list of mappings ([{key: value}])", (section,)))
            return ()
        entries = []
        for index, item in enumerate(node.items):
            path: Path = (section, index)
            if isinstance(item, Mapping) and item.entries:
                entries.append(Entry(self.settings(item, path), item.place, path))
            else:
                self.problems.append(Problem(item.place, "should be a mapping of at least one key (key: value)", path))
        return tuple(entries)

    def check_axes(self, entry: Entry, names: list[str]) -> None:
        """Note the keys of an ``exclude`` entry that are no axes."""
        for key, setting in entry.settings.items():
            if key not in names:
                known = did_you_mean(key, names) if names else ", and there is no matrix"
                self.problems.append(
                    Problem(setting.place, f"{quoted(key)} is no axis of the matrix{known}", setting.path)
                )

    def _known(self, key: str, node: Mapping, path: Path) -> bool:
        wrong = check_key(key, self.measured)
        if wrong:
            self.problems.append(Problem(node.key_places[key], wrong, (*path, key)))
        return wrong is None
