"""The guard at the only place where connections are made: resolve, check every address, connect to a checked one.

The check stands at connect and not at the URL, so redirects, names that change their address between two look-ups,
and unusual spellings of an address all pass through it, and the address that is checked is the one connected to.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

import httpcore

from monitor.net.streams import SocketStream

if TYPE_CHECKING:
    from collections.abc import Iterable

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

# IANA special-purpose registries. ``ipaddress.is_global`` alone will not do: its tables differ between the patch
# releases of Python, and it calls translated and tunnelled loopback (NAT64, 6to4, Teredo) global.
_CLOSED_V4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_OPEN_V6 = ipaddress.IPv6Network("2000::/3")  # the only global unicast space that is handed out
_CLOSED_V6 = tuple(
    ipaddress.IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)

_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?", re.IGNORECASE)
_NUMBER = re.compile(r"([0-9]+\.)*[0-9]+")

_ADDRESSES_TRIED = 4
_SECONDS_AN_ADDRESS = 5.0
_RESOLVER_THREADS = 64  # started as needed; a hostile name server holds one for half a minute

# Names that mean this machine or its network wherever they are resolved, for a proxy that resolves them for us.
_LOCAL_NAMES = ("localhost", "local", "internal", "intranet", "lan", "home.arpa", "localdomain")


class BlockedAddressError(httpcore.ConnectError):
    """The target is not a public address, and the operator did not allow it."""


class UnknownNameError(httpcore.ConnectError):
    """The name has no address, or no name server answered."""


@lru_cache(maxsize=4096)
def is_public(address: IPAddress) -> bool:
    """Whether an address belongs to a host of the public internet."""
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not any(address in network for network in _CLOSED_V4)
    return address in _OPEN_V6 and not any(address in network for network in _CLOSED_V6)


@dataclass(frozen=True, slots=True)
class AllowList:
    """The operator's own hosts. Each entry has its port, or ``None`` for all ports."""

    names: frozenset[tuple[str, int | None]]
    networks: tuple[tuple[IPNetwork, int | None], ...]

    @classmethod
    def parse(cls, entries: Iterable[str]) -> Self:
        """Read entries as ``NetSettings.allow`` writes them; ``ValueError`` names the first that is none."""
        names: set[tuple[str, int | None]] = set()
        networks: list[tuple[IPNetwork, int | None]] = []
        for entry in entries:
            host, port = _split_port(entry.strip())
            try:
                networks.append((ipaddress.ip_network(host), port))
            except ValueError:
                if not _HOST.fullmatch(host) or _NUMBER.fullmatch(host):
                    raise ValueError(f"not a host, address or network: {entry!r}{_meant(entry)}") from None
                names.add((host.lower().rstrip("."), port))
        return cls(frozenset(names), tuple(networks))

    def has_name(self, host: str, port: int) -> bool:
        name = host.lower().rstrip(".")
        return (name, port) in self.names or (name, None) in self.names

    def has_address(self, address: IPAddress, port: int) -> bool:
        return any(only in (None, port) and address in network for network, only in self.networks)


def _meant(entry: str) -> str:
    """What is probably meant by an entry that is none; empty if it cannot be told."""
    try:
        return f"; write {str(ipaddress.ip_network(entry.strip(), strict=False))!r}"
    except ValueError:
        pass
    host = entry.strip().partition("://")[2].partition("/")[0]
    if _HOST.fullmatch(host.partition(":")[0]):
        return f"; write {host!r}"
    return "; a wildcard is no host: name each, or its network" if "*" in entry else ""


def _split_port(entry: str) -> tuple[str, int | None]:
    if entry.startswith("["):
        host, bracket, rest = entry[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ValueError(f"not a host, address or network: {entry!r}")
        port = rest[1:]
    elif entry.count(":") == 1 and "/" not in entry.partition(":")[2]:
        host, _, port = entry.partition(":")
    else:
        return entry, None
    if not port:
        return host, None
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(f"not a port: {entry!r}")
    return host, int(port)


class Guard(httpcore.AsyncNetworkBackend):
    """Makes every connection of the network door, and none to an address that is not public or allowed.

    A name is refused when any of its addresses is: an honest public site has no private one. ``proxy`` is the
    host and port of the configured proxy, which alone may be anywhere.
    """

    def __init__(self, allow: AllowList, proxy: tuple[str, int] | None = None) -> None:
        self._allow = allow
        self._proxy = proxy
        # Resolvers block. Threads of our own keep slow name servers from holding up the loop's common executor.
        self._resolvers = ThreadPoolExecutor(_RESOLVER_THREADS, thread_name_prefix="resolver")

    def close(self) -> None:
        self._resolvers.shutdown(wait=False, cancel_futures=True)

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109, ARG002  the interface's; a total deadline stands above
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self.addresses(host, port)
        tried = addresses[:_ADDRESSES_TRIED]
        for address in tried[:-1]:
            try:
                async with asyncio.timeout(_SECONDS_AN_ADDRESS):
                    return await _connect(address, port)
            except OSError:  # also TimeoutError; the last address says how it failed
                continue
        return await _connect(tried[-1], port)

    async def addresses(self, host: str, port: int) -> list[IPAddress]:
        """Return the checked addresses of a host; raise ``BlockedAddressError`` or ``UnknownNameError``."""
        found = [literal] if (literal := _literal(host)) else await self._resolve(host, port)
        if (host, port) != self._proxy and not self._allow.has_name(host, port):
            for address in found:
                if not is_public(address) and not self._allow.has_address(address, port):
                    raise _closed(host, address)
        return found

    def check_name(self, host: str, port: int) -> None:
        """As the function of this name, with the operator's own hosts."""
        check_name(host, port, self._allow)

    async def _resolve(self, host: str, port: int) -> list[IPAddress]:
        loop = asyncio.get_running_loop()
        try:
            answers = await loop.run_in_executor(self._resolvers, _getaddrinfo, host, port)
        except (OSError, UnicodeError) as error:
            raise UnknownNameError(f"{host}: {getattr(error, 'strerror', None) or 'not a name'}") from error
        # A scope (``fe80::1%eth0``) names an interface of this machine; without it the address is still checked.
        unique = dict.fromkeys(str(answer[4][0]).partition("%")[0] for answer in answers)
        if not unique:
            raise UnknownNameError(f"{host}: no address")
        return [ipaddress.ip_address(address) for address in unique]


def _closed(host: str, address: IPAddress) -> BlockedAddressError:
    named = "" if host.strip("[]") == str(address) else f"{host} is {address}, which "
    return BlockedAddressError(f"{named or f'{host} '}is not a public address")


def check_name(host: str, port: int, allow: AllowList) -> None:
    """Refuse what is plainly not public without a look-up: for targets that a proxy resolves, and for `check`."""
    if allow.has_name(host, port):
        return
    try:
        address = _literal(host) or ipaddress.IPv4Address(socket.inet_aton(host.rstrip(".")))
    except OSError:
        name = host.lower().rstrip(".")
        if "." not in name or any(name == local or name.endswith("." + local) for local in _LOCAL_NAMES):
            raise BlockedAddressError(f"{host} is a name of the local network") from None
    else:
        if not is_public(address) and not allow.has_address(address, port):
            raise _closed(host, address)


def _getaddrinfo(host: str, port: int) -> list[Any]:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


def _literal(host: str) -> IPAddress | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


async def _connect(address: IPAddress, port: int) -> SocketStream:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(connection, (str(address), port))
    except BaseException:
        connection.close()
        raise
    return SocketStream(connection)
