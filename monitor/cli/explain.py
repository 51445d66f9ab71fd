"""``explain``: why a query, a rule or a topic holds for an article, or does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from monitor.cli.asking import find_article, find_rule, names_known, near_miss, read_query, remark
from monitor.cli.common import Desk, desk_options, format_option, now
from monitor.cli.highlight import in_context, parts_of, plain, styled
from monitor.cli.output import Format, Row, as_json, chosen, safe, write_rows
from monitor.errors import NotKnown, UsageError

if TYPE_CHECKING:
    from rich.text import Text as Styled
    from rich.tree import Tree

    from monitor.core.query import Explanation
    from monitor.core.topics import Scored, Topic
    from monitor.model import Article, Rule
    from monitor.storage.alerts import Match

SHOWN = 3
"""So many places of a node are shown in their context on a terminal; JSON has all."""


@click.command()
@click.argument("article", metavar="ID|URL")
@click.option("-r", "--rule", metavar="R", help="A rule, by its name.")
@click.option("-q", "--query", metavar="Q", help="Any query.")
@click.option("-t", "--topic", metavar="T", help="A topic, by its name.")
@format_option
@desk_options
def explain(
    desk: Desk, *, article: str, rule: str | None, query: str | None, topic: str | None, form: str | None
) -> None:
    """Explain why a rule, query or topic holds for an article, or does not: true or false at every part of it, the
    places in their context, and how near a miss was. Of a topic: what each clause counted, and the score.

    It speaks of the stored text and of today's rules and topics.

    \b
    Examples:
      monitor explain 12 --query 'deport* NEAR/3 tashkent'
      monitor explain 12 --rule central-asia-deportations
      monitor explain 12 --topic deportation --format json
    """
    if sum(each is not None for each in (rule, query, topic)) != 1:
        raise UsageError("explain needs exactly one of --rule, --query and --topic")
    found = find_article(desk, article)
    how = chosen(form)
    if topic is not None:
        _topic(desk, found, topic, how)
    else:
        _query(desk, found, query, find_rule(desk, rule) if rule is not None else None, how)


# --- queries and rules -----------------------------------------------------------------------------


def _query(desk: Desk, article: Article, source: str | None, rule: Rule | None, form: Format) -> None:
    from monitor.core.articles import doc_of
    from monitor.core.query import explain as explained
    from monitor.model import Span

    query = read_query(desk, source or "" if rule is None else rule.query)
    if rule is None:
        remark(query, names_known(desk, query))
    topics = {
        topic.name: [Span(term.field, term.start, term.end, term.term) for term in topic.terms]
        for topic in article.analysis.topics
    }
    tree = explained(query, doc_of(article), now(), topics)
    past: list[Match] = []
    if rule is not None:
        from monitor.storage import alerts

        found = desk.db.read_now(alerts.matches, article_id=article.id)
        past = [each for each in found if each.rule == rule.name]
    if form in {"json", "jsonl"}:
        from monitor.cli.article_view import match_row

        answer: Row = {"id": article.id, "title": article.analysis.text.title, "holds": tree.holds}
        if rule is not None:
            answer |= {"rule": rule.name, "enabled": rule.enabled, "matches": [match_row(each) for each in past]}
        click.echo(as_json(answer | {"explanation": _with_context(tree, article)}))
        return
    if form != "table":
        write_rows(_flat(tree, article, 0), ("depth", "holds", "query", "note", "context"), form)
        return
    from rich.text import Text as Styled

    from monitor.cli.article_view import one_line
    from monitor.cli.screen import Screen

    screen = Screen()
    screen.indented(one_line(article), 0, hang=7)
    screen.print(_tree(tree, article, None))
    if rule is not None and not rule.enabled:
        screen.print(Styled("the rule is switched off", style="yellow"))
    for each in past:
        came = f"alert {each.alert_id}" if each.alert_id else f"held, {each.hold}: {each.detail or ''}"
        then = " (the rule was another then)" if each.rule_version != rule.version else ""  # type: ignore[union-attr]
        screen.print(
            Styled(safe(f"matched {each.at:%Y-%m-%d %H:%M} UTC, version {each.article_version}: {came}{then}"))
        )


def _with_context(tree: Explanation, article: Article) -> dict[str, Any]:
    """As JSON, each span with the words that it encloses and their surroundings."""
    answer = tree.as_json()
    fields = parts_of(article.analysis.text)
    stack = [answer]
    while stack:
        node = stack.pop()
        stack += node["parts"]
        for span in node["spans"]:
            held = fields[span["field"]]
            span["text"] = held[span["start"] : span["end"]]
            span["context"] = plain(in_context(held, span["start"], span["end"]))
    return answer


def _flat(tree: Explanation, article: Article, depth: int) -> list[Row]:
    fields = parts_of(article.analysis.text)
    row: Row = {
        "depth": depth,
        "holds": tree.holds,
        "query": tree.text,
        "note": tree.note,
        "context": [plain(in_context(fields[s.field], s.start, s.end)) for s in tree.spans[:SHOWN]],
        "url": article.url,
    }
    return [row, *(inner for part in tree.parts for inner in _flat(part, article, depth + 1))]


def _tree(node: Explanation, article: Article, parent: Tree | None) -> Tree:
    from rich.text import Text as Styled
    from rich.tree import Tree

    line = Styled("✓ " if node.holds else "✗ ", style="green" if node.holds else "red")
    line.append(safe(node.text), "bold")
    if node.note:
        line.append(f"  {safe(node.note)}", "dim" if node.holds else "yellow")
    branch = Tree(line, guide_style="dim") if parent is None else parent.add(line)
    if not node.parts:
        for place in _places(node, article):
            branch.add(place)
    for part in node.parts:
        _tree(part, article, branch)
    return branch


def _places(node: Explanation, article: Article) -> list[Styled]:
    from rich.text import Text as Styled

    fields = parts_of(article.analysis.text)
    shown = [
        Styled(f"{span.field}: ", style="dim").append_text(styled(in_context(fields[span.field], span.start, span.end)))
        for span in node.spans[:SHOWN]
    ]
    if len(node.spans) > SHOWN:
        further = len(node.spans) - SHOWN
        shown.append(Styled(f"and {further} more {'place' if further == 1 else 'places'}", style="dim"))
    return shown


# --- topics ----------------------------------------------------------------------------------------


def _topic(desk: Desk, article: Article, name: str, form: Format) -> None:
    from monitor.cli.topic_view import doc_for_topics
    from monitor.sandboxed import load_topics

    pack = load_topics(desk.topics)
    if name not in pack.topics:
        raise NotKnown(f"there is no topic {name!r}{near_miss(name, pack.topics)}")
    topic = pack.topics[name]
    scored = pack.scores(doc_for_topics(article)).get(name)
    stored = next((each.score for each in article.analysis.topics if each.name == name), None)
    rows = _clauses(topic, scored, article)
    score = scored.score if scored else 0.0
    verdict = {
        "id": article.id,
        "title": article.analysis.text.title,
        "topic": name,
        "holds": score >= topic.threshold,
        "score": round(score, 4),
        "threshold": topic.threshold,
        "stored_score": stored,
    }
    if form in {"json", "jsonl"}:
        click.echo(as_json(verdict | {"clauses": rows}))
        return
    columns = ("clause", "lang", "weight", "title", "text", "value", "context")
    counted = [row for row in rows if row["value"]]
    if form != "table":
        write_rows(rows, columns, form)
        return
    from rich.text import Text as Styled

    from monitor.cli.article_view import one_line
    from monitor.cli.screen import Screen

    screen = Screen()
    screen.indented(one_line(article), 0, hang=7)
    if counted:
        write_rows(counted, columns, form)
    evidence = max(0.0, sum(row["value"] for row in counted))
    sign, colour = (">=", "green") if verdict["holds"] else ("<", "red")
    screen.indented(Styled(f"evidence {evidence:.2f}; score {score:.2f} {sign} threshold {topic.threshold:g}: ").append(
        f"{safe(name)} {'holds' if verdict['holds'] else 'does not hold'}", colour), 0)  # fmt: skip
    screen.indented(Styled(f"{len(rows) - len(counted)} of its {len(rows)} clauses counted nothing", style="dim"), 0)
    if stored is not None and abs(stored - score) > 0.0001:
        told = f"stored with the article: {stored:.2f}, by the topics of then; see monitor reprocess topics"
        screen.indented(Styled(told, style="yellow"), 0)
    elif stored is None and verdict["holds"]:
        screen.indented(Styled("not stored with the article: see monitor reprocess topics", style="yellow"), 0)


def _clauses(topic: Topic, scored: Scored | None, article: Article) -> list[Row]:
    """A row a clause, those that counted first and the weightiest of them at the top."""
    fields = parts_of(article.analysis.text)
    given = {id(one.clause): one for one in scored.counted} if scored else {}
    rows: list[Row] = []
    for clause in topic.clauses:
        one = given.get(id(clause))
        spans = one.spans(scored.doc) if one and scored else []
        rows.append(
            {
                "clause": str(clause.query),
                "lang": clause.lang,
                "weight": clause.weight,
                "title": one.title if one else 0,
                "text": one.text if one else 0,
                "value": round(one.value, 4) if one else 0.0,
                "context": [plain(in_context(fields[s.field], s.start, s.end, width=50)) for s in spans[:2]],
                "spans": [{"field": s.field, "start": s.start, "end": s.end, "term": s.node} for s in spans],
            }
        )
    return sorted(rows, key=lambda row: -abs(row["value"]))
