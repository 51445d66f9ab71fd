"""Topics: weighted queries whose counts make one score.

A pack is TOML, one table a topic::

    [topics.deportation]
    label = "Deportation and removals"
    iptc = "20000590"  # optional Media Topic id
    threshold = 0.5  # the default
    terms = ['"removal flight"']  # each a query, weight 1
    strong = ["ATLEAST/3(deportation*)"]  # weight 3
    against = ["deport* NEAR/6 stalin"]  # weight -3
    should_match = ["Forty deported to Tashkent"]
    should_not_match = ["Sports club signs striker"]
    [topics.deportation.ru]  # the same lists, for texts in one language
    terms = ["депортир*", "выдвор*"]

Lists of a topic count in every language, those of a language's table only in texts of that language, because a stem of
one language is another word in the next (``deport*`` is sport in Spanish); in a text of unknown language all count.
An example is a title or, after a line break, a title and a text. A later source replaces a topic of the same name;
with ``extend = true`` it adds to its lists and replaces its other values; ``enabled = false`` removes it.

The score. A clause that is words, phrases or NEAR counts its occurrences: ``t`` in the title, ``b`` in the body (or in
the summary, if there are more). A Boolean clause or ATLEAST counts once. With ``n`` tokens of text::

    hits     = TITLE * t + b * sqrt(min(1, USUAL / n))
    value    = weight * FULL * (1 - exp(-hits / FULL))
    evidence = max(0, sum of the values)
    score    = evidence / (evidence + HALF)

The score lies in 0..1; it grows with every occurrence for a topic and shrinks with every one against it. Each clause
saturates, so that several different words outweigh one that is repeated; a word in the title alone, four times one word
or three words once each make a score of about 0.5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.loading import late_names

if TYPE_CHECKING:
    from monitor.core.topics.packs import Clause, Topic, TopicRefused, read_pack, read_topic, unread
    from monitor.core.topics.scoring import (
        TITLE,
        USUAL,
        Scored,
        TopicPack,
        check_examples,
        load_pack,
        score_of,
    )

__all__ = [
    "TITLE",
    "USUAL",
    "Clause",
    "Scored",
    "Topic",
    "TopicPack",
    "TopicRefused",
    "check_examples",
    "load_pack",
    "read_pack",
    "read_topic",
    "score_of",
    "unread",
]

_NAMES = {
    "packs": "Clause Topic TopicRefused read_pack read_topic unread",
    "scoring": "TITLE USUAL Scored TopicPack check_examples load_pack score_of",
}

if not TYPE_CHECKING:
    __getattr__ = late_names(__name__, _NAMES)
