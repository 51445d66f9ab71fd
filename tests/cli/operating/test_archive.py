from __future__ import annotations

import csv
import io
import json
import sqlite3
from datetime import timedelta

from monitor.storage import notices, sqlite_file
from tests.cli.operating.conftest import FORMULA, Desk, now
from tests.cli.operating.test_feeds import no_controls


def test_export_as_json_lines_has_everything(desk: Desk) -> None:
    answer = desk.ask("export", "-")
    assert answer.code == 0, answer.err
    assert [row["id"] for row in answer.rows] == [1, 2, 3]
    row = answer.rows[0]
    assert row["title"].startswith("Border Evil \x1b"), "nothing is lost: it is escaped"
    assert (row["feed"], row["lang"], row["authors"], row["tags"]) == ("Harbour", "en", ["Ann Author"], ["World News"])
    assert no_controls(answer.out)


def test_export_by_time_and_query(desk: Desk) -> None:
    assert len(desk.ask("export", "-", "--query", "@border").rows) == 2
    assert "the query is empty" in desk.ask("export", "-", "--query", "").err
    assert "Did you mean deportation?" in desk.ask("export", "-", "--query", "topic:deportatoin").err
    assert len(desk.ask("export", "-", "--since", "1h").rows) == 3
    assert desk.ask("export", "-", "--until", "1h").code == 1
    assert desk.ask("export", "-", "--query", "(a").code == 2


def test_export_as_csv_is_safe_from_formulas_unless_raw_is_asked_for(desk: Desk) -> None:
    target = desk.folder / "out.csv"
    assert desk.ask("export", str(target)).code == 0
    rows = list(csv.DictReader(io.StringIO(target.read_text("utf-8"))))
    assert [row["title"] for row in rows][2] == f"'{FORMULA}"
    assert no_controls(target.read_text("utf-8"))
    assert target.stat().st_mode & 0o077 == 0
    raw = list(csv.DictReader(io.StringIO(desk.ask("export", "-", "--format", "csv", "--raw").out)))
    assert raw[2]["title"] == FORMULA
    assert desk.ask("export", "-", "--raw").code == 2


def test_export_never_overwrites_and_leaves_nothing_half_done(desk: Desk) -> None:
    target = desk.folder / "out.jsonl"
    assert desk.ask("export", str(target)).code == 0
    assert len(target.read_text("utf-8").splitlines()) == 3
    assert desk.ask("export", str(target)).code == 2
    assert desk.ask("export", str(desk.folder / "none" / "out.jsonl")).code == 2
    assert not list(desk.folder.glob(".*part"))


def test_parquet(desk: Desk) -> None:
    target = desk.folder / "out.parquet"
    answer = desk.ask("export", str(target))
    try:
        from pyarrow import parquet
    except ImportError:
        assert answer.code == 2
        assert "pyarrow" in answer.err
        assert not target.exists()
    else:
        assert parquet.read_table(target).num_rows == 3
    assert desk.ask("export", "-", "--format", "parquet").code == 2


def test_backup_and_restore(desk: Desk) -> None:
    copy = desk.folder / "copy.db"
    assert desk.ask("backup", str(copy)).code == 0
    assert desk.ask("backup", str(copy)).code == 2, "never overwrites"
    assert desk.ask("backup", str(desk.folder / "none" / "copy.db")).code == 2
    desk.write(notices.note, "later", "after the backup", now())
    answer = desk.ask("restore", str(copy), "--yes")
    assert answer.code == 0, answer.err
    assert "before-restore-1" in answer.out
    assert (desk.folder / "monitor.db.before-restore-1").exists()
    assert "after the backup" not in str(desk.read(notices.latest))
    assert len(desk.ask("export", "-").rows) == 3


def test_restore_replaces_nothing_unasked(desk: Desk) -> None:
    copy = desk.folder / "copy.db"
    assert desk.ask("backup", str(copy)).code == 0
    answer = desk.ask("restore", str(copy))
    assert answer.code == 2
    assert "--yes" in answer.err


def test_restore_is_refused(desk: Desk) -> None:
    copy = desk.folder / "copy.db"
    assert desk.ask("backup", str(copy)).code == 0
    before = desk.path.read_bytes()
    assert desk.ask("restore", str(desk.folder / "none.db"), "--yes").code == 3
    foreign = desk.folder / "foreign.db"
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE t (a)")
    connection.close()
    assert desk.ask("restore", str(foreign), "--yes").code == 78
    with sqlite3.connect(copy) as connection:
        connection.execute("CREATE TRIGGER evil AFTER INSERT ON notices BEGIN DELETE FROM alerts; END")
    connection.close()
    crafted = desk.ask("restore", str(copy), "--yes")
    assert crafted.code == 78
    assert "trigger" in crafted.err
    text = desk.folder / "text.db"
    text.write_text("no database at all" * 100)
    assert desk.ask("restore", str(text), "--yes").code == 78
    assert desk.path.read_bytes() == before


def test_restore_is_refused_while_a_daemon_works(desk: Desk) -> None:
    copy = desk.folder / "copy.db"
    assert desk.ask("backup", str(copy)).code == 0
    lock = sqlite_file.FileLock(desk.path)
    try:
        assert desk.ask("restore", str(copy), "--yes").code == 78
    finally:
        lock.close()
    assert not list(desk.folder.glob("*before-restore*"))


def test_prune_says_first_what_it_then_drops(desk: Desk) -> None:
    with sqlite3.connect(desk.path) as connection:
        old = int((now() - timedelta(days=100)).timestamp() * 1_000_000)
        connection.execute("UPDATE articles SET seen = ? WHERE id < 3", (old,))
        connection.execute("UPDATE polls SET at = ?", (old,))
    connection.close()
    (told,) = desk.ask("prune", "--dry-run").rows
    assert told == {"dry_run": True, "articles": 2, "pages": 0, "polls": 1, "notices": 0, "deliveries": 0}
    assert len(desk.ask("export", "-").rows) == 3
    (done,) = desk.ask("prune").rows
    assert done == told | {"dry_run": False}
    assert len(desk.ask("export", "-").rows) == 1
    assert "90d" in desk.ask("prune", "--dry-run", "--format", "table").out


def test_a_file_that_is_no_database_is_no_crash(empty: Desk) -> None:
    empty.path.write_bytes(b"x" * 5000)
    answer = empty.ask("backup", str(empty.folder / "copy.db"))
    assert answer.code == 78
    assert json.dumps(answer.err)


def test_export_asks_for_a_format_where_the_ending_tells_none(desk: Desk) -> None:
    for name in ("out.xlsx", "out.csv.gz"):
        answer = desk.ask("export", str(desk.folder / name))
        assert answer.code == 2
        assert "--format" in answer.err
        assert not (desk.folder / name).exists()
    assert desk.ask("export", str(desk.folder / "out.gz"), "--format", "csv").code == 0
    assert desk.ask("export", str(desk.folder / "out")).code == 0
