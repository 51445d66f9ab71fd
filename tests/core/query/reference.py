"""The meaning of queries by brute force: no index, no positions kept, definitions taken literally.

It shares only the words of `tokenise` and the bounds of `sentences` with what it checks.
"""

import itertools
import re
from datetime import UTC

from monitor.core.query import tree
from monitor.core.text import sentences, tokenise

SEARCHED = ("title", "summary", "body")


class Naive:
    def __init__(self, text, *, topics, countries, people, feed, flags, seen):
        self.fields = {
            "title": text.title,
            "summary": text.summary,
            "body": text.body,
            "author": "\n".join(text.authors),
        }
        self.words = {name: tokenise(held).words for name, held in self.fields.items()}
        self.surfaces = {}
        self.sentence = {}
        for name, held in self.fields.items():
            tokens = tokenise(held)
            starts = [tokens.start(number) for number in range(len(tokens))]
            self.surfaces[name] = [held[at : tokens.end(number)] for number, at in enumerate(starts)]
            bounds = sentences(held)
            self.sentence[name] = [max([n for n, (a, _) in enumerate(bounds) if a <= at], default=0) for at in starts]
        self.text, self.topics, self.feed, self.flags, self.seen = text, topics, feed, flags, seen
        self.countries, self.people = countries, people


def fits(pattern, word):
    shape = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.fullmatch(shape, word, re.DOTALL) is not None


def spots(node, doc, field):
    """All places of a node: (first, last, is it a pair)."""
    words = doc.words[field]
    match node:
        case tree.Word(pattern):
            return {(i, i, False) for i, word in enumerate(words) if fits(pattern, word)}
        case tree.Phrase(patterns, None):
            size = len(patterns)
            return {
                (i, i + size - 1, False)
                for i in range(len(words) - size + 1)
                if all(fits(p, w) for p, w in zip(patterns, words[i : i + size], strict=True))
            }
        case tree.Phrase(patterns, within):

            def holds(i, j):
                return all(sum(fits(p, w) for w in words[i : j + 1]) >= patterns.count(p) for p in patterns)

            full = {(i, j) for i in range(len(words)) for j in range(i, len(words)) if holds(i, j)}
            shortest = {(i, j) for i, j in full if (i + 1, j) not in full and (i, j - 1) not in full}
            return {(i, j, False) for i, j in shortest if j - i + 1 <= len(patterns) + within}
        case tree.Exact(text):
            wanted = tokenise(text)
            written = [text[wanted.start(n) : wanted.end(n)] for n in range(len(wanted))]
            size = len(written)
            return {
                (i, i + size - 1, False)
                for i in range(len(words) - size + 1)
                if words[i : i + size] == wanted.words and doc.surfaces[field][i : i + size] == written
            }
        case tree.Or(parts):
            return set().union(*(spots(part, doc, field) for part in parts))
        case tree.Named(_, part):
            return spots(part, doc, field)
        case tree.Near(left, right, distance, ordered):
            return pairs(spots(left, doc, field), spots(right, doc, field), distance, ordered)
        case tree.Sentence(left, right):
            where = doc.sentence[field]
            a, b = ({s for s in spots(part, doc, field) if where[s[0]] == where[s[1]]} for part in (left, right))
            return {s for s in pairs(a, b, 10_000, False) if where[s[0]] == where[s[1]]}
    raise AssertionError(node)


def pairs(left, right, distance, ordered):
    found = set()
    orders = [(left, right)] if ordered else [(left, right), (right, left)]
    for before, after in orders:
        for x, y in itertools.product(before, after):
            nearer = any(x[1] < z[0] and z[:2] < y[:2] for z in after) or any(
                z[1] < y[0] and (z[1], z[0]) > (x[1], x[0]) for z in before
            )
            if x[1] < y[0] and y[0] - x[1] - 1 <= distance and not nearer:
                found.add((x[0], y[1], True))
    if not ordered:
        for outer, inner in ((left, right), (right, left)):
            found |= {(x[0], x[1], True) for x in outer for y in inner if x[2] and x[0] < y[0] and y[1] < x[1]}
    return found


def most_apart(found):
    """The largest number of places of which no two overlap, tried in all ways."""
    bounds = sorted({s[:2] for s in found})
    best = {}

    def chosen(after):
        if after not in best:
            best[after] = max((1 + chosen(last) for first, last in bounds if first > after), default=0)
        return best[after]

    return chosen(-1)


def holds(node, doc, fields, now):
    match node:
        case tree.And(parts):
            return all(holds(part, doc, fields, now) for part in parts)
        case tree.Or(parts):
            return any(holds(part, doc, fields, now) for part in parts)
        case tree.Not(part):
            return not holds(part, doc, fields, now)
        case tree.In(field, part):
            return holds(part, doc, (field,), now)
        case tree.Named(_, part):
            return holds(part, doc, fields, now)
        case tree.AtLeast(count, part):
            number = {field: most_apart(spots(part, doc, field)) for field in fields}
            if "summary" in number and "body" in number:
                number["summary"], number["body"] = 0, max(number["summary"], number["body"])
            return sum(number.values()) >= count
        case tree.Keyword("country", values):
            return any(value in doc.countries for value in values)
        case tree.Keyword("lang", values):
            return doc.text.lang in values
        case tree.Keyword("feed", values):
            return doc.feed.lower() in values
        case tree.Keyword("tag", values):
            return any(tag.lower() in values for tag in doc.text.tags)
        case tree.Keyword("person", values):
            return any(name.lower() in values for name in doc.people)
        case tree.Keyword("site", values):
            host = doc.text.url.split("/")[2] if doc.text.url else ""
            return any(host == value or host.endswith("." + value) for value in values)
        case tree.TopicScore(name, at_least):
            return name in doc.topics and doc.topics[name] >= (at_least or 0)
        case tree.Flag(name):
            return name in doc.flags
        case tree.Days(field, first, until):
            time = doc.seen if field == "seen" else doc.text.published
            day = time and time.astimezone(UTC).date()
            return bool(day) and (first is None or first <= day) and (until is None or day < until)
        case tree.Age(field, age):
            time = doc.seen if field == "seen" else doc.text.published
            return bool(time) and now - time <= age
    return any(spots(node, doc, field) for field in fields)


def matches(query, doc, now):
    return holds(query.root, doc, SEARCHED, now)
