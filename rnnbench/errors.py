"""Errors that a user can cause, and the exit codes that the tool answers with.

Every such error is one message that names the place, says what is wrong, and says what to do.
The command line prints it without a traceback (``--debug`` shows one).
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit status of the ``rnnbench`` command."""

    OK = 0
    CRASH = 1
    """An unexpected exception: a defect of rnnbench."""
    USAGE = 2
    """A wrong command line, suite or file."""
    REGRESSION = 3
    INCONCLUSIVE = 4
    CASE_FAILED = 5
    """A case failed, or nothing was measured."""
    NOT_COMPARABLE = 6
    """Documents that cannot be put beside each other (schema, suite, machine fingerprint)."""
    INTERRUPTED = 130


class RnnbenchError(Exception):
    """An error with a message meant for the user.

    Parameters
    ----------
    message
        Place, cause and remedy, in one message (may span lines).
    exit_code
        What the command exits with.
    """

    def __init__(self, message: str, exit_code: ExitCode = ExitCode.USAGE) -> None:
        super().__init__(message)
        self.message = message
        self.exit_code = exit_code
