"""How a case fails while it is measured."""

from __future__ import annotations

from typing import Any, Literal


class CaseFailure(Exception):  # noqa: N818 - a status of the case
    """A case that cannot be measured, with the status and the reason that the results will carry."""

    def __init__(
        self,
        status: Literal["error", "oom", "skipped"],
        reason: str,
        agreement: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.agreement = agreement
