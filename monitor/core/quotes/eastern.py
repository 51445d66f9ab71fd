"""Sources in scripts without spaces: Chinese X说：“…”, “…”，X表示; Japanese Xは「…」と述べた, 「…」とXは語った."""

from __future__ import annotations

import re

from monitor.core.quotes.attribution import Attribution
from monitor.core.quotes.passages import Passage

_HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_CHINESE_SAYS = "(?:说|說|表示|称|稱|指出|强调|強調|认为|認為|写道|寫道|回应|回應|告诉|透露|补充|坦言|宣布|呼吁)"
_CHINESE_BEFORE = re.compile(
    rf"([\u3400-\u9fff·A-Za-z]{{2,24}}?)(?:也|还|還|则|進一步|进一步|对此|對此|在[^，。]{{1,20}})?{_CHINESE_SAYS}道?(?:[：:，,]|[，,][^，。：“”]{{1,12}})?\s*$"
)
_CHINESE_AFTER = re.compile(rf"\s*[，,]?\s*([\u3400-\u9fff·]{{2,16}}?)(?:也|还|還|则)?{_CHINESE_SAYS}")
_JAPANESE_BEFORE = re.compile("([^。、「」\\s]{2,24}?)(?:氏|さん)?[はがも](?:[^。「」]{0,24}(?:[、，]|[でに]))?\\s*$")
_JAPANESE_SAYS = re.compile(
    "\\s*(?:など)?と(?:[^。「」]{0,16}?)(?:述べ|語|話|説明|強調|主張|指摘|コメント|訴え|発言|言|明らか|批判|答え|投稿)"
)
_JAPANESE_AFTER = re.compile("\\s*と([^。、「」\\s]{2,20}?)(?:氏|さん)?[はが](?:述べ|語|話|説明|強調|言)")


def eastern_source(body: str, low: int, high: int, passage: Passage) -> Attribution | None:
    """The source of a passage in Chinese or Japanese text, from the characters right before and behind it."""
    if _HAN.search(body, max(low, passage.opened - 12), min(high, passage.closed + 12)) is None:
        return None
    start = max(low, passage.opened - 60)
    for mark in "。！？”」\n":
        start = max(start, body.rfind(mark, start, passage.opened) + 1)
    if (found := _CHINESE_BEFORE.search(body, start, passage.opened)) is not None:
        return Attribution(found.span(1), cued=True, strong=True)
    if _JAPANESE_SAYS.match(body, passage.closed, high) is not None:
        found = _JAPANESE_BEFORE.search(body, start, passage.opened) or _JAPANESE_AFTER.match(
            body, passage.closed, high
        )
        return Attribution(found.span(1) if found else None, cued=True, strong=True)
    if body[passage.end - 1] in "，,。！？" and (found := _CHINESE_AFTER.match(body, passage.closed, high)) is not None:
        return Attribution(found.span(1), cued=True, strong=True)
    return None
