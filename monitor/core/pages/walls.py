"""Pages that answer 200 and are no article: challenges, consent and login walls, paywalls, errors, wrappers.

Every rule needs little text: a long article about cookies or logins is an article. ``judge`` gives the status of the
body and one line that says why.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.core.pages.body import weight
from monitor.core.urls import resolve, site_of

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from monitor.core.pages.metadata import Metadata
    from monitor.model import BodyStatus

LITTLE = 800
"""Letters (``weight``) up to which a text may be a wall's or an error page's own."""
_TINY = 300
_SMALL_PAGE = 500
"""Elements; a check for robots has few."""
_NOTHING = 60

_CHALLENGE = re.compile(
    r"just a moment\.\.\.|checking (?:if the site connection is secure|your browser)|"
    r"verify(?:ing)? (?:that )?you are (?:a )?human|are you a (?:ro)?bot|unusual traffic|"
    r"enable javascript(?: and cookies)? to continue|ddos protection|security check|attention required|"
    r"access (?:to this page has been )?denied|pardon our interruption|request unsuccessful|"
    r"please turn (?:on )?javascript on|you have been blocked|captcha",
    re.IGNORECASE,
)
_CHALLENGE_MARKUP = (
    "//*[contains(@id,'challenge') or contains(@id,'captcha') or contains(@class,'captcha')"
    " or contains(@action,'challenge')]"
)
_CONSENT = re.compile(
    r"before you continue|we (?:value|care about) your privacy|your privacy choices|accept (?:all )?cookies|"
    r"cookie (?:consent|settings|policy)|we and our (?:\d+ )?partners|wir (?:und unsere|verwenden) .{0,30}(?:partner|"
    r"cookies)|mit werbung (?:weiterlesen|lesen)|alle akzeptieren|zustimmen und weiter|tout accepter|"
    r"continuer sans accepter|nous utilisons des cookies|aceptar (?:todas las )?cookies|accetta (?:tutti i )?cookie|"
    r"akceptuj|godkänn alla|çerez|использ\w+ (?:файлы )?cookie|соглас\w+ с .{0,30}cookie|同意する|クッキー",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"\b(?:log|sign) ?in\b|\blogin\b|anmelden|einloggen|connexion|se connecter|iniciar sesión|accedi|войти|вход|"
    r"giriş yap|logg inn|logga in|zaloguj|ログイン|登录|登入|로그인|تسجيل الدخول",
    re.IGNORECASE,
)
_PAYWALL = re.compile(
    r"(?:subscribe|register|sign up|log in)[\w ,]{0,30} to (?:continue|read|keep reading|view|unlock)|"
    r"subscriber[- ]only|(?:already|not yet) a subscriber|(?:unlock|continue reading) (?:this|the) (?:article|story)|"
    r"premium (?:article|content)|weiterlesen mit|jetzt (?:abonnieren|freischalten|weiterlesen)|nur für abonnenten|"
    r"réservé aux abonnés|(?:article|contenu) réservé|il (?:vous )?reste .{0,20} (?:article|à lire)|abonnez-vous|"
    r"contenido exclusivo|(?:solo|exclusivo) para suscriptores|suscríbete para|riservato agli abbonati|abbonati per|"
    r"доступно .{0,20}подписчик|по подписке|för prenumeranter|for abonnenter|dla subskrybentów|"
    r"tylko dla prenumeratorów|会員限定|有料会員|구독자 전용|訂戶",
    re.IGNORECASE,
)
_ERROR = re.compile(
    r"\b(?:404|403|410|500|502|503)\b.{0,40}(?:error|not found|forbidden|unavailable|gone|fehler|erreur)|"
    r"^(?:error )?(?:404|403|410|50\d)\b|(?:page|article|story|content|site|seite|"
    r"artikel)\W+(?:\w+\W+){0,4}(?:not found|not available|no longer available|does(?:n['’]t| not) exist|"
    r"could ?n[o'’]t be found|cannot be found|nicht (?:gefunden|verfügbar|mehr verfügbar)|has been removed)|"
    r"not found$|page (?:introuvable|non trouvée)|página no encontrada|no se (?:ha )?encontr|pagina non trovata|"
    r"página não encontrada|страница не найдена|сторінку не знайдено|sayfa bulunamadı|siden (?:ble ikke|blev ikke|"
    r"finnes ikke|findes ikke)|sidan (?:kunde inte|finns inte)|nie znaleziono strony|stránka nenalezena|"
    r"ページが見つかりません|お探しのページ|页面不存在|找不到(?:該)?(?:頁面|网页)|페이지를 찾을 수|الصفحة غير موجودة|"
    r"service unavailable|internal server error|bad gateway|something went wrong|oops|under maintenance",
    re.IGNORECASE,
)
_TOKEN_PATH = re.compile(r"/(?:rss/)?(?:articles|read)/CB[\w-]{20,}")
_REFRESH = re.compile(r"\d+\s*;\s*url\s*=\s*['\"]?([^'\"\s]+)", re.IGNORECASE)
_SCRIPTED = re.compile(r"(?:location(?:\.href)?\s*=|location\.(?:replace|assign)\()\s*['\"](https?://[^'\"\s]+)")


@dataclass(frozen=True, slots=True)
class Signs:
    """What a page shows of being no article; to be read before ``prepare`` takes it away."""

    leads_to: str | None
    asides: str
    has_password: bool
    has_challenge: bool


def read_signs(tree: HtmlElement, url: str) -> Signs:
    """The signs of the page at ``url``: where it sends its reader, texts for browsers without scripts, forms."""
    asides = " ".join(element.text_content()[:500] for element in tree.iter("noscript", "button"))
    return Signs(
        leads_to=_leads_to(tree, url),
        asides=" ".join(asides[:5000].split()),
        has_password=any((field.get("type") or "").lower() == "password" for field in tree.iter("input")),
        has_challenge=tree.xpath("count(//*)") < _SMALL_PAGE and bool(tree.xpath(_CHALLENGE_MARKUP)),
    )


def _leads_to(tree: HtmlElement, url: str) -> str | None:
    """Where the page sends the reader without a redirect, if that is another site."""
    targets = [found[1] for meta in tree.iter("meta") if (found := _REFRESH.match((meta.get("content") or "").strip()))]
    for script in tree.iter("script"):
        text = script.text or ""
        if len(text) < 5_000:
            targets += _SCRIPTED.findall(text)[:1]
    for target in targets:
        whole = resolve(url, target)
        if whole and site_of(whole) != site_of(url):
            return whole
    return None


def judge(text: str, meta: Metadata, signs: Signs, *, url: str, seen: str, feed_text: str) -> tuple[BodyStatus, str]:
    """The status of a page whose body is ``text``, and why; ``seen`` is all that a reader sees of a short page."""
    size = weight(text)
    if size < LITTLE:
        if signs.leads_to or (_TOKEN_PATH.search(url) and not meta.is_article):
            target = signs.leads_to or "another site"
            return "wrapper", f"it only leads on to {target}"
        if not meta.is_article and (wall := _wall(text, meta, signs, seen[:3000])):
            return wall
    if short := _cut_short(text, meta, feed_text):
        return short
    if size < max(_NOTHING, weight(feed_text) / 2):
        return "empty", f"only {len(text)} characters of text" + (
            f", the feed has {len(feed_text)}" if feed_text else ""
        )
    return "page", ""


def _wall(text: str, meta: Metadata, signs: Signs, seen: str) -> tuple[BodyStatus, str] | None:
    """What a page with little text and no word of an article is instead. Only a tiny text is judged by its words."""
    size = weight(text)
    named = "\n".join((meta.title, *meta.headlines))
    shown = f"{named}\n{text}\n{seen}\n{signs.asides}" if size < _TINY else named
    if (found := _CHALLENGE.search(shown)) or (size < _TINY and signs.has_challenge):
        return "wall", f"a check for robots: {found[0] if found else 'a challenge form'}"
    if found := _ERROR.search(meta.title.strip()) or (
        _ERROR.search(text[:300] or seen[:300]) if size < _TINY else None
    ):
        return "error_page", f"an error page with status 200: {found[0]}"
    if signs.has_password and (found := _LOGIN.search(shown)):
        return "wall", f"a login page: {found[0]}"
    if found := _CONSENT.search(f"{named}\n{text}" if size > _NOTHING else shown):
        return "wall", f"a consent page: {found[0]}"
    return None


def _cut_short(text: str, meta: Metadata, feed_text: str) -> tuple[BodyStatus, str] | None:
    """A paywall: what the page says of itself, or a call to subscribe at the end of a short text."""
    size = weight(text)
    if meta.accessible is False and size < max(1200, 1.2 * weight(feed_text)):
        return "paywall", "not accessible for free, by its own data"
    if size < 2 * LITTLE and (found := _PAYWALL.search(text[-400:])):
        return "paywall", f"the text ends in: {found[0]}"
    return None
