"""``feeds add`` and ``feeds discover``: from an address to a feed that is polled."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

import click

from monitor.cli.common import Desk, desk_options, format_option, length_of, now
from monitor.cli.nouns import TryLaterError, progress
from monitor.cli.output import chosen, safe, write_rows
from monitor.errors import MonitorError, UsageError

if TYPE_CHECKING:
    from monitor.config import Settings
    from monitor.core.discovery import FeedLink
    from monitor.model import Feed, FeedRejected, FeedSpec, FetchFailed, ParsedFeed
    from monitor.net.fetch import Net
    from monitor.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that was read as a feed; ``how`` says by which way it was found."""

    url: str
    how: str
    feed: ParsedFeed


@dataclass(slots=True)
class Found:
    """The feeds of an address, and why it could not be read itself, where it could not."""

    candidates: list[Candidate] = field(default_factory=list)
    failure: FetchFailed | None = None
    tried: int = 0


def absolute(url: str) -> str:
    """A feed's address as it is stored.

    :raises UsageError: it is not one of http or https.
    """
    from monitor.core.urls import resolve

    given = url.strip()
    if (found := resolve(None, given)) is not None:
        return found
    hint = "" if ":" in given.partition("/")[0] or "." not in given else f"; did you mean https://{given} ?"
    raise UsageError(f"{safe(given[:200])!r} is no http or https address{hint}")


def refuse_known(known: Iterable[Feed], spec: FeedSpec) -> None:
    """Raise UsageError where a feed has the same address, in whatever spelling, or the same name."""
    from monitor.core.urls import url_key

    key = url_key(spec.url)
    for feed in known:
        if key in {url_key(feed.spec.url), url_key(feed.listed_url)}:
            raise UsageError(f"{spec.url} is already listed as “{feed.spec.name}” (from {feed.origin})")
        if feed.spec.name == spec.name:
            raise UsageError(f"there is a feed “{spec.name}” already ({feed.spec.url}); choose another --name")


@click.command()
@click.argument("url")
@click.option("--name", help="Default: the feed's host.")
@click.option("--group", default="default", show_default=True)
@click.option("--lang", metavar="CODE", help="Language of its texts, for short ones: en, ru, …")
@click.option("--country", metavar="CODE", help="Where it reports from: UZ, …")
@click.option("--tag", "tags", multiple=True, help="May be given several times.")
@click.option("--tier", type=click.IntRange(1, 3), default=2, show_default=True, help="1: primary source, 3: other.")
@click.option("--every", metavar="DURATION", help="Always poll after this time: 15m, 2h.")
@click.option("--no-pages", is_flag=True, help="Take the feed's own text; fetch no article pages.")
@click.option("--check", is_flag=True, help="Fetch it first: nothing is added that is not a feed.")
@desk_options
def add(
    desk: Desk, *, url: str, name: str | None, group: str, lang: str | None, country: str | None,
    tags: tuple[str, ...], tier: int, every: str | None, no_pages: bool, check: bool,
) -> None:  # fmt: skip
    """Add a feed by command; a running daemon polls it within seconds.

    \b
    Examples:
      monitor feeds add https://example.org/feed.xml --name "Harbour Gazette" --group agencies --lang en
      monitor feeds add https://example.org/feed.xml --check
    """
    from monitor.cli.faults import closed, no_country, no_language
    from monitor.core.text import clean, one_line
    from monitor.model import FeedSpec
    from monitor.storage import feeds as rows

    address = absolute(url)
    length = length_of(every) if every else None
    if wrong := (lang and no_language(lang)) or (country and no_country(country.upper())):
        raise UsageError(wrong)
    shared = desk.settings.groups.get(group)
    title = ""
    if check:
        address, title = asyncio.run(_check(desk.settings, address))
    spec = FeedSpec(
        url=address, name=one_line(clean(name or title or urlsplit(address).hostname or address), 120),
        group=one_line(clean(group), 80) or "default", tags=tags,
        lang=lang.lower() if lang else None, country=country.upper() if country else None, tier=tier,
        every_least=length or (shared.least if shared else None),
        every_most=length or (shared.most if shared else None),
        fetch_pages=not no_pages and (shared.fetch_pages if shared else True),
    )  # fmt: skip
    refuse_known(desk.db.read_now(rows.list_feeds), spec)
    feed = desk.db.write_now(rows.add_feed, spec, now())
    click.echo(f"added {safe(feed.spec.name)} ({safe(feed.spec.url)}); a running daemon polls it at once")
    if shut := closed(address, desk.settings):
        click.secho(f"warning: {shut}", err=True, fg="yellow" if sys.stderr.isatty() else None)
    if not check:
        click.echo("it was not looked at; see what came with: monitor feeds schedule NAME --explain", err=True)


async def _check(settings: Settings, url: str) -> tuple[str, str]:
    """The address and title of the feed at ``url``.

    :raises UsageError: there is something else.
    """
    from monitor.model import FeedRejected, FetchFailed

    async with _Door(settings) as door:
        read = await door.read(url)
    if isinstance(read, FetchFailed):
        raise unread(url, read)
    if isinstance(read, FeedRejected):
        page = read.reason in {"html", "login_page"}
        hint = f"; look for its feeds with: monitor feeds discover {url}" if page else ""
        raise UsageError(f"{url}: {read.detail}{hint}")
    return url, read.title or ""


def unread(url: str, failure: FetchFailed) -> MonitorError:
    """The error to raise for an address that did not answer: try again, or give another."""
    said = safe(f"{url}: {failure.detail}")
    if failure.reason == "blocked_address":
        return UsageError(f"{said}; hosts of your own are let in by fetch.allow in the configuration")
    return UsageError(said) if failure.reason == "bad_url" else TryLaterError(said)


class _Door:
    """The network and the sandbox of one command."""

    def __init__(self, settings: Settings) -> None:
        from monitor.app import net_settings
        from monitor.net.fetch import Net
        from monitor.sandbox import Sandbox

        self.net: Net = Net(net_settings(settings))
        self.sandbox: Sandbox = Sandbox(
            2, memory_mb=settings.sandbox.memory // 1_000_000, deadline=settings.sandbox.deadline.total_seconds()
        )
        self.pages: dict[str, tuple[bytes, str, str | None]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.sandbox.close()
        await self.net.aclose()

    async def read(self, url: str) -> ParsedFeed | FeedRejected | FetchFailed:
        """What stands at an address; the bytes of a page that is no feed are kept in ``pages``."""
        from monitor import sandboxed
        from monitor.errors import SandboxError
        from monitor.model import Document, FeedRejected, FetchFailed, Request

        fetched = await self.net.fetch(Request(url=url, kind="discovery"))
        if isinstance(fetched, FetchFailed):
            return fetched
        if not isinstance(fetched, Document):
            return FeedRejected(reason="empty", detail="the server says 304 to a request without a condition")
        try:
            parsed: ParsedFeed | FeedRejected = await self.sandbox.run(
                sandboxed.parse_feed, fetched.body, fetched.final_url, fetched.content_type
            )
        except SandboxError as problem:
            return FeedRejected(reason="poison", detail=str(problem))
        if isinstance(parsed, FeedRejected):
            self.pages[url] = (fetched.body, fetched.final_url, fetched.content_type)
        return parsed

    async def links(self, url: str) -> tuple[FeedLink, ...]:
        """What the page at ``url``, which was read before, names as feeds."""
        from monitor.core.discovery import feed_links
        from monitor.errors import SandboxError

        if url not in self.pages:
            return ()
        body, place, content_type = self.pages[url]
        try:
            return await self.sandbox.run(feed_links, body, place, content_type)
        except SandboxError:
            return ()


async def search(settings: Settings, url: str, *, everywhere: bool = False) -> Found:
    """The feeds at ``url``: itself, those that its page names, and where there are none (``everywhere``: also then)
    the places in which sites keep them. Each was fetched and parsed.
    """
    from monitor.core.discovery import common_addresses
    from monitor.core.urls import url_key
    from monitor.model import FetchFailed, ParsedFeed

    found, seen = Found(), {url_key(url)}
    async with _Door(settings) as door:

        async def look(links: Iterable[FeedLink]) -> None:
            fresh = [link for link in links if url_key(link.url) not in seen]
            seen.update(url_key(link.url) for link in fresh)
            found.tried += len(fresh)
            with progress("looking", len(fresh)) as told:
                done = 0
                for link, reading in [(link, asyncio.create_task(door.read(link.url))) for link in fresh]:
                    read = await reading
                    told(done := done + 1)
                    if isinstance(read, ParsedFeed):
                        found.candidates.append(Candidate(link.url, link.how, read))

        read = await door.read(url)
        found.tried += 1
        if isinstance(read, FetchFailed):
            found.failure = read
        if isinstance(read, ParsedFeed):
            found.candidates.append(Candidate(url, "the address itself", read))
            return found
        await look(await door.links(url))
        nothing_answers = found.failure is not None and found.failure.status is None
        if (everywhere or not found.candidates) and not nothing_answers:
            await look(common_addresses(url))
    return found


@click.command()
@click.argument("url")
@click.option("--everywhere", is_flag=True, help="Also common places, where the page names feeds itself.")
@format_option
@desk_options
def discover(desk: Desk, *, url: str, everywhere: bool, form: str | None) -> None:
    """The feeds of a site: those that its page names, else common places; each is fetched and read.

    \b
    Example:
      monitor feeds discover https://example.org
    """
    address = absolute(url if "://" in url else f"https://{url}")
    found = asyncio.run(search(desk.settings, address, everywhere=everywhere))
    if not found.candidates:
        if found.failure is not None and found.failure.status is None:
            raise unread(address, found.failure)
        reason = f" ({found.failure.detail})" if found.failure else ""
        click.echo(f"no feed found at {safe(address)}{safe(reason)}; {found.tried} addresses were tried", err=True)
        click.get_current_context().exit(1)
    rows = (
        {
            "url": each.url, "title": each.feed.title, "format": each.feed.format, "entries": len(each.feed.entries),
            "newest": max((e.published for e in each.feed.entries if e.published), default=None), "how": each.how,
        }
        for each in found.candidates
    )  # fmt: skip
    write_rows(rows, ("url", "title", "format", "entries", "newest", "how"), chosen(form))
