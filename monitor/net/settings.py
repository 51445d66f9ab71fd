"""What the network door is built from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class NetSettings:
    """Limits and manners of everything that leaves this machine. Times are in seconds, sizes in bytes.

    ``allow`` names the operator's own hosts, which the guard then lets through although they are not public:
    ``host``, ``host:port``, an address, ``address:port`` (IPv6 in brackets), or a network such as ``10.1.0.0/16``.
    ``proxy`` is an ``http://`` address and may lie on a private one. ``ca_file`` adds certificate authorities.
    ``feed_bytes`` and ``page_bytes`` bound decoded bodies. ``deadline`` bounds one fetch from its start to its
    last byte, redirects included; waiting for a turn at the host does not count. ``spacing`` lies between two
    starts at one host. A site's crawl-delay is honoured up to ``crawl_delay_most``.
    """

    user_agent: str
    allow: tuple[str, ...] = ()
    proxy: str | None = None
    ca_file: Path | None = None
    feed_bytes: int = 10 * MEGABYTE
    page_bytes: int = 2 * MEGABYTE
    deadline: float = 30.0
    redirects: int = 5
    per_host: int = 2
    spacing: float = 1.0
    overall: int = 256
    robots: bool = True
    crawl_delay_most: float = 10.0
