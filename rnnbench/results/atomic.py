"""Writing a file so that a reader sees either the old text or the new one, never a part."""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path

from rnnbench.errors import RnnbenchError

_FULL = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}
_READ_ONLY = {errno.EACCES, errno.EPERM, errno.EROFS}


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8 to ``path``; see :func:`write_bytes`."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path``, making its folder if need be.

    The content goes to a temporary file in the same folder, is flushed to disk, and takes the place of ``path`` in one
    step; whatever happens before that leaves ``path`` as it was and no temporary file behind. A link is followed.
    What is there but is no regular file (a pipe, ``/dev/null``) is written directly: nothing in it can be kept.

    Raises
    ------
    RnnbenchError
        If the folder is read-only, the disk is full, or ``path`` cannot be a file.
    """
    try:
        target = Path(os.path.realpath(path))
        if target.exists() and not target.is_file() and not target.is_dir():
            target.write_bytes(content)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target, content)
    except OSError as error:
        raise RnnbenchError(f"{path}: {_explain(error)}") from error


def _replace(target: Path, content: bytes) -> None:
    temporary = target.parent / f".rnnbench-{secrets.token_hex(8)}.tmp"
    try:
        # Not `tempfile`: its files are private to the user, ours get the permissions that any new file gets.
        with open(temporary, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _explain(error: OSError) -> str:
    """Return cause and remedy of a failed write."""
    cause = os.strerror(error.errno) if error.errno else str(error)
    if error.errno in _FULL:
        return f"no room to write ({cause}); the file is as it was before: free some space or write elsewhere"
    if error.errno in _READ_ONLY:
        return f"cannot be written ({cause}): give a file in a folder that you may write to"
    if isinstance(error, IsADirectoryError):
        return "is a folder: give the name of a file in it"
    if isinstance(error, (NotADirectoryError, FileExistsError)):
        return f"cannot be written ({cause}): a part of the path is a file, not a folder"
    return f"cannot be written ({cause}): write elsewhere"
