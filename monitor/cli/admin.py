"""``db``, ``doctor``, ``metrics``: the database and the daemon in numbers and in plain words."""

from __future__ import annotations

from dataclasses import asdict

import click

from monitor.cli.common import Desk, desk_options, format_option, now
from monitor.cli.nouns import ago, fields, heading, numbered, size
from monitor.cli.output import Row, as_json, chosen, safe

STYLES = {"ok": "green", "warning": "yellow", "fault": "red"}


@click.group()
def db() -> None:
    """The database: its schema, size and rows.

    \b
    Example:
      monitor db status
    """


@db.command("status")
@format_option
@desk_options
def status(desk: Desk, *, form: str | None) -> None:
    """Schema, size, rows of each table, and the oldest work that waits. Nothing is upgraded by looking.

    \b
    Example:
      monitor db status
    """
    from monitor.storage import overview, schema, vitals
    from monitor.storage import upgrade as upgrade_steps

    moment = now()
    found = overview.schema_of(desk.url)
    place = str(desk.url) if "://" not in desk.url else _without_password(desk.url)
    told: Row = {"database": place, "schema": found, "needed": schema.HEAD}
    if found != schema.HEAD and found in upgrade_steps.known_revisions():
        if chosen(form) != "table":
            click.echo(as_json(told))
        else:
            click.echo(f"{place}: schema {found}, this version needs {schema.HEAD}: monitor db upgrade")
        click.get_current_context().exit(1)
    numbers = desk.db.read_now(vitals.status)
    rows = desk.db.read_now(vitals.totals)
    beat = desk.db.read_now(vitals.last_heartbeat)
    if chosen(form) != "table":
        click.echo(as_json(told | asdict(numbers) | {"heartbeat": beat, "rows": dict(rows)}))
        return
    fields(
        [
            ("database", place),
            ("schema", f"{found}, as this version needs it"),
            ("size", size(numbers.size)),
            ("daemon", f"last wrote {ago(beat, moment)}" if beat else "has never run on it"),
            ("feeds", f"{numbers.feeds}"),
            ("last poll", ago(numbers.last_poll, moment)),
            ("last success", ago(numbers.last_success, moment)),
            ("articles", f"{numbers.articles:,}; {numbers.pending} wait, {numbers.quarantined} set aside"),
            ("oldest waiting", ago(numbers.oldest_pending, moment) if numbers.oldest_pending else ""),
            ("stories", f"{numbers.stories:,}"),
            ("alerts", f"{numbers.alerts:,}"),
            ("outbox", f"{numbers.waiting} wait, {numbers.dead} dead"),
            ("oldest message", ago(numbers.oldest_waiting, moment) if numbers.oldest_waiting else ""),
        ]
    )  # fmt: skip
    heading("Rows")
    width = max(map(len, rows))
    for name, count in sorted(rows.items(), key=lambda row: -row[1]):
        if count:
            click.echo(f"  {name:{width}}  {count:>10,}")


def _without_password(url: str) -> str:
    from sqlalchemy.engine import make_url

    return make_url(url).render_as_string(hide_password=True)


@db.command("upgrade")
@desk_options
def upgrade(desk: Desk) -> None:
    """Bring the schema to what this version needs, in one transaction. A daemon does so at its start.

    \b
    Example:
      monitor backup before.db && monitor db upgrade
    """
    from monitor.storage import overview, schema, sqlite_file

    before = overview.schema_of(desk.url)
    if before == schema.HEAD:
        click.echo(f"the schema is {before} already; nothing to do")
        return
    lock = sqlite_file.FileLock(sqlite_file.path_of(desk.url)) if "://" not in desk.url else None
    try:
        desk.open_database()
    finally:
        if lock is not None:
            lock.close()
    click.echo(f"the schema was {before} and is now {schema.HEAD}")


@click.command()
@click.option("--quick", is_flag=True, help="Only whether a daemon works: exit 0, or 75. For health checks.")
@format_option
@desk_options
def doctor(desk: Desk, *, quick: bool, form: str | None) -> None:
    """Looks at everything that may be wrong, and says what to do about it. Exit code 1 where anything is faulty.

    \b
    Examples:
      monitor doctor
      monitor doctor --quick
    """
    if quick:
        _quick(desk)
        return
    from monitor.cli.checkup import checkup

    shape, found = chosen(form), []
    for finding in checkup(desk, now()):
        found.append(finding)
        if shape != "table":
            click.echo(as_json(asdict(finding)))
            continue
        level = click.style(f"{finding.level:>7}", fg=STYLES[finding.level], bold=finding.level != "ok")
        click.echo(f"{level}  {click.style(finding.what, bold=True)}: {safe(finding.text)}")
        for line in finding.more:
            click.secho(f"           {safe(line)}", dim=True)
        if finding.advice:
            click.echo(f"         → {safe(finding.advice)}")
    faults = sum(finding.level == "fault" for finding in found)
    warnings = sum(finding.level == "warning" for finding in found)
    if shape == "table":
        click.echo()
        click.echo(
            "all is well" if not faults + warnings else f"{numbered(faults, 'fault')}, {numbered(warnings, 'warning')}"
        )
    click.get_current_context().exit(1 if faults else 0)


def _quick(desk: Desk) -> None:
    from monitor.cli.checkup import ALIVE
    from monitor.storage import vitals

    moment = now()
    beat = desk.db.read_now(vitals.last_heartbeat)
    alive = beat is not None and moment - beat < ALIVE
    click.echo(f"a daemon wrote {ago(beat, moment)}" if beat else "no daemon has ever run on this database")
    click.get_current_context().exit(0 if alive else 75)


@click.command()
@desk_options
def metrics(desk: Desk) -> None:
    """The database's numbers as Prometheus text; the daemon's endpoint has its counters too.

    \b
    Example:
      monitor metrics > /var/lib/node_exporter/monitor.prom
    """
    from monitor.core.metrics import exposition
    from monitor.storage import vitals

    numbers = asdict(desk.db.read_now(vitals.status))
    click.echo(exposition(numbers.pop("size"), numbers, {}), nl=False)
