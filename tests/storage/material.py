"""Values to store, made up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from monitor.model import (
    Alert,
    Analysis,
    CountryMention,
    EntryKeys,
    Fact,
    FeedSpec,
    FeedState,
    Fingerprint,
    Message,
    NewEntry,
    ParsedEntry,
    Person,
    PollPlan,
    Quote,
    RuleMatch,
    Span,
    Starts,
    Text,
    TopicMatch,
    TopicTerm,
)
from monitor.storage import feeds, ingestion, polling, stories
from monitor.storage import pending as pending_rows
from monitor.storage.outbox import NewDelivery

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
HOUR = timedelta(hours=1)


def new_entry(number: int, *, host: str = "https://news.example", backlog: bool = False, **changes) -> NewEntry:
    url = changes.pop("url", f"{host}/a/{number}")
    entry = {"guid": f"guid-{number}", "url": url, "title": f"Report {number}", "content": f"Text of report {number}."}
    return NewEntry(
        keys=EntryKeys(identity=f"guid-{number}", guid=f"guid-{number}", url=f"url-{number}", title=f"title-{number}"),
        entry=ParsedEntry(**entry | changes),
        content_hash=f"hash-{number}",
        canonical_url=url,
        published=NOW - HOUR,
        backlog=backlog,
    )


def plan(new=(), *, next_poll_at: datetime = NOW + HOUR, **more) -> PollPlan:
    state = more.pop("state", None) or FeedState(next_poll_at=next_poll_at, reason="every hour")
    return PollPlan(outcome=more.pop("outcome", "ok"), state=state, new=tuple(new), **more)


def add_feed(connection: Connection, name: str = "World", url: str = "https://news.example/feed") -> int:
    return feeds.add_feed(connection, FeedSpec(url=url, name=name), NOW).id


def poll(connection: Connection, feed_id: int, new=(), at: datetime = NOW, **more) -> list[int]:
    record = polling.PollRecord(at=at, status=200, size=1000)
    return [article_id for article_id, _ in polling.save_poll(connection, feed_id, plan(new, **more), record)]


def due(connection: Connection, now: datetime, limit: int = 9, **more) -> list[int]:
    return [article_id for article_id, _ in pending_rows.due_articles(connection, now, limit, **more)]


def analysis(title="Border talks", body="The two sides met at the border.", **more) -> Analysis:
    text = Text(
        title=title,
        body=body,
        summary=more.pop("summary", "A summary."),
        authors=more.pop("authors", ("Ann Author",)),
        url=more.pop("url", "https://news.example/a/1"),
        site=more.pop("site", "news.example"),
        lang=more.pop("lang", "en"),
        tags=more.pop("tags", ("World News",)),
        published=more.pop("published", NOW - HOUR),
    )
    return Analysis(text=text, **more)


def full_analysis() -> Analysis:
    """An analysis in which every part is there."""
    return analysis(
        body_detail="detail",
        updated=NOW,
        image="https://news.example/i.jpg",
        page_url="https://news.example/a/1?p",
        topics=(
            TopicMatch(
                name="border-security",
                score=0.8125,
                terms=(TopicTerm(term="border", field="title", start=0, end=6, weight=3.0),),
            ),
            TopicMatch(name="diplomacy", score=0.5),
        ),
        countries=(CountryMention("UZ", 3), CountryMention("KZ", 1)),
        people=(Person("Bo Both", "minister", "Ministry"), Person("Cy Side")),
        quotes=(Quote("met at the border", "the minister", 14, 31, "Bo Both"),),
        facts=(Fact(kind="date", value="2026-03-01", text="1 March", start=0, end=3),),
    )


def fingerprint(*bands: int, text: str = "h", size: int = 10) -> Fingerprint:
    return Fingerprint(bands=bands, signature=bytes(range(64)), size=size, content_hash=text)


def ingest(connection: Connection, article_id: int, found: Analysis | None = None, at: datetime = NOW, **more):
    """Store an analysis as a story of its own."""
    found = found or analysis()
    placement = more.pop("placement", Starts())
    story = stories.story_for(connection, placement, found.text, at) if placement else None
    return ingestion.save_ingest(
        connection, article_id, now=at, analysis=found, placement=placement, story_id=story, **more
    )


def stored(connection: Connection, found: Analysis, number: int = 1, feed: str = "World") -> int:
    """An article with this analysis, from the feed to the index."""
    try:
        feed_id = feeds.find_feed(connection, feed).id
    except LookupError:
        raise
    except Exception:  # noqa: BLE001 - not there yet
        feed_id = add_feed(connection, feed, f"https://{feed.lower().replace(' ', '-')}.example/feed")
    (article_id,) = poll(connection, feed_id, [new_entry(number, host=f"https://{feed_id}.example")], at=NOW)
    ingest(connection, article_id, found)
    return article_id


def match(rule: str = "borders") -> RuleMatch:
    return RuleMatch(rule=rule, rule_version="v1", spans=(Span("title", 0, 6, "border"),))


def alert(article_id: int, *, number: str = "01a", key: str | None = None, rule: str = "borders", **more) -> Alert:
    return Alert(
        id=number,
        key=key or f"article:{article_id}:{rule}",
        rule=rule,
        rule_version="v1",
        article_id=article_id,
        story_id=more.pop("story_id", None),
        created_at=more.pop("created_at", NOW),
        priority="normal",
        channels=("mail",),
        **more,
    )


def delivery(alert_id: str = "01a", channel: str = "mail", endpoint: str = "desk@news.example") -> NewDelivery:
    message = Message(
        id=alert_id,
        channel=channel,
        subject="Border talks",
        text="text",
        html="<p>text</p>",
        payload={"type": "alert", "n": [1, None]},
        headers={"X-A": "b"},
        recipients=("a@news.example", "b@news.example"),
    )
    return NewDelivery(alert_id=alert_id, channel=channel, endpoint=endpoint, message=message)
