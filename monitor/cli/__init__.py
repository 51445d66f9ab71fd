"""The command line: nouns and verbs of the field. One file a noun; each is imported only when it is called."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from typing import Any

import click

from monitor import __version__
from monitor.cli.late import load_late
from monitor.errors import MonitorError

# name -> (module below monitor.cli, one-line help); what is not imported costs no start-up time.
COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("run", "The daemon: poll, ingest, alert, deliver."),
    "once": ("run", "One pass over all that is due, then a summary."),
    "demo": ("demo", "A little news web on this machine, monitored for real."),
    "check": ("check", "Configuration, queries, topics and rules: every fault with its line."),
    "search": ("search", "Search the archive."),
    "show": ("show", "One article with all that is known of it."),
    "explain": ("explain", "Why an article matched, or did not."),
    "trace": ("trace", "Every decision about one address, from poll to delivery."),
    "tail": ("tail", "Follow new articles as they are stored."),
    "stories": ("stories", "Stories with their sources and timeline."),
    "quotes": ("quotes", "Who said what about what."),
    "stats": ("stats", "Counts by day, topic, country and feed."),
    "feeds": ("feeds", "Feeds: list, add, health, schedule, import, export."),
    "topics": ("topics", "Topics: list, test, tune."),
    "rules": ("rules", "Rules: list, add, remove, test, plan, apply."),
    "alerts": ("alerts", "What fired, what was held, and why."),
    "silence": ("alerts", "Silences: add, list, expire."),
    "deliveries": ("deliveries", "The ledger of sends; dead letters and their retry."),
    "channels": ("deliveries", "Channels: list, test."),
    "analyze": ("stateless", "JSON lines in, analyses out; no database, no network."),
    "compare": ("stateless", "Pairs of documents in, verdicts out."),
    "cluster": ("stateless", "Documents in, duplicates and stories out."),
    "parse-feed": ("stateless", "One feed file in, one JSON object out."),
    "export": ("archive", "The archive as JSON lines, CSV or Parquet."),
    "backup": ("archive", "A consistent copy of the database while it runs."),
    "restore": ("archive", "Put a backup back, after looking at it."),
    "prune": ("archive", "Remove what is older than the configuration keeps."),
    "reprocess": ("reprocess", "Today's extractor, topics or rules over the archive."),
    "db": ("admin", "The database's schema: status, upgrade."),
    "doctor": ("admin", "Self-diagnosis in plain words."),
    "metrics": ("admin", "Prometheus text."),
}


class LazyGroup(click.Group):
    """Knows its commands by name and loads one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"monitor.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        with formatter.section("Commands"):
            formatter.write_dl([(name, told) for name, (_, told) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # The reader has had enough (`| head`): click would call it an error, and a flush at exit would complain.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        return result

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as problem:
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, 1)
            raise click.UsageError(
                problem.format_message() + (f" Did you mean {near[0]!r}?" if near else ""), ctx
            ) from None


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Try: monitor demo   ·   monitor once   ·   monitor search 'deport* country:UZ' --since 7d",
)
@click.version_option(__version__, prog_name="monitor")
@click.option("-c", "--config", metavar="FILE", help="$MONITOR_CONFIG, ./config.toml or /etc/monitor/config.toml.")
@click.option("--db", metavar="URL", help="Another database than the configuration's.")
@click.option("-v", "--verbose", count=True, help="Tell more on standard error.")
@click.pass_context
def cli(ctx: click.Context, config: str | None, db: str | None, verbose: int) -> None:
    """Watches news feeds, recognises topics, copies and stories, and sends alerts that can be explained."""
    ctx.obj = {"config": config, "db": db, "verbose": verbose}


def main() -> None:
    """The console script. Exit codes: 0 done, 1 found nothing, 2 wrong use, 3 unknown, 75 try again, 78 refused."""
    gc.set_threshold(100_000, 10, 10)  # a tenth of a short command's time went into looking for garbage
    load_late("asyncio", "iscoroutine")
    load_late("importlib.metadata", "entry_points", apart=True)
    for name in ("hashlib", "secrets", "socket", "tempfile", "zipfile", "regex"):
        load_late(name)
    try:
        code = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        code = 130
    except click.ClickException as problem:
        problem.show()
        code = problem.exit_code
    except MonitorError as problem:
        click.secho(str(problem), err=True, fg="red" if sys.stderr.isatty() else None)
        code = problem.exit_code
    gc.freeze()  # or the interpreter would look through all modules once more at its end
    sys.exit(code if isinstance(code, int) else 0)
