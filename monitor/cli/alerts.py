"""``alerts``: what fired and why, and what was held back and why."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.common import FAR, Desk, desk_options, format_option, limit_option, now, span_options
from monitor.cli.feedback import label_alert, list_labels
from monitor.cli.nouns import ago, cell, fields, heading, tell_limit
from monitor.cli.output import Row, as_json, chosen, safe, write_rows
from monitor.cli.silences import silence

if TYPE_CHECKING:
    from monitor.model import Alert, Article, Delivery, Span
    from monitor.storage.alerts import Match
    from monitor.storage.outbox import Attempt
    from monitor.storage.unsubscribed import Unsubscribed

__all__ = ["alerts", "silence"]

ALERT_COLUMNS = ("id", "at", "rule", "title", "priority", "channels", "reason")
HOLD_COLUMNS = ("at", "rule", "article", "title", "hold", "detail")
WAITING_COLUMNS = ("rule", "due_at", "matches", "why", "since", "last_sent")
STATES = {"sent": "green", "dead": "red", "retry": "yellow", "pending": "", "leased": ""}


@click.group()
def alerts() -> None:
    """What fired and why, and what was held back and why.

    \b
    Example:
      monitor alerts list --since 7d
    """


alerts.add_command(label_alert)
alerts.add_command(list_labels)


@alerts.command("list")
@click.option("--held", is_flag=True, help="Matches that sent nothing, with the reason.")
@click.option("--rule", help="Only of one rule.")
@span_options
@limit_option(50)
@format_option
@desk_options
def list_alerts(
    desk: Desk, *, held: bool, rule: str | None, since: datetime | None, until: datetime | None, limit: int,
    form: str | None,
) -> None:  # fmt: skip
    """Alerts, newest first; with --held the matches that were held back.

    \b
    Examples:
      monitor alerts list --rule central-asia-deportations --since 7d
      monitor alerts list --held --since 24h
    """
    from monitor.storage import alerts as rows
    from monitor.storage import overview

    shape = chosen(form)
    if rule is not None:
        _refuse_unknown_rule(desk, rule)
    if held:
        most = limit + 1 if until is None else FAR
        found = desk.db.read_now(rows.matches, rule=rule, since=since, held=True, limit=most)
        found = [match for match in found if until is None or match.at < until]
        titles = desk.db.read_now(overview.titles, [match.article_id for match in found[:limit]])
        shown = [_hold_row(match, titles, shape) for match in found[:limit]]
        columns: tuple[str, ...] = HOLD_COLUMNS if shape == "table" else (*HOLD_COLUMNS, "url")
        write_rows(shown, columns, shape, empty="nothing was held")
        tell_limit(len(found), limit)
    else:
        told = desk.db.read_now(rows.list_alerts, rule=rule, since=since, until=until, limit=limit + 1)
        titles = desk.db.read_now(overview.titles, [alert.article_id for alert in told[:limit]])
        shown = [_alert_row(alert, titles, shape) for alert in told[:limit]]
        columns = ALERT_COLUMNS if shape == "table" else (*ALERT_COLUMNS, "article", "story", "url")
        write_rows(shown, columns, shape, empty="no alerts; what a rule would find says: monitor rules test RULE")
        tell_limit(len(told), limit)
    click.get_current_context().exit(0 if shown else 1)


def _refuse_unknown_rule(desk: Desk, name: str) -> None:
    """A rule that was removed may still have alerts; one that never was is a mistake."""
    from monitor.cli.asking import find_rule
    from monitor.storage import alerts as rows

    if not desk.db.read_now(rows.list_alerts, rule=name, limit=1):
        find_rule(desk, name)


def _alert_row(alert: Alert, titles: dict[int, tuple[str, str]], shape: str) -> Row:
    title, url = titles.get(alert.article_id, ("", ""))
    return {
        "id": alert.id,
        "at": alert.created_at,
        "kind": alert.kind,
        "rule": alert.rule,
        "article": alert.article_id or None,
        "story": alert.story_id,
        "title": title if alert.kind in {"article", "correction"} else alert.reason,
        "priority": cell(shape, alert.priority, "bold red" if alert.priority == "high" else ""),
        "channels": alert.channels,
        "reason": alert.reason,
        "url": url,
    }


def _hold_row(match: Match, titles: dict[int, tuple[str, str]], shape: str) -> Row:
    title, url = titles.get(match.article_id, ("", ""))
    return {
        "at": match.at,
        "rule": match.rule,
        "article": match.article_id,
        "title": title,
        "hold": cell(shape, match.hold or "", "yellow"),
        "detail": match.detail,
        "refers_to": match.refers_to,
        "url": url,
    }


@alerts.command("show")
@click.argument("alert_id", metavar="ID")
@click.option("--message", "with_message", is_flag=True, help="Also the text as it was sent.")
@format_option
@desk_options
def show_alert(desk: Desk, *, alert_id: str, with_message: bool, form: str | None) -> None:
    """One alert: why it fired, the words in context, its messages, and every attempt to deliver them.

    \b
    Example:
      monitor alerts show 01m865jh80gnnz07vtrf65s71s --message
    """
    from monitor.storage import alerts as rows
    from monitor.storage import articles, groups, outbox, overview
    from monitor.storage import rules as rule_rows
    from monitor.storage.unsubscribed import unsubscribed

    alert = desk.db.read_now(rows.alert, desk.db.read_now(rows.full_id, alert_id))
    assert alert is not None
    article = desk.db.read_now(articles.article, alert.article_id) if alert.article_id else None
    matched = desk.db.read_now(rows.matches, article_id=alert.article_id, rule=alert.rule) if alert.article_id else []
    match = next((each for each in matched if each.alert_id == alert.id), None)
    rule = desk.db.read_now(rule_rows.rule, alert.rule)
    sent = desk.db.read_now(outbox.list_deliveries, alert_id=alert.id, limit=500)[::-1]
    ledger = {each.id: found[1] for each in sent if (found := desk.db.read_now(outbox.delivery, each.id))}
    spans = match.spans if match and article and article.version == match.article_version else ()
    if chosen(form) != "table":
        click.echo(as_json(_as_object(alert, article, spans, sent, ledger)))
        return
    query = ""
    if rule is not None:
        query = rule.query + ("" if rule.version == alert.rule_version else "  (the rule has changed since)")
    title = article.analysis.text.title if article else ""
    fields(
        [
            ("alert", alert.id),
            ("at", f"{alert.created_at.astimezone():%Y-%m-%d %H:%M:%S} ({ago(alert.created_at, now())})"),
            ("rule", alert.rule),
            ("query", query),
            ("why", alert.reason),
            ("kind", alert.kind if alert.kind != "article" else ""),
            ("priority", alert.priority),
            ("article", f"{alert.article_id}  {title}" if alert.article_id else ""),
            ("feed", article.feed if article else ""),
            ("link", article.url if article else ""),
            ("story", str(alert.story_id or "")),
        ]
    )
    if article is not None and spans:
        heading("The words that matched")
        for field, line in _contexts(article, spans):
            click.echo(f"  {click.style(f'{field:>7}', dim=True)}  {line}")
    elif match is not None and match.spans:
        click.echo(f"\nthe text has changed since; monitor show {alert.article_id} --diff shows how")
    if article is not None:
        heading("What it is about")
        _show_subject(article)
    told = desk.db.read_now(groups.items_of, alert.id)
    if len(told) > 1:
        heading(f"The {len(told)} articles that it tells of")
        titles = desk.db.read_now(overview.titles, [article_id for article_id, _ in told])
        for article_id, news in told:
            click.echo(
                f"  {article_id}  {safe(titles.get(article_id, ('', ''))[0])}  {click.style(safe(news), dim=True)}"
            )
    _show_deliveries(sent, ledger, desk.db.read_now(unsubscribed, [alert.rule]), with_message=with_message)


@alerts.command("waiting")
@format_option
@desk_options
def list_waiting(desk: Desk, *, form: str | None) -> None:
    """What waits to be told, and until when: groups, digests, quiet hours, what is beyond a cap.

    \b
    Example:
      monitor alerts waiting
    """
    from monitor.storage import groups

    shape = chosen(form)
    kinds = {"group": "collected", "digest": "for the digest", "quiet": "quiet hours", "overflow": "beyond the cap"}
    shown: list[Row] = [
        {
            "rule": group.rule, "due_at": group.due_at, "matches": count, "why": kinds[group.kind],
            "since": group.opened_at, "last_sent": group.last_sent_at, "group": group.key,
        }
        for group, count in desk.db.read_now(groups.list_groups)
    ]  # fmt: skip
    write_rows(shown, WAITING_COLUMNS, shape, empty="nothing waits")
    click.get_current_context().exit(0 if shown else 1)


@alerts.command("ack")
@click.argument("alert_id", metavar="ID")
@click.option("--who", help="Who has it in hand; else the name of the account.")
@desk_options
def ack_alert(desk: Desk, *, alert_id: str, who: str | None) -> None:
    """Say that somebody has an alert's story in hand: its follow-ups stop until there is news of a higher kind.

    The kinds, the lowest first: further sources, another country, a quotation, a number, a source of a higher tier.

    \b
    Example:
      monitor alerts ack 01m865jh80gnnz07vtrf65s71s --who ana
    """
    import getpass

    from monitor.storage import alerts as rows
    from monitor.storage import groups

    name = who or getpass.getuser()
    known = desk.db.read_now(rows.full_id, alert_id)
    story = desk.db.write_now(groups.acknowledge, known, who=name, now=now())
    click.echo(f"story {story} is in hand: only news of a higher kind is told of it")


def _show_subject(article: Article) -> None:
    """Topics with the terms that counted most, and countries."""
    for topic in article.analysis.topics:
        terms = dict.fromkeys(term.term for term in sorted(topic.terms, key=lambda term: -term.weight))
        click.echo(f"  {topic.name} {topic.score:.2f}  {click.style(safe(', '.join(list(terms)[:8])), dim=True)}")
    if countries := article.analysis.countries:
        click.echo("  countries " + ", ".join(f"{each.code} ({each.mentions})" for each in countries))


def _contexts(article: Article, spans: tuple[Span, ...], most: int = 12) -> list[tuple[str, str]]:
    from monitor.cli.highlight import in_context, parts_of

    parts = parts_of(article.analysis.text)
    lines = []
    for span in sorted(spans, key=lambda each: (list(parts).index(each.field), each.start))[:most]:
        text = parts.get(span.field, "")
        pieces = in_context(text, span.start, span.end)
        line = "".join(
            click.style(safe(piece), fg="yellow", bold=True) if hit else safe(piece) for piece, hit in pieces
        )
        lines.append((span.field, " ".join(line.split())))
    if len(spans) > most:
        lines.append(("", f"… and {len(spans) - most} more"))
    return lines


def _show_deliveries(
    sent: list[Delivery], ledger: dict[int, list[Attempt]], away: list[Unsubscribed], *, with_message: bool
) -> None:
    heading("Deliveries" if sent else "No deliveries: it was planned for no channel, or they were pruned")
    for delivery in sent:
        state = click.style(delivery.state, fg=STATES.get(delivery.state) or None)
        click.echo(f"  {delivery.id}  {safe(delivery.channel)}  {safe(delivery.endpoint)}  {state}")
        click.secho(f"      {safe(delivery.message.subject)}", dim=True)
        if delivery.message.recipients:
            click.echo(f"      to {safe(', '.join(delivery.message.recipients))}")
        for each in away:
            if each.channel == delivery.channel and each.at <= delivery.created_at:
                click.echo(f"      not to {safe(each.recipient)}, who has unsubscribed from the rule")
        show_attempts(ledger.get(delivery.id, []), indent=6)
        if with_message:
            for line in delivery.message.text.splitlines():
                click.echo(f"      │ {safe(line)}")


def show_attempts(attempts: list[Attempt], *, indent: int) -> None:
    """The ledger of one delivery."""
    for attempt in attempts:
        color = {"delivered": "green", "retrylater": "yellow"}.get(attempt.outcome, "red")
        status = f" {attempt.status}" if attempt.status else ""
        click.echo(
            " " * indent
            + f"{attempt.at.astimezone():%Y-%m-%d %H:%M:%S}  {click.style(attempt.outcome, fg=color)}{status}"
            + f"  {safe(attempt.detail)}  ({attempt.elapsed:.2f} s)"
        )


def attempts_rows(attempts: list[Attempt]) -> list[Row]:
    """The ledger of one delivery for programs."""
    return [
        {"at": a.at, "outcome": a.outcome, "status": a.status, "detail": a.detail, "elapsed": a.elapsed}
        for a in attempts
    ]


def _as_object(
    alert: Alert, article: Article | None, spans: tuple[Span, ...], sent: list[Delivery],
    ledger: dict[int, list[Attempt]],
) -> Row:  # fmt: skip
    from monitor.cli.highlight import in_context, parts_of, plain

    told: dict[str, Any] = _alert_row(alert, {}, "json")
    del told["title"], told["url"]
    if article is not None:
        parts = parts_of(article.analysis.text)
        told |= {"title": article.analysis.text.title, "url": article.url, "feed": article.feed}
        told["spans"] = [
            {
                "field": span.field, "start": span.start, "end": span.end, "node": span.node,
                "text": parts.get(span.field, "")[span.start : span.end],
                "context": plain(in_context(parts.get(span.field, ""), span.start, span.end)),
            }
            for span in spans
        ]  # fmt: skip
    told["deliveries"] = [
        {
            "id": each.id, "channel": each.channel, "endpoint": each.endpoint, "state": each.state,
            "subject": each.message.subject, "text": each.message.text, "last_error": each.last_error,
            "attempts": attempts_rows(ledger.get(each.id, [])),
        }
        for each in sent
    ]  # fmt: skip
    return told
