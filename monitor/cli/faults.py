"""What keeps a configuration from being used, beyond its form: queries, topics, values, and what it names around it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.config.reading import Fault, Reading
from monitor.config.wording import near
from monitor.errors import ConfigError, QueryError

if TYPE_CHECKING:
    from monitor.config.settings import Settings, Table


def checked(reading: Reading, *, around: bool = True) -> Settings:
    """The settings of a reading; ``around``: also what they name on this machine is looked at.

    :raises ConfigError: with all that is wrong, in the order of the file.
    """
    if told := faults_of(reading, around=around):
        raise ConfigError("\n".join(told))
    return reading.settings


def faults_of(reading: Reading, *, around: bool = True) -> list[str]:
    """All that is wrong, each with file and line."""
    more = [*_values(reading), *_topics(reading), *_queries(reading)]
    if around:
        more += [*_around(reading), *storage(reading)]
    return reading.told(more)


def _values(reading: Reading) -> Iterator[Fault]:
    """Addresses, codes and lists whose form is right and that mean nothing."""
    from monitor.core.urls import is_http
    from monitor.net.target import BadURLError, parse_target, proxy_of
    from monitor.web.endpoint import endpoint

    settings = reading.settings
    for at, entry in enumerate(settings.fetch.allow):
        from monitor.net.guard import AllowList  # with the network behind it, which few configurations need

        try:
            AllowList.parse([entry])
        except ValueError as problem:
            yield Fault(reading.line_of("fetch", "allow", at), f"fetch.allow: {problem}")
    try:
        proxy_of(settings.fetch.proxy)
    except ValueError as problem:
        yield Fault(reading.line_of("fetch", "proxy"), f"fetch.proxy: {problem}")
    if settings.service.listen:
        try:
            endpoint(settings.service.listen)
        except ConfigError as problem:
            yield Fault(reading.line_of("service", "listen"), str(problem))
    for index, feed in enumerate(settings.feeds):
        try:
            parse_target(feed.url if is_http(feed.url) else "https://stand-in.example/")  # what is none is told already
        except BadURLError as problem:
            yield Fault(reading.line_of("feeds", index, "url"), f"feeds.{feed.name}.url: {problem}")
        if feed.country is not None and (said := no_country(feed.country)):
            yield Fault(reading.line_of("feeds", index, "country"), f"feeds.{feed.name}.country: {said}")
        if feed.lang is not None and (said := no_language(feed.lang)):
            yield Fault(reading.line_of("feeds", index, "lang"), f"feeds.{feed.name}.lang: {said}")


@lru_cache(maxsize=1)
def languages() -> frozenset[str]:
    """The codes of languages as texts and queries have them: of two letters, of three only where there are no two."""
    import pycountry

    return frozenset(getattr(each, "alpha_2", None) or each.alpha_3 for each in pycountry.languages)


def no_country(code: str) -> str:
    """What is wrong with the code of a country; empty if it is one."""
    from monitor.sandboxed import vocabulary

    meant = vocabulary().country_code(code)
    right = repr(meant) if meant else "an ISO code such as 'UZ'"
    return "" if meant == code else f"there is no country {code!r}; write {right}"


def no_language(code: str) -> str:
    """What is wrong with the code of a language; empty if it is one."""
    from monitor.core.keywords import keyword_key

    if keyword_key("lang", code) in languages():
        return ""
    import pycountry

    meant = pycountry.languages.get(name=code.capitalize()) or pycountry.languages.get(alpha_3=code.lower())
    right = getattr(meant, "alpha_2", None) or "uz"
    return f"there is no language {code!r}; write " + (f"{right!r}" if meant else "an ISO 639 code such as 'uz'")


def _topics(reading: Reading) -> Iterator[Fault]:
    """The operator's own topics. The shipped pack has no faults, and is not read: that takes a second."""
    topics = reading.settings.topics
    if not topics.disable and not topics.own:
        return
    from monitor.core.topics import Topic, TopicRefused, read_topic
    from monitor.sandboxed import TopicSources, topic_names, vocabulary

    known = {name: Topic(name=name, label=name) for name in topic_names(TopicSources(pack=topics.pack))}
    for at, name in enumerate(topics.disable):
        if known.pop(name, None) is None:
            line = reading.line_of("topics", "disable", at)
            yield Fault(line, f"topics.disable: there is no topic {name!r}{near(name, known)}")
    for name, table in topics.own.items():
        try:
            read_topic(known, name, table, source="", names=reading.settings.queries, vocabulary=vocabulary())
        except TopicRefused as problem:
            for where, said in problem.faults:
                yield Fault(reading.line_of("topics", name, *where), said)


def _queries(reading: Reading) -> Iterator[Fault]:
    """Named queries, and those of rules: what is wrong in a named one is told once, there."""
    from monitor.core.query import parse
    from monitor.core.query.tree import Keyword, walk
    from monitor.sandboxed import vocabulary

    known, names = vocabulary(), reading.settings.queries
    told: set[str] = set()
    asked: list[tuple[tuple[str | int, ...], str, str]] = [
        (("queries", name), f"query {name!r}", query) for name, query in names.items()
    ]
    asked += [
        (("rules", index, "query"), f"rule {rule.name!r}", rule.query)
        for index, rule in enumerate(reading.settings.rules)
    ]
    for place, what, text in asked:
        try:
            query = parse(text, names, vocabulary=known)
        except QueryError as problem:
            if problem.query == text or problem.query not in told:
                yield Fault(reading.line_of(*place), f"{what}: {problem}")
            told.add(problem.query)
            continue
        for node in walk(query.root):
            for code in node.values if isinstance(node, Keyword) and node.field == "lang" else ():
                if code not in told and (said := no_language(code)):
                    told.add(code)
                    yield Fault(reading.line_of(*place), f"{what}: {said}")


def _around(reading: Reading) -> Iterator[Fault]:
    """Every secret that is used can be read, by this user alone; and every channel can be made of its table."""
    from monitor.app import notifier_of
    from monitor.config.settings import CommandChannel
    from monitor.net.fetch import Net
    from monitor.net.settings import NetSettings

    settings, net = reading.settings, Net(NetSettings(user_agent="monitor"))
    yield from _unread(reading, ("service",), settings.service)
    for name, channel in settings.channels.items():
        if not channel.enabled:
            continue
        if unread := list(_unread(reading, ("channels", name), channel)):
            yield from unread
            continue
        if isinstance(channel, CommandChannel) and (said := _no_program(channel.argv[0])):
            yield Fault(reading.line_of("channels", name, "argv"), f"channels.{name}.argv: {said}")
        if any(channel.faults()):  # they are told already
            continue
        try:
            notifier_of(name, channel, settings, net)
        except ConfigError as problem:
            yield Fault(reading.line_of("channels", name), str(problem))


def _unread(reading: Reading, place: tuple[str, ...], table: Table) -> Iterator[Fault]:
    """The secrets of a table that cannot be read."""
    from monitor.config import read_secret
    from monitor.config.settings import Secret

    for key in type(table).model_fields:
        if isinstance(secret := getattr(table, key), Secret):
            try:
                read_secret(secret, reading.settings)
            except ConfigError as problem:
                yield Fault(reading.line_of(*place, key), f"{'.'.join((*place, key))}: {problem}")


def _no_program(program: str) -> str:
    """Why a program does not start; empty if it does."""
    if shutil.which(program):
        return ""
    if Path(program).is_file():
        return f"{program!r} may not be run by this user; chmod +x {program}"
    where = "" if "/" in program else " in $PATH"
    return f"there is no program {program!r}{where}; write its whole path"


def storage(reading: Reading) -> Iterator[Fault]:
    """The database has a place, or can be given one."""
    from monitor.config import database_url
    from monitor.storage.sqlite_file import path_of

    address = database_url(reading.settings)
    kind, separator, _ = address.partition("://")
    line = reading.line_of("storage", "url")
    if separator and kind != "sqlite":
        if kind not in ("postgresql", "postgresql+psycopg", "postgres"):
            yield Fault(
                line, f"storage.url: {kind}:// is no database of monitor; write a path or postgresql+psycopg://…"
            )
        return
    path = path_of(address)
    folder = path.parent if path.parent.is_dir() else path.parent.parent  # one folder is made
    if path.is_dir():
        yield Fault(line, f"storage.url: {path} is a folder; write the name of a file in it, such as {path}/monitor.db")
    elif not folder.is_dir():
        yield Fault(line, f"storage.url: there is no folder {path.parent}; make it: mkdir -p {path.parent}")
    elif not os.access(path if path.exists() else folder, os.W_OK):
        what = path if path.exists() else folder
        yield Fault(line, f"storage.url: {what} may not be written by this user; give it to the one who runs monitor")


def blocked(reading: Reading) -> Iterator[Fault]:
    """Addresses that the network door will refuse, as far as they show it: no name is looked up here."""
    settings = reading.settings
    for place, url in _addresses(settings):
        if said := closed(url, settings):
            shown = ".".join(str(settings.feeds[part].name) if isinstance(part, int) else part for part in place)
            yield Fault(reading.line_of(*place), f"{shown}: {said}")


def closed(url: str, settings: Settings) -> str:
    """Why the network door will not ask an address, as far as it shows that itself; empty where it shows nothing."""
    from monitor.core.urls import is_http
    from monitor.net.guard import AllowList, BlockedAddressError, check_name
    from monitor.net.target import BadURLError, parse_target

    if not is_http(url):
        return ""
    try:
        target = parse_target(url)
        check_name(target.host, target.port, AllowList.parse(settings.fetch.allow))
    except BlockedAddressError as problem:
        return f'{problem}, so it will not be asked; if it is your own: [fetch] allow = ["{target.host}"]'
    except BadURLError as problem:
        return f"{problem}, so it will not be asked"
    return ""


def _addresses(settings: Settings) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for index, feed in enumerate(settings.feeds):
        if feed.enabled:
            yield ("feeds", index, "url"), feed.url
    for name, channel in settings.channels.items():
        if channel.enabled and isinstance(url := getattr(channel, "url", None), str):
            yield ("channels", name, "url"), url
    if isinstance(settings.service.heartbeat, str):
        yield ("service", "heartbeat"), settings.service.heartbeat
