"""An HTTP error before any stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.errors import UsageError
from streamsim.plan.faults.heads import header_value
from streamsim.plan.faults.instead import Instead
from streamsim.plan.faults.lines import encoded
from streamsim.plan.faults.provider_errors import HttpForm, http_error
from streamsim.wire.statuses import REASONS

if TYPE_CHECKING:
    from streamsim.plan.faults.fault import Scene
    from streamsim.wire import Headers


class HttpError(Instead, frozen=True, kw_only=True, tag="http_error"):
    """Answer with an error when the recorded head is due.

    Attributes:
        status: 400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504 or 529.
        form: How its body is written; ``auto``: as the providers of the recording's dialect do. ``flat`` is a bare
            message in JSON, ``html`` a gateway's page.
        message: The error's message, any text; by default the status in words.
        retry_after: The header ``retry-after``: seconds, or an HTTP date.
        retry_after_ms: The header ``retry-after-ms``.

    """

    status: int = 503
    form: HttpForm = "auto"
    message: str = ""
    retry_after: str = ""
    retry_after_ms: str = ""

    sees: ClassVar[str] = "an HTTP error, which SDKs retry or raise by its status"
    rows: ClassVar[tuple[str, ...]] = ("http",)

    def __post_init__(self) -> None:
        """Refuse a status that is none of them, and what no header or body can hold."""
        super().__post_init__()
        if self.status not in REASONS:
            known = ", ".join(map(str, REASONS))
            raise UsageError(f"{self.name()}: status", f"{self.status} is none that we know", f"write one of {known}")
        encoded(self, "message", self.message)
        header_value(self, "retry_after", self.retry_after)
        header_value(self, "retry_after_ms", self.retry_after_ms)

    def answer(self, scene: Scene) -> tuple[int, str, Headers, bytes]:
        """Return the error."""
        headers, body = http_error(self.form, scene.dialect, self.status, self.message)
        wait = (("retry-after", self.retry_after), ("retry-after-ms", self.retry_after_ms))
        told = (*headers, *((name, value) for name, value in wait if value))
        return self.status, REASONS[self.status], told, body
