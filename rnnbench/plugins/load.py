"""Loading plug-ins into this process, once each, and what was loaded."""

from __future__ import annotations

import contextlib
import hashlib
import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

from rnnbench.errors import RnnbenchError
from rnnbench.plugins.family import FAMILIES, Family, Unfit, family_of
from rnnbench.plugins.source import Source
from rnnbench.words import printable


@dataclass(frozen=True)
class Plugin:
    """A loaded plug-in.

    Attributes
    ----------
    name, version
        The module or distribution; the version it says it has, or its distribution's, or None.
    sha256
        Of the module's source: what tells two states of it apart where nobody counts versions.
    provides
        Names by family: ``{"connectivity": ["dilated"]}``.
    source
        How a user asked for it; None where it is installed with entry points.
    """

    name: str
    version: str | None
    sha256: str | None
    provides: dict[str, list[str]]
    source: Source | None = field(default=None, compare=False)

    def to_json(self) -> dict[str, Any]:
        """Return what results documents say of it."""
        return {"name": self.name, "version": self.version, "sha256": self.sha256, "provides": self.provides}


_loaded: list[Plugin] = []
_installed_are_loaded: list[bool] = []
"""Not empty once they are."""


def loaded() -> tuple[Plugin, ...]:
    """Return the plug-ins of this process, in the order in which they were loaded."""
    return tuple(_loaded)


def load_plugins(asked: Sequence[str]) -> tuple[Plugin, ...]:
    """Load what is installed and what is ``asked`` for (modules, files), and return all plug-ins of this process.

    Raises
    ------
    RnnbenchError
        One is missing, fails, offers nothing, or has a name that is taken; one message says which and why.
    """
    _load_installed()
    _load_sources(map(Source.of, asked))
    return loaded()


def to_message() -> dict[str, Any] | None:
    """Return what makes another process load the same plug-ins, as JSON data; None where there are none."""
    if not _loaded:
        return None
    sources = [plugin.source.to_json() for plugin in _loaded if plugin.source is not None]
    return {"sources": sources, "expected": [plugin.to_json() for plugin in _loaded]}


def load_message(message: Mapping[str, Any]) -> None:
    """Load what :func:`to_message` says, in another process.

    Raises
    ------
    RnnbenchError
        As :func:`load_plugins`; also where it found another state of a plug-in than the first process.
    """
    _load_installed()
    _load_sources(Source(**source) for source in message["sources"])
    here = [plugin.to_json() for plugin in _loaded]
    if here != message["expected"]:
        names = [said["name"] for said in message["expected"] if said not in here]
        raise RnnbenchError(
            f"plug-in {', '.join(map(printable, names)) or 'list'}: a worker process found another one than this "
            "process: its file was changed meanwhile, or the name means another module there. Run again, and name the "
            "file, as in --plugin ./mine.py"
        )


def _load_sources(sources: Iterable[Source]) -> None:
    for source in sources:
        if any(plugin.source is not None and plugin.source.place == source.place for plugin in _loaded):
            continue
        module = source.load()
        try:
            provides = _offer(list(_offered(module)))
        except Unfit as error:
            raise RnnbenchError(f"plug-in {printable(source.asked, 300)}: {error}") from error
        if not provides:
            bases = ", ".join(f"{family.base.__module__}.{family.base.__name__}" for family in FAMILIES)
            raise RnnbenchError(
                f"plug-in {printable(source.asked, 300)}: it offers nothing: no class in it derives from one of {bases}"
            )
        _loaded.append(Plugin(source.name, _version(module), _sha256(module), provides, source.found(module)))


def _offered(module: ModuleType) -> Iterator[type]:
    """Yield the public classes of a module that are of a family and not rnnbench's own or abstract helpers."""
    for name, value in vars(module).items():
        if name.startswith("_") or not isinstance(value, type) or value.__module__.partition(".")[0] == "rnnbench":
            continue
        family = family_of(value)
        if family is not None and (not inspect.isabstract(value) or family.needs[0] in vars(value)):
            yield value


def _offer(classes: Sequence[type]) -> dict[str, list[str]]:
    """Offer classes to suites, all or none, and return their names by family."""
    provides: dict[str, list[str]] = {}
    with contextlib.ExitStack() as undo:
        for offered in classes:
            family = family_of(offered)
            assert family is not None  # noqa: S101 - only such are found
            family.offer(offered)
            undo.callback(family.remove, offered)
            provides.setdefault(family.name, []).append(family.name_of(offered))
        undo.pop_all()
    return provides


def _load_installed() -> None:
    """Load the entry points of all installed distributions, one plug-in per distribution."""
    if _installed_are_loaded:
        return
    found: dict[str, list[tuple[Family, metadata.EntryPoint]]] = {}
    for family in FAMILIES:
        for point in metadata.entry_points(group=family.group):
            found.setdefault(point.dist.name if point.dist is not None else point.module, []).append((family, point))
    for name, points in sorted(found.items()):
        try:
            classes = [_class_of(family, point) for family, point in points]
            provides = _offer(classes)
        except Exception as error:
            said = str(error) if isinstance(error, Unfit) else f"{type(error).__name__}: {error}"
            raise RnnbenchError(
                f"plug-in {printable(name)} (installed): {printable(said, 300)}: mend it, or uninstall it with "
                f"`pip uninstall {printable(name)}`"
            ) from error
        version = points[0][1].dist.version if points[0][1].dist is not None else None
        _loaded.append(Plugin(name, version, None, provides))
    _installed_are_loaded.append(True)


def _class_of(family: Family, point: metadata.EntryPoint) -> type:
    offered = point.load()
    if not isinstance(offered, type) or not issubclass(offered, family.base):
        raise Unfit(f"entry point {point.name} = {point.value} of {family.group} is no {family.base.__name__}")
    return offered


def _version(module: ModuleType) -> str | None:
    said = getattr(module, "__version__", None)
    if said is not None:
        return str(said)
    for distribution in metadata.packages_distributions().get(module.__name__.partition(".")[0], ()):
        return metadata.version(distribution)
    return None


def _sha256(module: ModuleType) -> str | None:
    try:
        return hashlib.sha256(Path(str(module.__file__)).read_bytes()).hexdigest()
    except OSError:
        return None
