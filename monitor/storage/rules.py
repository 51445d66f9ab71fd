"""Rules, those of the file and those of commands, and saved queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from monitor.errors import NotKnown, UsageError
from monitor.model import Rule
from monitor.storage import dialect
from monitor.storage import schema as s
from monitor.storage.columns import MICROSECOND


def sync_config_rules(connection: Connection, rules: Iterable[Rule], now: datetime) -> None:
    """Make the rules of the configuration file those in the database; a rule of a command of the same name yields."""
    wanted = {rule.name: rule for rule in rules}
    for name, version in connection.execute(
        select(s.rules.c.name, s.rules.c.version).where(s.rules.c.origin == "config")
    ):
        if name not in wanted:
            _drop(connection, name)
        elif wanted[name].version == version and wanted[name] == rule(connection, name):
            del wanted[name]
    for each in wanted.values():
        _put_rule(connection, each, now)


def add_rule(connection: Connection, new: Rule, now: datetime) -> None:
    """A rule by command; it replaces one of a command, never one of the file (UsageError)."""
    _not_from_file(connection, new.name)
    _put_rule(connection, new, now)


def remove_rule(connection: Connection, name: str) -> None:
    if rule(connection, name) is None:
        raise NotKnown(f"there is no rule “{name}”; monitor rules list shows all")
    _not_from_file(connection, name)
    _drop(connection, name)


def rule(connection: Connection, name: str) -> Rule | None:
    kept = connection.scalar(select(s.rules.c.definition).where(s.rules.c.name == name))
    return None if kept is None else _of_json(kept)


def rule_since(connection: Connection, name: str) -> datetime | None:
    """When a rule became what it is."""
    at: datetime | None = connection.scalar(select(s.rules.c.updated_at).where(s.rules.c.name == name))
    return at


def rules_stamp(connection: Connection) -> tuple[Any, ...]:
    """Differs once a rule or a saved query was added, changed or removed."""
    of_rules = select(func.count(), func.max(s.rules.c.updated_at)).select_from(s.rules)
    of_queries = select(func.count(), func.max(s.saved_queries.c.created_at)).select_from(s.saved_queries)
    return (*connection.execute(of_rules).one(), *connection.execute(of_queries).one())


def list_rules(connection: Connection) -> list[Rule]:
    return [_of_json(kept) for kept in connection.scalars(select(s.rules.c.definition).order_by(s.rules.c.name))]


def _not_from_file(connection: Connection, name: str) -> None:
    if connection.scalar(select(s.rules.c.origin).where(s.rules.c.name == name)) == "config":
        raise UsageError(f"rule “{name}” stands in the configuration file; change it there")


def _put_rule(connection: Connection, new: Rule, now: datetime) -> None:
    row = {
        "name": new.name,
        "origin": new.origin,
        "version": new.version,
        "enabled": new.enabled,
        "definition": _as_json(new),
        "updated_at": now,
        "counting_since": None,
    }
    _drop(connection, new.name)
    connection.execute(insert(s.rules), row)


def _drop(connection: Connection, name: str) -> None:
    """The rule, and what it counted: another rule of this name counts something else."""
    connection.execute(delete(s.counted).where(s.counted.c.rule == name))
    connection.execute(delete(s.rules).where(s.rules.c.name == name))


def save_query(connection: Connection, name: str, query: str, now: datetime) -> None:
    row = {"name": name, "query": query, "created_at": now}
    connection.execute(dialect.upsert(connection, s.saved_queries, "name"), row)


def saved_queries(connection: Connection) -> dict[str, str]:
    found = connection.execute(select(s.saved_queries.c.name, s.saved_queries.c.query).order_by(s.saved_queries.c.name))
    return {row.name: row.query for row in found}


def forget_query(connection: Connection, name: str) -> None:
    if not connection.execute(s.saved_queries.delete().where(s.saved_queries.c.name == name)).rowcount:
        raise NotKnown(f"there is no saved query “{name}”")


_RULE = {field.name: field.default for field in fields(Rule)}


def _as_json(rule: Rule) -> dict[str, Any]:
    kept = {name: getattr(rule, name) for name in _RULE}
    return {name: value // MICROSECOND if isinstance(value, timedelta) else value for name, value in kept.items()}


def _of_json(kept: dict[str, Any]) -> Rule:
    values: dict[str, Any] = {}
    for name, default in _RULE.items():
        if name in kept:
            value = kept[name]
            if isinstance(default, timedelta):
                value = timedelta(microseconds=value)
            values[name] = tuple(value) if isinstance(value, list) else value
    return Rule(**values)
