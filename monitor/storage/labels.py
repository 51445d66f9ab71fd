"""What people say of the articles that alerts told: relevant or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, func, select

from monitor.errors import NotKnown, UsageError
from monitor.storage import dialect
from monitor.storage import schema as s

_l, _i = s.labels.c, s.alert_items.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """How many articles a rule's alerts told of, and what people said of them."""

    rule: str
    told: int
    relevant: int
    irrelevant: int

    @property
    def precision(self) -> float | None:
        """The share of the labelled that are relevant; ``None`` while none is."""
        labelled = self.relevant + self.irrelevant
        return self.relevant / labelled if labelled else None


def label(
    connection: Connection, alert_id: str, *, relevant: bool, who: str, now: datetime, article_id: int | None = None
) -> int:
    """Label all articles of an alert, or one of them; how many. A later label takes the place of an earlier one.

    :raises NotKnown: there is no such alert. UsageError: it does not tell of the article, or of any.
    """
    rule = connection.scalar(select(s.alerts.c.rule).where(s.alerts.c.id == alert_id))
    if rule is None:
        raise NotKnown(f"there is no alert {alert_id}; monitor alerts list shows them")
    told = list(connection.scalars(select(_i.article_id).where(_i.alert_id == alert_id).distinct()))
    wanted = [each for each in told if article_id in {None, each}]
    if not wanted:
        which = "any article" if article_id is None else f"article {article_id}"
        raise UsageError(f"alert {alert_id} does not tell of {which}")
    rows = [{"rule": rule, "article_id": each, "relevant": relevant, "at": now, "who": who} for each in wanted]
    connection.execute(dialect.upsert(connection, s.labels, "rule", "article_id"), rows)
    return len(rows)


def precision(connection: Connection, since: datetime) -> list[Precision]:
    """Each rule that told of something since then, by name."""
    told = (
        select(_i.rule, _i.article_id)
        .join(s.alerts, s.alerts.c.id == _i.alert_id)
        .where(s.alerts.c.created_at >= since)
        .distinct()
        .subquery()
    )
    counted = (
        select(
            told.c.rule,
            func.count().label("told"),
            func.count(case((_l.relevant.is_(True), 1))).label("relevant"),
            func.count(case((_l.relevant.is_(False), 1))).label("irrelevant"),
        )
        .outerjoin(s.labels, (_l.rule == told.c.rule) & (_l.article_id == told.c.article_id))
        .group_by(told.c.rule)
        .order_by(told.c.rule)
    )
    return [Precision(**row._mapping) for row in connection.execute(counted)]  # noqa: SLF001


def of_topic(connection: Connection, topic: str) -> list[tuple[int, bool]]:
    """Labelled articles that have a topic, oldest first; where people differ, relevant for one rule is relevant."""
    t = s.article_topics.c
    best = func.max(case((_l.relevant.is_(True), 1), else_=0)).label("relevant")
    statement = select(_l.article_id, best).join(s.article_topics, t.article_id == _l.article_id)
    statement = statement.where(t.topic == topic).group_by(_l.article_id).order_by(_l.article_id)
    return [(row.article_id, bool(row.relevant)) for row in connection.execute(statement)]
