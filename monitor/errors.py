"""The exceptions of monitor. Expected failures are values (see ``model``), never these.

::

    MonitorError
    ├── ConfigError        the configuration is refused: exit 78
    ├── QueryError         a query is refused, with position, caret and hint
    ├── UsageError         a command was called wrongly: exit 2
    │   └── NotKnown       the thing asked for does not exist: exit 3
    ├── StorageError       the database cannot be used as it is: exit 78
    │   ├── DatabaseDamaged    a header, page or index is broken
    │   ├── DatabaseForeign    a database of something else, or an empty file where one existed
    │   ├── DatabaseNewer      written by a newer monitor
    │   └── DatabaseInUse      another daemon holds it
    ├── StorageUnavailable the database does not answer or cannot write now: exit 75, try again
    ├── SandboxUnavailable no worker can be started now; no input is at fault: exit 75, try again
    └── SandboxError       a worker died, hung or ran out of memory over one input
        ├── SandboxTimeout
        └── SandboxCrashed
"""

from __future__ import annotations


class MonitorError(Exception):
    """Base of all that monitor raises; its text is one or more lines fit to be shown to a person."""

    exit_code = 70


class ConfigError(MonitorError):
    """The configuration is refused. The text names file, line, what is wrong and what would be right."""

    exit_code = 78


class QueryError(MonitorError):
    """A query is refused.

    ``position`` is the offset in code points of ``query`` at which it goes wrong; ``hint`` says what was
    probably meant, or is empty.
    """

    exit_code = 2

    def __init__(self, message: str, *, query: str = "", position: int = 0, hint: str = "") -> None:
        self.message, self.query, self.position, self.hint = message, query, position, hint
        super().__init__(message)

    def __str__(self) -> str:
        lines = [self.message]
        if self.query:
            start = max(0, self.position - 60)
            shown = self.query[start : self.position + 60].replace("\n", " ")
            lines += [f"  {shown}", "  " + " " * (self.position - start) + "^"]
        if self.hint:
            lines.append(self.hint)
        return "\n".join(lines)


class UsageError(MonitorError):
    """A command was called wrongly."""

    exit_code = 2


class NotKnown(UsageError):
    """The feed, article, rule, alert or delivery that was asked for does not exist."""

    exit_code = 3


class StorageError(MonitorError):
    """The database cannot be used as it is; a person must look. Nothing was written."""

    exit_code = 78


class DatabaseDamaged(StorageError):
    """A header, page or index is broken; the text names the file and the restore command."""


class DatabaseForeign(StorageError):
    """The database belongs to something else, or is empty although one existed here."""


class DatabaseNewer(StorageError):
    """The schema was written by a newer monitor."""


class DatabaseInUse(StorageError):
    """Another daemon works on this database."""


class StorageUnavailable(MonitorError):
    """The database does not answer, is locked too long, or its disk is full. Nothing was acknowledged."""

    exit_code = 75


class SandboxUnavailable(MonitorError):
    """No worker process can be started now, for want of memory, processes or disk; no input is at fault."""

    exit_code = 75


class SandboxError(MonitorError):
    """A worker process failed over one input; other inputs are not touched."""


class SandboxTimeout(SandboxError):
    """The worker passed its deadline and was killed."""


class SandboxCrashed(SandboxError):
    """The worker died or ran out of memory."""
