"""Serves the sites of ``data/demo/web.toml``, one loopback address a site, all on one port.

Two acts: in the first the later articles are not there yet; in the second they are, one article reads otherwise, and
the feed of one site is broken. Everything that a real site sends is sent: validators, robots.txt, pages with
navigation, related links and a footer around the text.
"""

from __future__ import annotations

import asyncio
import hashlib
import socket
from dataclasses import replace
from datetime import datetime, timedelta
from importlib import resources

import tomli
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.demo.sites import FEED_PATHS, FEED_TYPES, FEEDS, DemoArticle, Site, page
from monitor.web.server import Server


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.strip().split("\n\n"))


class NewsWeb:
    """The web of the demo. ``act`` is 1 or 2; ``asked`` counts requests by path of each host.

    :param start: the time that the ages of the articles count back from.
    """

    def __init__(self, start: datetime, *, first_address: str = "127.0.0.11") -> None:
        told = tomli.loads((resources.files("monitor") / "data/demo/web.toml").read_text("utf-8"))
        self.act = 1
        self.asked: dict[str, int] = {}
        self._start = start
        self._sockets: list[socket.socket] = []
        self._told = told
        prefix, _, last = first_address.rpartition(".")
        self._hosts = [f"{prefix}.{int(last) + number}" for number in range(len(told["sites"]))]
        self.sites: dict[str, Site] = {}
        self._articles: list[DemoArticle] = []
        self._server: Server | None = None
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Bind every host and serve."""
        port = 0
        for host in self._hosts:
            bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind((host, port))
            port = bound.getsockname()[1]
            self._sockets.append(bound)
        for host, site in zip(self._hosts, self._told["sites"], strict=True):
            self.sites[site["key"]] = Site(
                key=site["key"],
                name=site["name"],
                lang=site["lang"],
                format=site["format"],
                group=site["group"],
                base=f"http://{host}:{port}",
                country=site.get("country"),
                tier=site.get("tier", 2),
                slow_seconds=site.get("slow_seconds", 0.0),
                breaks=site.get("breaks", False),
            )
        self._articles = [self._article(told) for told in self._told["articles"]]
        app = Starlette(routes=[Route("/{path:path}", self._answer)])
        self._server = Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        self._serving = asyncio.create_task(self._server.serve(sockets=self._sockets))
        while not self._server.started:  # noqa: ASYNC110 - uvicorn has no event to wait for
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Serve no more."""
        if self._server and self._serving:
            self._server.should_exit = True
            await self._serving

    @property
    def allow(self) -> list[str]:
        """The hosts that a monitor of this web must be allowed to reach."""
        return [site.base.removeprefix("http://") for site in self.sites.values()]

    def _article(self, told: dict[str, object]) -> DemoArticle:
        own = dict(told)
        text = str(own.get("text", ""))
        if source := own.get("reprint_of"):
            text = str(next(other["text"] for other in self._told["articles"] if other["slug"] == source))
        paragraphs = _paragraphs(text)
        if drop := own.get("drop_last"):
            paragraphs = paragraphs[: -int(str(drop))]
        if lead := own.get("lead"):
            paragraphs = (str(lead), *paragraphs)
        edited = (str(own["edited_title"]), _paragraphs(str(own["edited_text"]))) if "edited_text" in own else None
        return DemoArticle(
            site=str(own["site"]),
            slug=str(own["slug"]),
            title=str(own["title"]),
            paragraphs=paragraphs,
            author=str(own["author"]),
            published=self._start - timedelta(hours=max(0.0, float(str(own["hours"])))),
            tags=tuple(map(str, own["tags"])) if isinstance(own.get("tags"), list) else (),  # type: ignore[call-overload]
            later=bool(own.get("later")),
            edited=edited,
        )

    def articles(self, site: str) -> list[DemoArticle]:
        """What ``site`` has now, newest first."""
        there = [article for article in self._articles if article.site == site and (self.act > 1 or not article.later)]
        if self.act > 1:
            there = [
                replace(article, title=article.edited[0], paragraphs=article.edited[1]) if article.edited else article
                for article in there
            ]
        return sorted(there, key=lambda article: article.published, reverse=True)

    async def _answer(self, request: Request) -> Response:
        host = request.url.netloc
        path = request.url.path
        self.asked[host + path] = self.asked.get(host + path, 0) + 1
        site = next((site for site in self.sites.values() if site.base.endswith(host)), None)
        if site is None:
            return Response("no such site", 404)
        if site.slow_seconds:
            await asyncio.sleep(site.slow_seconds)
        if path == "/robots.txt":
            return Response("User-agent: *\nDisallow: /private/\n", media_type="text/plain")
        if path == FEED_PATHS[site.format]:
            if site.breaks and self.act > 1:
                return Response(
                    "<!doctype html><html><body><h1>Texnik ishlar</h1></body></html>", media_type="text/html"
                )
            return self._validated(request, self._feed(site), FEED_TYPES[site.format])
        for article in self.articles(site.key):
            if path == f"/news/{article.slug}":
                return Response(page(site, article, self.articles(site.key)), media_type="text/html; charset=utf-8")
        return Response("<!doctype html><title>404</title><h1>Not here</h1>", 404, media_type="text/html")

    @staticmethod
    def _validated(request: Request, body: str, media_type: str) -> Response:
        etag = '"' + hashlib.sha256(body.encode()).hexdigest()[:16] + '"'
        headers = {"ETag": etag, "Cache-Control": "max-age=0"}
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type=f"{media_type}; charset=utf-8", headers=headers)

    def _feed(self, site: Site) -> str:
        return FEEDS[site.format](site, self.articles(site.key))
