"""Status 200, with a body that is no event stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from streamsim.plan.faults.instead import Instead
from streamsim.plan.faults.provider_errors import http_error

if TYPE_CHECKING:
    from streamsim.plan.faults.fault import Scene
    from streamsim.wire import Headers


class WrongBody(Instead, frozen=True, kw_only=True, tag="wrong_body"):
    """Answer 200 with another body when the recorded head is due.

    Attributes:
        kind: ``html``: a gateway's page that says 503; ``json``: an error 500 as the providers of the recording's
            dialect write it.

    """

    kind: Literal["html", "json"] = "html"

    sees: ClassVar[str] = "a success without events, unless it looks at the content type"
    rows: ClassVar[tuple[str, ...]] = ("E6",)
    incidents: ClassVar[tuple[str, ...]] = ("florimondmanca/httpx-sse#11", "oc-web#143")

    def answer(self, scene: Scene) -> tuple[int, str, Headers, bytes]:
        """Return the wrong body."""
        if self.kind == "html":
            return 200, "OK", *http_error("html", scene.dialect, 503, "")
        return 200, "OK", *http_error("auto", scene.dialect, 500, "")
