"""From text to tree: the grammar of the query language, and errors that say what was probably meant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from monitor.core.keywords import keyword_key
from monitor.core.query.diagnosis import nearest, refusal
from monitor.core.query.grammar import PLAIN_FORMS, parser
from monitor.core.query.times import read_time
from monitor.core.query.tree import (
    DATE_FIELDS,
    FLAGS,
    KEYWORD_FIELDS,
    TEXT_FIELDS,
    Age,
    And,
    AtLeast,
    Days,
    Exact,
    Flag,
    In,
    Keyword,
    Named,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Query,
    Sentence,
    TopicScore,
    Word,
    children,
    has_places,
    is_pattern,
    literal_prefix,
    text_of,
    walk,
)
from monitor.core.query.vocabulary import ANY_VOCABULARY, Vocabulary
from monitor.core.text import MAX_WORD, clean, is_spaceless, tokenise
from monitor.errors import QueryError

if TYPE_CHECKING:
    from lark import Token, Tree

MAX_LENGTH = 20_000
MAX_TERMS = 2_000
MAX_DEPTH = 60
MAX_PAIRS = 8
MAX_NAMES_DEEP = 20
"""Bounds of one query, with all that it names: so that none takes a second to read or to evaluate."""

MAX_DISTANCE = 100
MIN_LITERAL = 3


def parse(source: str, names: Mapping[str, str] | None = None, *, vocabulary: Vocabulary = ANY_VOCABULARY) -> Query:
    """Read a query. ``names`` are the texts of the queries that ``@name`` may refer to.

    Raises `QueryError` with position, caret and hint for everything that is not a query, is too large, refers to
    itself, or could hold of a document by what is not in it alone.
    """
    root = _Reader(names or {}, vocabulary).read(source)
    if _holds_of_nothing(root):
        raise QueryError(
            "a query made only of NOT, or with nothing but NOT on a side of OR, would match nearly everything",
            query=source,
            hint="Say also what should be there: word NOT other.",
        )
    return Query(root, source)


def _holds_of_nothing(node: Node) -> bool:
    """Does the node hold of a document in which nothing is found?"""
    match node:
        case Not(part):
            return not _holds_of_nothing(part)
        case And(parts):
            return all(map(_holds_of_nothing, parts))
        case Or(parts):
            return any(map(_holds_of_nothing, parts))
        case Named(_, part) | In(_, part):
            return _holds_of_nothing(part)
    return False


class _Reader:
    """One reading: the query's text as it stands, and the names that were read on the way."""

    def __init__(self, names: Mapping[str, str], vocabulary: Vocabulary) -> None:
        self.names, self.vocabulary = names, vocabulary
        self.known: dict[str, Node] = {}
        self.open: list[str] = []
        self.sizes: dict[int, tuple[int, int]] = {}
        self.source = ""

    def read(self, source: str) -> Node:
        from lark.exceptions import UnexpectedInput  # whoever reads no query need not load lark

        outer, self.source = self.source, source
        if len(source) > MAX_LENGTH:
            raise QueryError(f"the query has {len(source)} characters; {MAX_LENGTH} are the most that is read")
        plain = source.translate(PLAIN_FORMS)
        if not plain.strip():
            raise QueryError(
                "the query is empty",
                query=source,
                hint='Write what to look for, such as: deport* NEAR/8 "border guard"',
            )
        try:
            tree = parser().parse(plain)
        except UnexpectedInput as error:
            raise refusal(error, plain, source) from None
        node = self.build(tree, 0)
        terms, depth = self.size(node)
        if terms > MAX_TERMS or depth > MAX_DEPTH:
            raise QueryError(
                f"the query has {terms} terms, nested {depth} deep; {MAX_TERMS} and {MAX_DEPTH} are the most",
                query=source,
                hint="Make it several queries, or several rules.",
            )
        self.source = outer
        return node

    def size(self, node: Node) -> tuple[int, int]:
        """Terms and depth, counting a named query each time that it is named."""
        if id(node) not in self.sizes:
            below = [self.size(child) for child in children(node)]
            terms = sum(terms for terms, _ in below) or _leaf_size(node)
            self.sizes[id(node)] = (terms, 1 + max((depth for _, depth in below), default=0))
        return self.sizes[id(node)]

    def fail(self, message: str, token: Token, hint: str = "", shift: int = 0) -> QueryError:
        return QueryError(message, query=self.source, position=(token.start_pos or 0) + shift, hint=hint)

    def build(self, tree: Tree[Token], depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise QueryError(f"the query is nested more than {MAX_DEPTH} deep", query=self.source)
        tokens = [child for child in tree.children if isinstance(child, str)]
        parts = [self.build(child, depth + 1) for child in tree.children if not isinstance(child, str)]
        match str(tree.data):
            case "or_":
                return Or(tuple(inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,))))
            case "and_":
                return And(
                    tuple(inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,)))
                )
            case "negation":
                return Not(parts[0])
            case "sentence":
                left, right = self.sides(tokens[0], parts)
                return Sentence(left, right)
            case "near":
                operator, _, distance = tokens[0].partition("/")
                left, right = self.sides(tokens[0], parts)
                return Near(left, right, self.number(tokens[0], distance or "5", 1, MAX_DISTANCE), operator == "ONEAR")
            case "at_least":
                count = tokens[0].rstrip("( \t\r\n").partition("/")[2]
                return AtLeast(self.number(tokens[0], count, 1, 100), self.place(parts[0], tokens[0]))
            case "in_field":
                return self.in_field(tokens[0], parts[0])
            case "keyword":
                return self.keyword(tokens[0], [token for token in tokens[1:] if token.type != "OR"])
            case "date":
                name, value = tokens[0][:-1].lower(), tokens[1]
                return read_time(name, value, lambda message, hint: self.fail(message, value, hint))
            case "flag":
                return self.flag(tokens[0], tokens[1])
            case "name":
                return self.name(tokens[0])
            case "quoted":
                return self.quoted(tokens[0])
            case "exact":
                return self.exact(tokens[0])
        return self.word(tokens[0])

    # --- words

    def word(self, token: Token) -> Node:
        if mistaken := re.match(r"(?i:(" + "|".join((*TEXT_FIELDS, *KEYWORD_FIELDS, *DATE_FIELDS)) + r"))[=<>]", token):
            raise self.fail(f"'{token}' is no word", token, f"Write {mistaken[1].lower()}:{token[mistaken.end() :]}")
        if token[0] in "!+" and len(token) > 1:
            hint = (
                f"Write NOT {token[1:]} or -{token[1:]}" if token[0] == "!" else f"All words are required: {token[1:]}"
            )
            raise self.fail(f"'{token[0]}' is no operator", token, hint)
        if re.fullmatch(r"/\d*", token):
            raise self.fail(f"'{token}' stands by itself", token, "Write NEAR/3 or ATLEAST/3(…), without a blank.")
        if token[0] in "<>":
            hint = "Write topic:deportation>=0.6 or published:>=2026-01-01, without blanks."
            raise self.fail(f"'{token}' stands by itself", token, hint)
        if strange := re.search(r"[\[\]{}\\^]", token):
            hint = "Put text with such signs into quotation marks; regular expressions are not part of the language."
            raise self.fail(f"'{strange[0]}' has no meaning here", token, hint, strange.start())
        words = self.words(token, token, 0)
        return Word(words[0]) if len(words) == 1 else Phrase(words)

    def quoted(self, token: Token) -> Node:
        text, _, within = token.rpartition('"')
        words = self.words(token, text[1:], 1)
        if within:
            distance = self.number(token, within[1:], 1, MAX_DISTANCE)
            if len(words) == 1:
                raise self.fail(f"~{distance} needs several words between the quotation marks", token)
            return Phrase(words, distance)
        return Word(words[0]) if len(words) == 1 else Phrase(words)

    def words(self, token: Token, text: str, shift: int) -> tuple[str, ...]:
        if not is_pattern(text):
            found = tuple(tokenise(text).words)
        else:
            # Letters that fold to themselves and that no alphabet but the Yi has stand for the wildcards.
            held = tokenise(text.replace("*", _ANY_RUN).replace("?", _ANY_ONE)).words
            found = tuple(re.sub(r"\*+", "*", word.replace(_ANY_RUN, "*").replace(_ANY_ONE, "?")) for word in held)
        if not found:
            hint = {"&": "Write AND, or nothing", "&&": "Write AND, or nothing"}.get(
                text, "A word has letters or digits."
            )
            raise self.fail(f"there is no word in '{text}'", token, hint)
        for word in found:
            if is_pattern(word):
                self.check_pattern(token, word, shift)
        return found

    def check_pattern(self, token: Token, word: str, shift: int) -> None:
        literal = literal_prefix(word)
        if (not literal or is_spaceless(literal)) and any(map(is_spaceless, token)):
            hint = "Leave it out: a word of such a script is found within longer runs as it is."
            raise self.fail("a wildcard has no use in a script that is written without spaces", token, hint, shift)
        # A syllable of Hangul is two or three letters in one character.
        if sum(2 if "가" <= letter <= "힣" else 1 for letter in literal) < MIN_LITERAL:
            hint = f"At least {MIN_LITERAL} characters must stand before the first * or ?, else nearly every word fits."
            raise self.fail(f"the wildcard in '{word}' comes too early", token, hint, shift)
        if len(word) > MAX_WORD:
            raise self.fail(f"a word with wildcards may have {MAX_WORD} characters", token, shift=shift)

    def exact(self, token: Token) -> Node:
        text = " ".join(clean(token[1:].strip('"')).split())
        if "*" in text or "?" in text:
            raise self.fail("= takes words as they are written: no wildcards", token, f"Write {text} without =")
        if not tokenise(text).words:
            raise self.fail("there is no word after =", token, 'Write =ICE or ="Border Force"')
        return Exact(text)

    # --- operators

    def number(self, token: Token, digits: str, least: int, most: int) -> int:
        if digits.isascii() and digits.isdecimal() and len(digits) < 6 and least <= int(digits) <= most:
            return int(digits)
        operator = token.rstrip("( \t\r\n").partition("/")[0] if token.type != "QUOTED" else "~"
        shape = "~4" if operator == "~" else f"{operator}/{least + 2}" + ("(deport*)" if operator == "ATLEAST" else "")
        raise self.fail(f"{operator} takes a number from {least} to {most}", token, f"Write {shape}")

    def sides(self, operator: Token, parts: list[Node]) -> tuple[Node, Node]:
        left, right = (self.place(part, operator) for part in parts)
        if max(_pairs_deep(left), _pairs_deep(right)) >= MAX_PAIRS:
            raise self.fail(f"more than {MAX_PAIRS} NEAR or SENTENCE within one another", operator)
        return left, right

    def place(self, part: Node, operator: Token) -> Node:
        if has_places(part):
            return part
        name = re.split(r"[/(\s]", operator, maxsplit=1)[0]
        culprit = next(node for node in walk(part) if not has_places(node) and not isinstance(node, Or | Named))
        match culprit:
            case And():
                hint = "Inside it write a phrase in quotation marks, or OR, or another NEAR."
                reason = "words side by side (AND)"
            case Not():
                hint, reason = f"Write a NOT (a {name} b)", "NOT"
            case In(field, _):
                hint, reason = f"Put the field before the whole: {field}:(a {name} b)", f"{field}:"
            case _:
                hint, reason = (
                    "Only words, phrases, OR, NEAR and SENTENCE have places in a text.",
                    f"'{text_of(culprit)}'",
                )
        raise self.fail(f"{reason} cannot stand inside {name}", operator, hint)

    def in_field(self, token: Token, part: Node) -> Node:
        name = token[:-1].lower()
        for node in walk(part):
            if isinstance(node, In | Keyword | TopicScore | Days | Age | Flag):
                raise self.fail(
                    f"'{text_of(node)}' cannot stand inside {name}:", token, f"Put it beside: AND {text_of(node)}"
                )
        return In(name, part)

    def name(self, token: Token) -> Node:
        name = token[1:]
        if name not in self.names:
            raise self.fail(f"there is no query named '{name}'", token, nearest(name, self.names, "@"))
        if name in self.open:
            circle = " -> ".join(f"@{one}" for one in [*self.open[self.open.index(name) :], name])
            raise self.fail(f"@{name} refers to itself: {circle}", token)
        if len(self.open) >= MAX_NAMES_DEEP:
            raise self.fail(f"named queries refer to one another more than {MAX_NAMES_DEEP} deep", token)
        if name not in self.known:
            self.open.append(name)
            outer = self.source
            try:
                self.known[name] = self.read(self.names[name])
            except QueryError as error:
                if not error.message.startswith("in @"):
                    error.message = f"in @{name}: {error.message}"
                raise
            finally:
                self.open.pop()
                self.source = outer
        return Named(name, self.known[name])

    # --- fields

    def keyword(self, token: Token, values: list[Token]) -> Node:
        name = token[:-1].lower()
        if name == "topic":
            topics = [self.topic(value) for value in values]
            return topics[0] if len(topics) == 1 else Or(tuple(dict.fromkeys(topics)))
        keys: list[str] = []
        for value in values:
            text = value.strip('"').strip()
            if value.type == "QUOTED" and not value.endswith('"'):
                raise self.fail("~ has no meaning in a keyword field", value)
            found = self.countries(value, text) if name == "country" else (keyword_key(name, text),)
            if not all(found):
                raise self.fail(f"{name}: needs a value", value)
            keys += found
        return Keyword(name, tuple(dict.fromkeys(keys)))

    def countries(self, token: Token, text: str) -> tuple[str, ...]:
        codes = self.vocabulary.countries(text)
        if not codes:
            hint = (
                nearest(text, self.vocabulary.regions) or "Write an ISO code such as UZ, or the country's English name."
            )
            raise self.fail(f"there is no country '{text}'", token, hint)
        return codes

    def topic(self, token: Token) -> Node:
        name, sign, score = token.strip('"').partition(">=")
        key = "-".join(keyword_key("topic", name).split())
        if not key or re.search(r"[^\w-]", key):
            raise self.fail(f"'{token}' is no topic", token, "Write topic:deportation or topic:deportation>=0.6")
        if not sign:
            return TopicScore(key)
        if not re.fullmatch(r"0?\.\d{1,4}|[01](\.0{1,4})?", score):
            shift = token.index(">=") + len(sign)
            raise self.fail(f"'{score}' is no score from 0 to 1", token, f"Write topic:{key}>=0.6", shift)
        return TopicScore(key, float(score))

    def flag(self, token: Token, value: Token) -> Node:
        flag = f"{token}{value}".lower()
        if flag not in FLAGS:
            raise self.fail(f"there is no '{flag}'", token, f"There are {', '.join(FLAGS)}.")
        return Flag(flag)


_ANY_RUN, _ANY_ONE = "\ua015", "\ua016"


def _pairs_deep(node: Node) -> int:
    deepest = max(map(_pairs_deep, children(node)), default=0)
    return deepest + isinstance(node, Near | Sentence)


def _leaf_size(node: Node) -> int:
    match node:
        case Phrase(words, _):
            return len(words)
        case Exact(text):
            return text.count(" ") + 1
        case Keyword(_, values):
            return len(values)
    return 1
