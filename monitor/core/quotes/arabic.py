"""Sources in Arabic, where the verb of speech stands before who speaks: قال X: "…", قال X إن "…", "…"، بحسب X."""

from __future__ import annotations

import re

from monitor.core.people.uncased import office_holders_uncased
from monitor.core.quotes.attribution import Attribution
from monitor.core.quotes.passages import Passage

_SAID = (
    "قال|قالت|يقول|تقول|أضاف|أضافت|صرح|صرحت|أكد|أكدت|أعلن|أعلنت|أوضح|أوضحت|ذكر|ذكرت|كتب|كتبت|شدد|شددت|أشار|أشارت|"
    "اعتبر|اعتبرت|حذر|حذرت|تابع|تابعت|نفى|نفت|وصف|وصفت|رأى|رأت|أفاد|أفادت"
)
_SAYS = re.compile(rf"(?<!\w)[وف]?(?:{_SAID})(?!\w)\s*")
_BEHIND = re.compile(
    rf"\s*[،,]?\s*(?:[وف]?(?:{_SAID})|(?:ب?حسب|وفق)(?:\s+ما\s+(?:{_SAID}))?|وفقا?\s+ل|على\s+حد\s+(?:قول|تعبير))(?!\w)\s*"
)
_STOPS = frozenset(
    "إن أن إنه إنها إنهم أنه أنها أنهم بأن بأنه بأنها إنّ أنّ خلال عقب بعد قبل على عبر لدى أمام ردا تعليقا اليوم أمس "
    "من عن حول إلى لوكالة لصحيفة لقناة للصحفيين للصحافيين لشبكة لفرانس لرويترز الأحد الاثنين الثلاثاء الأربعاء "
    "الخميس الجمعة السبت مساء صباح يوم قوله قولها كان كانت قد لم لن ما هذا هذه ذلك أيضا إذا مشددا مؤكدا محذرا".split()
)
_OCCASIONS = frozenset(
    "تصريح تصريحات مقابلة مؤتمر بيان حديث كلمة حوار رسالة تغريدة منشور تقرير خطاب جلسة وقت ختام".split()
)
_WORD = re.compile(r"\w[\w\u0610-\u061a\u064b-\u065f\u0670-]*")
_MOST_WORDS = 14
_SAID_BY = "قال "


def arabic_source(body: str, low: int, high: int, passage: Passage) -> Attribution | None:
    """The source of a passage in Arabic text: behind the last verb of speech before it, else right behind the passage.

    ``None``: no verb is there. A verb without who speaks (وأضاف: "…") is a cue without a source.
    """
    start = max(low, passage.opened - 400)
    for mark in ".؟!\n":
        start = max(start, body.rfind(mark, start, passage.opened) + 1)
    verbs = list(_SAYS.finditer(body, start, passage.opened))
    if verbs:
        source = _source(body, verbs[-1], passage.opened)
        return Attribution(source, cued=True, strong=True)
    if (behind := _BEHIND.match(body, passage.closed, high)) is not None:
        source = _source(body, behind, min(high, passage.closed + 200))
        return Attribution(source, cued=True, strong=True) if source is not None else None
    return None


def _source(body: str, verb: re.Match[str], limit: int) -> tuple[int, int] | None:
    """The words behind a verb, up to what begins another part of the sentence; of an office and a name, the name."""
    words: list[re.Match[str]] = []
    at = verb.end()
    while len(words) < _MOST_WORDS and (word := _WORD.match(body, at, limit)) is not None:
        if word[0] in _STOPS:
            break
        words.append(word)
        at = word.end() + 1
        if body[word.end() : at] not in (" ", "\u00a0"):
            break
    for number, word in enumerate(words[:-1]):
        if word[0] == "في" and words[number + 1][0] in _OCCASIONS:
            words = words[:number]
            break
    if not words:
        return None
    first, end = words[0].start(), words[-1].end()
    holder = next(office_holders_uncased(_SAID_BY + body[first:end], "ar"), None)
    return (first + holder[0] - len(_SAID_BY) if holder is not None else first), end
