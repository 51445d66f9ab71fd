"""Permanent redirects, believed late: a captive portal or a slip of a webmaster must not rewrite subscriptions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.core.polling.pace import Pace, words
from monitor.core.urls import is_http
from monitor.model import Feed, Notice, Redirect, RedirectEvidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """``target`` is the feed's new address from now on, or ``None``."""

    evidence: RedirectEvidence | None = None
    target: str | None = None
    notices: tuple[Notice, ...] = ()


def follow_redirects(
    feed: Feed, redirects: Sequence[Redirect], final_url: str, *, overlap: bool, pace: Pace, now: datetime
) -> Move:
    """What the redirects of a valid answer come to.

    Counted are answers in a row whose every hop was permanent (301, 308) and led to one address; another answer begins
    anew. The address changes after ``redirect_count`` of them over ``redirect_for``, with a document in hand that holds
    entries which we know (``overlap``).
    """
    if not redirects or any(hop.status not in (301, 308) for hop in redirects) or not is_http(final_url):
        return Move()
    before = feed.state.redirect
    if before is not None and before.target == final_url:
        evidence = replace(before, count=before.count + 1)
    else:
        evidence = RedirectEvidence(target=final_url, count=1, first_seen=now)
    if not overlap or evidence.count < pace.redirect_count or now - evidence.first_seen < pace.redirect_for:
        return Move(evidence=evidence)
    since = words(now - evidence.first_seen)
    text = f"moved from {feed.spec.url} to {final_url}: {evidence.count} permanent redirects over {since}"
    return Move(target=final_url, notices=(Notice(kind="feed_moved", text=text, feed_id=feed.id),))
