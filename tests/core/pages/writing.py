"""Pages written for the tests: an article's paragraphs in several languages, and the furniture around them."""

from __future__ import annotations

import json
from html import escape

from monitor.core.pages.extraction import extract
from monitor.model import Extract

URL = "https://news.example.org/world/2024/05/02/river-bridge-reopens"

PARAGRAPHS = {
    "en": [
        "The bridge over the Lesna river opened again on Thursday, eleven months after a flood had carried off its middle span.",
        "Engineers worked through the winter, the regional governor said, because the detour had cut two villages off from their hospital.",
        "Lorries above twenty tonnes have to wait until the new piers have settled, which should take until the end of the summer.",
    ],
    "de": [
        "Die Brücke über die Lesna ist seit Donnerstag wieder offen, elf Monate nachdem ein Hochwasser das mittlere Feld weggerissen hatte.",
        "Die Arbeiten gingen den Winter über weiter, sagte die Landrätin, denn der Umweg habe zwei Dörfer von ihrem Krankenhaus getrennt.",
        "Lastwagen über zwanzig Tonnen müssen warten, bis sich die neuen Pfeiler gesetzt haben, voraussichtlich bis zum Ende des Sommers.",
    ],
    "ru": [
        "Мост через Лесную снова открыт с четверга, через одиннадцать месяцев после того, как паводок унёс его средний пролёт.",
        "Работы шли всю зиму, сказала глава района, потому что объезд отрезал две деревни от больницы на другом берегу реки.",
        "Грузовикам тяжелее двадцати тонн придётся подождать, пока осядут новые опоры, и это продлится до конца лета.",
    ],
    "ja": [
        "昨年の洪水で中央部分が流失した橋が、十一か月ぶりに木曜日に再開通し、両岸の住民が集まって完成を祝った。",
        "県知事は、迂回路のために二つの村が病院から切り離されていたため、冬の間も工事を続けたと説明した。",
        "二十トンを超える貨物車は、新しい橋脚が落ち着く夏の終わりまで通行できない見通しである。",
    ],
    "ar": [
        "أعيد يوم الخميس فتح الجسر فوق النهر بعد أحد عشر شهرا من فيضان جرف الجزء الأوسط منه وعزل القرى الواقعة على الضفة الأخرى.",
        "وقالت المحافظة إن العمل استمر طوال الشتاء لأن الطريق البديل كان يفصل قريتين عن المستشفى الوحيد في المنطقة.",
        "ولن يسمح للشاحنات التي تزيد حمولتها على عشرين طنا بالعبور قبل نهاية الصيف حتى تستقر الدعامات الجديدة.",
    ],
}
HEADLINES = {
    "en": "River bridge reopens after flood",
    "de": "Brücke nach Hochwasser wieder offen",
    "ru": "Мост через реку снова открыт",
    "ja": "洪水で流失した橋が再開通",
    "ar": "إعادة فتح الجسر بعد الفيضان",
}


def paragraphs(lang: str = "en", times: int = 3) -> list[str]:
    """Distinct paragraphs: an extractor drops repetitions."""
    return [f"{text} ({number})" for number in range(times) for text in PARAGRAPHS[lang]]


def as_html(texts: list[str]) -> str:
    return "\n".join(f"<p>{escape(text)}</p>" for text in texts)


def linked(data: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(data, ensure_ascii=False)}</script>'


def page(body: str, head: str = "", lang: str = "en") -> str:
    return (
        f'<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8">{head}</head><body>'
        '<nav><ul><li><a href="/">Home</a></li><li><a href="/world">World</a></li></ul></nav>'
        f"{body}<footer><p>Contact and imprint</p></footer></body></html>"
    )


def article(lang: str = "en", *, head: str = "", before: str = "", after: str = "", inside: str = "") -> str:
    """A plain article page: headline and nine paragraphs; ``inside`` goes after the first paragraph."""
    texts = paragraphs(lang)
    body = (
        f'{before}<article><h1>{HEADLINES[lang]}</h1><div class="article-body">{as_html(texts[:1])}{inside}{as_html(texts[1:])}'
        f"</div></article>{after}"
    )
    return page(body, head or f"<title>{HEADLINES[lang]} - The Example Times</title>", lang)


def read(
    html: str | bytes, *, url: str = URL, content_type: str | None = "text/html; charset=utf-8", **given: object
) -> Extract:
    body = html.encode() if isinstance(html, str) else html
    told: dict = {"feed_title": "", "feed_text": "", **given}
    return extract(body, url=url, content_type=content_type, **told)
