"""``trace``: every decision about one address, from the poll to the delivery; for one never seen, why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from monitor.cli.asking import wanted
from monitor.cli.common import Desk, desk_options, format_option, now
from monitor.cli.output import Row, chosen, safe, shown, write_rows
from monitor.core.urls import redact_url
from monitor.errors import NotKnown

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from monitor.model import Feed
    from monitor.storage.lookup import Lifecycle, PastEntry

COLUMNS = ("at", "step", "what", "detail")
COLOURS = {"alert": "green", "held": "yellow", "delivery": "green", "failed": "red", "waiting": "yellow"}


@click.command()
@click.argument("url", metavar="URL|ID")
@format_option
@desk_options
def trace(desk: Desk, *, url: str, form: str | None) -> None:
    """Trace one address: which feeds listed it and when, what the poll said, the page, the analysis, its place among
    copies and stories, the rules that matched, what was alerted or held and why, and every attempt to deliver it.

    For an address that was never seen it says what is the likely cause, and the exit code is 3.

    \b
    Examples:
      monitor trace https://example.org/report
      monitor trace 12 --format json
    """
    from monitor.storage import lookup

    state = desk.db.read_now(lookup.lifecycle, wanted(url))
    if state is None and not url.isdecimal():
        ids = desk.db.read_now(lookup.addresses_of_site, url)
        if url in ids:  # the address that the page gave itself, or that a redirect led to
            state = desk.db.read_now(lookup.lifecycle, ids[url])
    if state is None:
        raise NotKnown("\n".join(desk.db.read_now(_never_seen, url, now())))
    rows = desk.db.read_now(steps, state)
    how = chosen(form)
    if how == "table":
        _draw(rows, state)
    else:
        write_rows(rows, COLUMNS, how)


def steps(connection: Connection, state: Lifecycle) -> list[Row]:
    """Everything that happened to the article, in the order of time."""
    found = [*_feeds(connection, state), *_work(connection, state), *_decisions(connection, state)]
    return sorted(found, key=lambda row: row["at"] or datetime.max.replace(tzinfo=UTC))


def _step(state: Lifecycle, at: datetime | None, step: str, what: str, detail: str = "", **more: object) -> Row:
    return {"article": state.id, "url": state.url, "at": at, "step": step, "what": what, "detail": detail, **more}


# --- from the feed to the archive ------------------------------------------------------------------


def _feeds(connection: Connection, state: Lifecycle) -> Iterator[Row]:
    from monitor.storage import lookup, polling

    listings = lookup.entries_of(connection, state.id)
    for number, listing in enumerate(listings):
        first = number == 0 and listing.first_seen == state.seen
        poll = polling.poll_at(connection, listing.feed_id, listing.first_seen)
        if poll is not None:
            said = f"{poll.outcome}, {poll.entries} entries, {poll.new} new" + (
                f": {poll.detail}" if poll.detail else ""
            )
            yield _step(state, poll.at, "poll", listing.feed, said, feed_url=redact_url(listing.feed_url))
        yield _step(
            state, listing.first_seen, "listed", listing.feed, _listing(listing, state if first else None),
            feed_url=redact_url(listing.feed_url), last_seen=listing.last_seen,
        )  # fmt: skip
        if listing.last_seen > listing.first_seen:
            yield _step(state, listing.last_seen, "listed", listing.feed, "still in the feed (exact to a day)")
    if not listings:
        yield _step(state, state.seen, "listed", "", "the entries that brought it are no longer kept")


def _listing(listing: PastEntry, first: Lifecycle | None) -> str:
    parts = [] if first else ["known already"]
    if listing.entry is not None and listing.entry.title:
        parts.append(f"“{listing.entry.title}”")
    if listing.published:
        parts.append(f"published {shown(listing.published)}")
    if first and first.backlog:
        parts.append("backlog, so never alerted" + (f": {first.backlog_reason}" if first.backlog_reason else ""))
    return "; ".join(parts)


def _work(connection: Connection, state: Lifecycle) -> Iterator[Row]:
    from monitor.storage import articles, lookup

    if page := lookup.page_kept(connection, state.id):
        led = "" if page[1] == state.url else f"led to {page[1]}"
        yield _step(state, page[0], "page", "fetched", led)
    article = articles.load(connection, [state.id]).get(state.id)
    if article is not None:
        versions = articles.versions(connection, state.id) if state.version else []
        placed = versions[0].at if versions else None
        for version in versions:
            detail = f"{version.cause}; {len(version.body):,} characters"
            if version.version == state.version:
                analysis = article.analysis
                source = "" if analysis.body_status == "page" else f"the feed's text, because {analysis.body_status}"
                found = [topic.name for topic in analysis.topics] + [each.code for each in analysis.countries]
                more = (source, analysis.body_detail, analysis.text.lang or "", ", ".join(found))
                detail = "; ".join(each for each in (detail, *more) if each)
            yield _step(state, version.at, "analysed", f"version {version.version}", detail)
        if article.duplicate_of is not None:
            yield _step(state, placed, "placed", f"copy of {article.duplicate_of}", article.duplicate_reason)
        if article.story_id is not None:
            yield _step(state, placed, "placed", f"story {article.story_id}", "")
    if state.state == "pending":
        tried = f"{state.attempts} attempts" + (f"; {state.problem}" if state.problem else "")
        yield _step(state, state.next_attempt_at, "waiting", f"to be read ({state.cause})", tried)
    if state.state == "quarantined":
        yield _step(state, state.version_at, "failed", "set aside", state.problem or "")
    if state.pruned_at is not None:
        yield _step(state, state.pruned_at, "pruned", "text dropped", "its address is remembered")
    for kind, reason, at in lookup.refused(connection, state.url):
        yield _step(state, at, "failed", f"{kind} in quarantine", reason)


# --- from the match to the delivery ----------------------------------------------------------------


def _decisions(connection: Connection, state: Lifecycle) -> Iterator[Row]:
    from monitor.storage import alerts, outbox

    for match in alerts.matches(connection, article_id=state.id):
        if match.alert_id is None:
            detail = " ".join(each for each in (match.hold, match.detail and f"({match.detail})") if each)
            yield _step(state, match.at, "held", match.rule, detail, refers_to=match.refers_to)
    for alert in alerts.list_alerts(connection, article_id=state.id, limit=500):
        said = f"{alert.id}, {alert.priority}, to {', '.join(alert.channels) or 'nobody'}"
        yield _step(state, alert.created_at, "alert", alert.rule, said + (f": {alert.reason}" if alert.reason else ""))
        for delivery in outbox.list_deliveries(connection, alert_id=alert.id, limit=500):
            told = f"{delivery.channel} {delivery.id}"
            ledger = outbox.delivery(connection, delivery.id)
            for attempt in ledger[1] if ledger else ():
                status = f"{attempt.status} " if attempt.status else ""
                step = "delivery" if attempt.outcome == "delivered" else "failed"
                detail = f"{attempt.outcome}: {status}{attempt.detail} ({attempt.elapsed:.1f} s)"
                yield _step(state, attempt.at, step, told, detail, alert=alert.id)
            if delivery.state not in {"sent", "dead"}:
                yield _step(state, delivery.next_attempt_at, "waiting", told, "to be sent", alert=alert.id)


# --- never seen ------------------------------------------------------------------------------------


def _never_seen(connection: Connection, url: str, moment: datetime) -> list[str]:
    """Why, as far as the database can tell: a line for each feed that could have brought it."""
    from difflib import get_close_matches

    from monitor.core.keywords import host_of
    from monitor.storage import lookup

    if url.isdecimal():
        span = lookup.ids_span(connection)
        return [f"there is no article {url}" + (f"; ids go from {span[0]} to {span[1]}" if span else "")]
    lines = [f"never seen: {safe(url)}"]
    for kind, reason, _ in lookup.refused(connection, url):
        lines.append(f"  {kind} in quarantine: {safe(reason)}")
    addresses = lookup.addresses_of_site(connection, url)
    if near := get_close_matches(url, addresses, 2, 0.75):
        lines += [f"  near: {safe(each)} (article {addresses[each]})" for each in near]
    feeds = lookup.feeds_of_site(connection, url)
    if not feeds:
        host = host_of(url) or url
        lines.append(f"  no feed is of {safe(host)}, and none brought an article of it")
        lines.append(f"  monitor feeds discover https://{safe(host)} looks for one")
    return lines + [f"  {safe(line)}" for feed in feeds for line in _feed_cause(connection, feed, moment)]


def _feed_cause(connection: Connection, feed: Feed, moment: datetime) -> Iterator[str]:
    from monitor.storage import polling

    state, name = feed.state, feed.spec.name
    polls = polling.history(connection, feed.id, limit=20)
    good = [poll for poll in polls if poll.outcome not in {"failed", "rejected", "outage"} and not poll.detail]
    if state.disabled or not feed.spec.enabled:
        yield f"{name} is not polled: {state.disabled or 'disabled in the configuration'}"
    elif state.last_polled_at is None:
        yield f"{name} was not polled yet; its first poll is due {shown(state.next_poll_at)}"
    elif state.problem and state.failures:
        since = f"; last read {shown(state.last_success_at)}" if state.last_success_at else "; it was never read"
        yield f"{name} fails: {state.problem_detail or state.problem}{since}"
    elif good:
        brought = sum(poll.new for poll in polls)
        ago = _ago(moment - state.last_polled_at)
        yield f"{name} was read {ago} ago; the address was not in it at its last {len(good)} polls ({brought} new)"
        if state.interval and state.next_poll_at:
            yield f"  it is polled every {_ago(state.interval)}, next at {shown(state.next_poll_at)}"
    else:
        yield f"{name} was read {_ago(moment - state.last_polled_at)} ago; the address was not in it"


def _ago(length: timedelta) -> str:
    seconds = max(0, int(length.total_seconds()))
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _draw(rows: list[Row], state: Lifecycle) -> None:
    from rich.text import Text as Styled

    from monitor.cli.screen import Screen

    screen = Screen()
    screen.indented(Styled(f"article {state.id}  ", style="cyan").append(safe(state.url), "blue"), 0)
    day = ""
    for row in rows:
        at = row["at"].astimezone() if row["at"] else None
        if at and f"{at:%Y-%m-%d}" != day:
            day = f"{at:%Y-%m-%d}"
            screen.head(day)
        line = Styled(f"{at:%H:%M:%S}  " if at else "          ", style="dim")
        line.append(f"{row['step']:9}", COLOURS.get(row["step"], ""))
        line.append(safe(row["what"]), "bold").append(f"  {safe(row['detail'])}")
        screen.indented(line, 0, hang=19)
