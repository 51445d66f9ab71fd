"""A news world made by chance from a seed: people, places, reports of some 600 words, their pages and feeds.

The words are few and the stories nonsense, but they have what costs time: sentences and paragraphs of usual length,
names with offices, quotations, dates, numbers, and a tail of rare words; pages of 100 to 250 kB and some 1,400 elements
with scripts, styles, menus, related links and comments around the text, which take an extractor about as long as pages
of newspapers do.
"""

# ruff: noqa: E501 - markup and lists of words are read as they stand

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from itertools import accumulate
from zlib import crc32

EPOCH = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)

NOUNS = """agreement airport army ballot bank border bridge budget cabinet camp capital ceasefire checkpoint clinic
coalition committee company conflict convoy council court crisis currency deal debate decision delegation demand
deportation deputy district drought drone economy election embassy energy envoy export factory farmer fighter flood force
fuel governor grain harvest hospital hostage import inflation inquiry investment island journalist judge law loan market
migrant military minister ministry missile negotiation official opposition parliament party passport pipeline plan police
port power president price prison prosecutor protest province railway rebel refugee region report resolution river road
sanction school senate soldier source spokesman statement station storm strike summit supply talk tariff tax team trade
treaty tribunal troop truck union university vessel victim village visa vote war warehouse water weapon wheat worker
""".split()
VERBS = """accepted accused agreed announced approved arrested blamed blocked called cancelled closed condemned confirmed
crossed cut delayed demanded denied deployed deported detained discussed doubled ended evacuated expected expelled
extended followed forced halted held increased introduced investigated joined launched left lifted lost met moved opened
ordered paid postponed promised proposed raised reached refused rejected released replaced reported resumed returned
reviewed sealed seized sent shut signed sought started stopped struck supported suspended threatened urged visited warned
""".split()
ADJECTIVES = """annual armed bilateral border central civil coastal commercial criminal daily diplomatic domestic early
eastern economic emergency external federal final foreign former free heavy high illegal international joint large legal
local main major maritime military monthly national new northern official open political private public recent regional
remote rural senior serious short southern special state strategic temporary urban urgent western young""".split()
ADVERBS = "again already earlier finally however largely later meanwhile now often only openly partly quickly recently \
reportedly soon still suddenly twice unexpectedly".split()
PLACES = """Tashkent Samarkand Astana Bishkek Dushanbe Kabul Tehran Ankara Baku Yerevan Tbilisi Kyiv Warsaw Berlin Paris
Rome Madrid London Moscow Beijing Delhi Islamabad Cairo Khartoum Bamako Niamey Nairobi Lagos Bogota Lima Mexico Uzbekistan
Kazakhstan Kyrgyzstan Tajikistan Turkmenistan Afghanistan Iran Turkey Azerbaijan Armenia Ukraine Poland Germany France
Italy Spain Russia China India Pakistan Egypt Sudan Mali Niger Kenya Nigeria Colombia Peru""".split()
ROLES = (
    "Foreign Minister",
    "Prime Minister",
    "President",
    "Interior Minister",
    "Defence Minister",
    "Governor",
    "General",
)
BODIES = (
    "the Ministry of Trade",
    "the Border Service",
    "the National Bank",
    "the Election Commission",
    "the Red Crescent",
)
SOUNDS = [a + b for a in (*"bdfgklmnprstvz", "ch", "sh", "st", "tr") for b in (*"aeiou", "ai", "en", "or", "is")]
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Report:
    """One article as its site tells it."""

    number: int
    title: str
    author: str
    published: datetime
    paragraphs: tuple[str, ...]

    @property
    def path(self) -> str:
        return f"/news/{self.number}/{'-'.join(self.title.lower().split()[:8])}"


class World:
    """Reports by number: what a report says hangs on the seed and its number alone."""

    def __init__(self, seed: int = 1) -> None:
        self.seed = seed
        chance = random.Random(seed)
        self.names = ["".join(chance.choices(SOUNDS, k=chance.choice((2, 2, 3)))).capitalize() for _ in range(4000)]
        self.rare = ["".join(chance.choices(SOUNDS, k=chance.choice((2, 3, 3, 4)))) for _ in range(30_000)]
        self.weights = list(accumulate(1 / (rank + 20) for rank in range(len(self.rare))))

    def report(self, number: int) -> Report:
        chance = random.Random(self.seed * 1_000_003 + number)
        teller = _Teller(self, chance)
        return Report(
            number=number,
            title=teller.headline(),
            author=teller.name(),
            published=EPOCH - timedelta(minutes=chance.randrange(1, 2000)),
            paragraphs=tuple(teller.paragraph(first=not n) for n in range(chance.randint(8, 16))),
        )

    def rule(self, number: int) -> str:
        """A rule as analysts write them, over the words of the reports."""
        chance = random.Random(-self.seed * 1_000_003 - number)
        common = chance.choice(NOUNS)
        rare = [self.rare[chance.randrange(300, 8000)] for _ in range(6)]
        match number % 5:
            case 0:
                return f"({rare[0]}* OR {rare[1]}) NEAR/8 ({rare[2]}* OR {common}*)"
            case 1:
                return f'"{chance.choice(ADJECTIVES)} {rare[0]}" OR ({rare[1]} AND {common}* NOT {rare[2]})'
            case 2:
                return f"title:({common}* OR {rare[0]}*) AND {chance.choice(self.names)}"
            case 3:
                return f"ATLEAST/2({rare[0]}*) AND ({rare[1]} SENTENCE {common}*)"
            case _:
                return " OR ".join(rare)


def adjective(noun: str, which: int) -> str:
    """Nouns keep company: each has three adjectives."""
    return ADJECTIVES[(crc32(noun.encode()) + 7 * which) % len(ADJECTIVES)]


class _Teller:
    """Says things by chance."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self._names, self._world, self.chance = world.names, world, chance
        self.pick = chance.choice

    def name(self) -> str:
        return f"{self.pick(self._names)} {self.pick(self._names)}"

    def headline(self) -> str:
        pick = self.pick
        noun = self.noun
        return f"{pick(PLACES)} {pick(VERBS)} {pick(ADJECTIVES)} {noun()} as {noun()} {pick(VERBS)} {noun()}"

    def noun(self) -> str:
        """One word in two is of the long tail."""
        if self.chance.random() < 0.5:
            return self.chance.choices(self._world.rare, cum_weights=self._world.weights)[0]
        return self.pick(NOUNS)

    def clause(self) -> str:
        pick, chance = self.pick, self.chance
        first, second = self.noun(), self.noun()
        parts = ["the", adjective(first, chance.randrange(3)), first, pick(VERBS), "the", second]
        if chance.random() < 0.4:
            parts += [pick(("of", "in", "near", "with", "after", "before")), "the", adjective(second, 0), second]
        if chance.random() < 0.35:
            parts += [pick(("in", "from", "to", "near")), pick(PLACES)]
        if chance.random() < 0.15:
            parts += ["for", f"{chance.randrange(2, 900)}", pick(NOUNS) + "s"]
        return " ".join(parts)

    def sentence(self) -> str:
        pick, chance = self.pick, self.chance
        draw = chance.random()
        if draw < 0.12:
            who = (
                f"{pick(ROLES)} {self.name()}"
                if chance.random() < 0.5
                else f"{self.name()}, spokesman of {pick(BODIES)}"
            )
            return f"“The talk about {pick(PLACES)} is {pick(ADVERBS)} over, and {self.clause()},” {who} said on {pick(DAYS)}."
        if draw < 0.2:
            return f"{pick(ROLES)} {self.name()} said {self.clause()}, while {self.clause()}."
        joint = pick((", and ", ", but ", " because ", " while ", "; "))
        said = self.clause() + (joint + self.clause() if chance.random() < 0.7 else "")
        if chance.random() < 0.15:
            said = f"{pick(ADVERBS)} {said}"
        return f"{said[0].upper()}{said[1:]}."

    def paragraph(self, *, first: bool) -> str:
        said = " ".join(self.sentence() for _ in range(self.chance.randint(2, 4)))
        return f"{self.pick(PLACES).upper()} — {said}" if first else said


# --- as pages ----------------------------------------------------------------------------------------


def page(report: Report, *, site: int, base: str) -> bytes:
    """The page of ``report`` in the frame of its site."""
    frame = random.Random(site)
    chance = random.Random(report.number)
    mark = frame.choice(("story", "article", "post", "content", "entry"))
    said = []
    for number, paragraph in enumerate(report.paragraphs):
        said.append(f'<p class="{mark}__paragraph">{_linked(paragraph, chance, base)}</p>')
        if number % 4 == 3:
            said.append(
                '<div class="ad-slot ad-slot--inline" data-ad-unit="/in/story" data-sizes="[[300,250],[336,280]]">'
                "<span>Advertisement</span></div>"
            )
        if number == 2:
            said.append(
                f'<aside class="related"><h3>Read more</h3><ul>{_links(frame, chance, base, 4, "related__item")}</ul></aside>'
            )
    linked_data = json.dumps(
        {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": report.title,
            "datePublished": report.published.isoformat(),
            "dateModified": report.published.isoformat(),
            "author": [{"@type": "Person", "name": report.author}],
            "publisher": {"@type": "NewsMediaOrganization", "name": f"Daily {site}", "url": base},
            "image": [f"{base}/images/{report.number}-1200.jpg"],
            "mainEntityOfPage": base + report.path,
        }
    )
    title = escape(report.title)
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} | Daily {site}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="canonical" href="{base}{report.path}">
<meta name="description" content="{escape(report.paragraphs[0][:180])}"><meta property="og:type" content="article">
<meta property="og:title" content="{title}"><meta property="og:image" content="{base}/images/{report.number}-1200.jpg">
<meta property="og:site_name" content="Daily {site}"><meta property="og:url" content="{base}{report.path}">
<meta property="article:published_time" content="{report.published.isoformat()}"><meta name="author" content="{report.author}">
{"".join(f'<link rel="preload" as="script" href="/static/{frame.randrange(10**8)}.js">' for _ in range(12))}
<style>{_style(frame)}</style><script type="application/ld+json">{linked_data}</script>
<script>window.__STATE__={_state(frame, chance)};</script></head><body class="page page--{mark}">
<a class="skip" href="#main">Skip to content</a><header class="masthead"><a href="/" class="logo">Daily {site}</a>
<nav class="menu"><ul>{_links(frame, frame, base, 70, "menu__item")}</ul></nav></header>
<div class="wrap"><div class="u-grid"><div class="u-grid__row"><div class="u-col u-col--8"><main id="main"><article class="{mark}"><header class="{mark}__header"><p class="kicker">World</p>
<h1>{title}</h1><div class="byline">By <a rel="author" href="/authors/{report.number % 40}">{report.author}</a>
<time datetime="{report.published.isoformat()}">{report.published:%d %B %Y %H:%M}</time></div></header>
<figure><img src="/images/{report.number}-800.jpg" srcset="/images/{report.number}-400.jpg 400w" alt="">
<figcaption>A view of the {chance.choice(NOUNS)} on {chance.choice(DAYS)}. Photo: {report.author}</figcaption></figure>
<div class="{mark}__body">{"".join(said)}</div><ul class="share"><li><a href="#">Share</a></li><li><a href="#">Mail</a></li>
</ul></article></main></div><aside class="rail"><h2>Most read</h2><ol>{_links(frame, chance, base, 25, "rail__item")}</ol></aside>
</div></div></div><section class="comments" id="comments">{_comments(chance)}</section>
<footer class="footer"><ul>{_links(frame, frame, base, 45, "footer__item")}</ul><p>© Daily {site}. All rights reserved.</p>
</footer><script>{_script(frame)}</script></body></html>""".encode()


def _linked(paragraph: str, chance: random.Random, base: str) -> str:
    words = paragraph.split(" ")
    if len(words) > 12 and chance.random() < 0.3:
        at = chance.randrange(4, len(words) - 6)
        linked = escape(" ".join(words[at : at + 3]))
        rest = escape(" ".join(words[at + 3 :]))
        return f'{escape(" ".join(words[:at]))} <a href="{base}/topics/{words[at]}">{linked}</a> {rest}'
    return escape(paragraph)


def _links(frame: random.Random, chance: random.Random, base: str, count: int, mark: str) -> str:
    return "".join(
        f'<li class="{mark}" data-module="{mark}" data-position="{number}"><div class="{mark}__inner u-flex u-gap-2">'
        f'<div class="{mark}__media u-ratio-16x9"><svg class="icon icon--{number}" viewBox="0 0 16 16"><path d="M1 1h14v14"/></svg></div>'
        f'<a class="{mark}__link" href="{base}/{frame.choice(NOUNS)}/{chance.randrange(10**6)}" '
        f'data-track="{{&quot;module&quot;:&quot;{mark}&quot;,&quot;n&quot;:{number}}}"><span class="{mark}__text">'
        f"{chance.choice(ADJECTIVES).capitalize()} {chance.choice(NOUNS)} {chance.choice(VERBS)} {chance.choice(NOUNS)}"
        f'</span></a><span class="{mark}__meta">{chance.choice(NOUNS)}</span></div></li>'
        for number in range(count)
    )


def _style(frame: random.Random) -> str:
    return "".join(
        f".{frame.choice(NOUNS)}-{frame.randrange(999)}{{margin:0 {frame.randrange(40)}px;color:#{frame.randrange(4096):03x};"
        f"font:{frame.randrange(10, 40)}px/1.4 serif}}"
        for _ in range(frame.randint(40, 300))
    )


def _state(frame: random.Random, chance: random.Random) -> str:
    return json.dumps(
        {
            f"{frame.choice(NOUNS)}{number}": {
                "id": chance.randrange(10**9),
                "label": chance.choice(ADJECTIVES),
                "on": True,
            }
            for number in range(frame.randint(200, 900))
        }
    )


def _script(frame: random.Random) -> str:
    return "".join(
        f"function {frame.choice(VERBS)}{number}(a,b){{if(a<b&&a){{return document.querySelector('.{frame.choice(NOUNS)}')}}"
        f"return b?a:{frame.randrange(10**6)}}}"
        for number in range(frame.randint(30, 220))
    )


def _comments(chance: random.Random) -> str:
    return "".join(
        f'<div class="comment"><div class="comment__head u-flex"><b>{chance.choice(NOUNS)}{chance.randrange(99)}</b></div><p>'
        f"{' '.join(chance.choices(NOUNS + VERBS + ADVERBS, k=chance.randint(8, 40)))}.</p>"
        f'<div class="comment__foot"><a href="#reply">Reply</a><span>{chance.randrange(99)} likes</span></div></div>'
        for _ in range(chance.randint(0, 60))
    )


# --- as feeds ----------------------------------------------------------------------------------------


def feed(reports: list[Report], *, site: int, base: str) -> bytes:
    """RSS 2.0 with the first paragraph of each report."""
    items = "".join(
        f"<item><title>{escape(report.title)}</title><link>{base}{report.path}</link>"
        f'<guid isPermaLink="false">{site}-{report.number}</guid><pubDate>{format_datetime(report.published)}</pubDate>'
        f"<dc:creator>{report.author}</dc:creator><category>{report.title.split()[3]}</category>"
        f"<description>{escape(f'<p>{escape(report.paragraphs[0])}</p>')}</description></item>"
        for report in reports
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<channel><title>Daily {site}</title><link>{base}/</link><description>News of {site}</description>"
        f"<language>en</language>{items}</channel></rss>"
    ).encode()
