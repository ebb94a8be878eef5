"""Where a plug-in that the user asked for lies, so that every process loads the same one."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from rnnbench.errors import RnnbenchError
from rnnbench.words import printable

_PREFIX = "rnnbench_plugin_"
"""Begins the name of a module that was loaded from a file, so that it takes nobody else's place."""


@dataclass(frozen=True)
class Source:
    """A module, or a file.

    Attributes
    ----------
    asked
        As the user named it: a module (``mine``, ``package.mine``) or a file (``./mine.py``).
    file
        The file's absolute path; None for a module.
    folder
        Where the module was found; None for a file, or until it is known.
    """

    asked: str
    file: str | None
    folder: str | None = None

    @property
    def name(self) -> str:
        """What the plug-in is called: the module's name, or the file's without its ending."""
        return self.asked if self.file is None else Path(self.file).stem

    @property
    def place(self) -> str:
        """What tells it from others."""
        return self.file or self.asked

    @classmethod
    def of(cls, asked: str) -> Source:
        """Return the source that ``--plugin`` names.

        Raises
        ------
        RnnbenchError
            It is a file that is not there.
        """
        is_file = asked.endswith(".py") or "/" in asked or "\\" in asked
        if not is_file:
            return cls(asked, None)
        path = Path(asked)
        if not path.is_file():
            raise RnnbenchError(f"plug-in {printable(asked, 300)}: there is no such file")
        return cls(asked, str(path.resolve()))

    def load(self) -> ModuleType:
        """Import it.

        Raises
        ------
        RnnbenchError
            There is no such module, or importing it fails; the message names the error and its place.
        """
        try:
            return self._import_module() if self.file is None else self._import_file(self.file)
        except ModuleNotFoundError as error:
            if self.file is None and error.name is not None and f"{self.asked}.".startswith(f"{error.name}."):
                raise RnnbenchError(
                    f"plug-in {printable(self.asked)}: there is no module '{printable(error.name)}' for "
                    f"{sys.executable}: install it there, or name its file, as in --plugin ./{printable(self.name)}.py"
                ) from error
            raise self._failed(error) from error
        except (Exception, SystemExit) as error:
            raise self._failed(error) from error

    def found(self, module: ModuleType) -> Source:
        """Return this source with the folder in which its module was found."""
        if self.file is not None or module.__file__ is None:
            return self
        file = Path(module.__file__)
        depth = self.asked.count(".") + (file.name == "__init__.py")
        return Source(self.asked, None, str(file.resolve().parents[depth]))

    def _import_module(self) -> ModuleType:
        # Last, so that it hides no other module: what is found first here was found first there, too, or is told apart.
        if self.folder is not None and self.folder not in sys.path:
            sys.path.append(self.folder)
        return importlib.import_module(self.asked)

    def _import_file(self, file: str) -> ModuleType:
        name = _PREFIX + "".join(letter if letter.isalnum() else "_" for letter in self.name)
        known = sys.modules.get(name)
        if known is not None and known.__file__ == file:
            return known
        specification = importlib.util.spec_from_file_location(name, file)
        if specification is None or specification.loader is None:
            raise ImportError("it is no Python file (.py)")
        module = importlib.util.module_from_spec(specification)
        sys.modules[name] = module
        try:
            specification.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
        return module

    def _failed(self, error: BaseException) -> RnnbenchError:
        where = error.__traceback__
        while where is not None and where.tb_next is not None:
            where = where.tb_next
        place = f" ({where.tb_frame.f_code.co_filename}:{where.tb_lineno})" if where is not None else ""
        return RnnbenchError(
            f"plug-in {printable(self.asked, 300)}: importing it failed: {type(error).__name__}: "
            f"{printable(str(error), 300)}{place}"
        )

    def to_json(self) -> dict[str, Any]:
        """Return JSON data (it crosses to workers)."""
        return asdict(self)
