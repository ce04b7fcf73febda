"""An ordinary client of httpx or httpx2, all of whose requests go to one server, whatever their URL."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from streamsim.errors import UsageError

if TYPE_CHECKING:
    from types import ModuleType


def client(origin: str, family: str | ModuleType | None, *, asynchronous: bool, options: dict[str, Any]) -> Any:
    """Return an ``httpx.Client``, or ``AsyncClient``, of ``family``, whose requests go to ``origin``.

    Proxies of the environment are not for loopback, so they are left out.

    Raises:
        UsageError: There is no such library.

    """
    library = _library(family)
    home = library.URL(origin)

    def there(request: Any) -> None:
        request.url = request.url.copy_with(scheme=home.scheme, host=home.host, port=home.port)

    async def athere(request: Any) -> None:
        there(request)

    hooks = dict(options.pop("event_hooks", {}))
    hooks["request"] = [*hooks.get("request", ()), athere if asynchronous else there]
    kind = library.AsyncClient if asynchronous else library.Client
    return kind(event_hooks=hooks, **{"trust_env": False, **options})


def _library(family: str | ModuleType | None) -> Any:
    if family is None:
        family = "httpx2" if "httpx2" in sys.modules or find_spec("httpx") is None else "httpx"
    if not isinstance(family, str):
        return family
    if find_spec(family) is None:
        raise UsageError("http_client", f"{family} is not installed", f"install it: pip install {family}")
    return import_module(family)
