"""The commands without a database, as processes: an answer to every line, in its place, whatever the line is."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

START = "from monitor.cli import main; main()"
TEXT = "The interior ministry said on Tuesday that 84 people were flown to Tashkent aboard a charter plane. " * 3
ANALYSED = {"id", "title", "text", "published", "authors", "site", "lang", "topics", "countries", "people", "quotes", "error"}  # fmt: skip


def start(folder: Path, *args: str) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", START, *args], stdin=pipe, stdout=pipe, stderr=pipe, cwd=folder)


def lines(folder: Path, command: str, given: bytes, *, said: bytes = b"") -> list[dict[str, Any]]:
    process = start(folder, command)
    out, err = process.communicate(given, timeout=120)
    assert (process.returncode, err) == (0, said)
    return [json.loads(line) for line in out.splitlines()]


def line(**record: Any) -> bytes:
    return json.dumps(record).encode() + b"\n"


def test_analyze_answers_every_line_in_its_place_and_in_one_form(tmp_path: Path) -> None:
    (tmp_path / "cut.txt.gz").write_bytes(gzip.compress(TEXT.encode())[:-12])
    (tmp_path / "whole.txt.gz").write_bytes(gzip.compress(TEXT.encode()))
    answers = lines(
        tmp_path,
        "analyze",
        b"\xef\xbb\xbf" + line(id="1", text="Moscow deported two diplomats.", published="2026-01-02")
        + b"no object\n\n" + b"[" * 50_000 + b"\n"
        + line(text="no id")
        + line(id="2", text="x", url=5)
        + line(id="3", text="x", title=["y"])
        + line(id="4", path="cut.txt.gz")
        + line(id="5", path="whole.txt.gz")
        + line(id="6", path="missing.txt")
        + line(id="7")
        + line(id="8", text="café").replace(b"\\u00e9", b"\xe9")
        + line(id="9", text="Moscow deported two diplomats.", published="the day before")
        + line(id="10", text="Moscow deported two diplomats.", published=""),
        said=b"9: published is no time: 'the day before'; the text was read without it\n",
    )  # fmt: skip
    assert [each["id"] for each in answers] == ["1", None, None, None, "2", "3", "4", "5", "6", "7", None, "9", "10"]
    assert all(each.keys() >= ANALYSED for each in answers)
    told = [each["error"] or "" for each in answers]
    assert [number for number, each in enumerate(told) if not each] == [0, 7, 11, 12]
    assert "line 2 is not JSON" in told[1]
    assert "line 4 is not JSON" in told[2]
    assert told[4:6] == ["url is no text", "title is no text"]
    assert told[6].startswith("gzip: ")
    assert told[9] == "needs exactly one of path, html and text"
    assert answers[11]["topics"] == answers[0]["topics"]
    assert answers[0]["published"] == "2026-01-02T00:00:00Z"
    assert answers[7]["text"].startswith("The interior ministry")


def test_analyze_answers_a_line_before_the_next_one_comes(tmp_path: Path) -> None:
    process = start(tmp_path, "analyze", "--jobs", "1")
    assert process.stdin
    assert process.stdout
    for number in ("1", "2"):
        process.stdin.write(line(id=number, text="Moscow deported two diplomats."))
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == number
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, b"", b"")


def test_analyze_ends_quietly_when_its_answers_are_read_no_more(tmp_path: Path) -> None:
    process = start(tmp_path, "analyze")
    assert process.stdin
    assert process.stdout
    assert process.stderr
    process.stdin.write(line(id="1", text="x"))
    process.stdin.flush()
    process.stdout.readline()
    process.stdout.close()
    process.stdin.write(line(id="2", text="x"))
    process.stdin.flush()  # and is not closed: the program ends all the same
    assert process.wait(timeout=60) == 0
    assert process.stderr.read() == b""
    process.stdin.close()


@pytest.mark.parametrize("command", ["analyze", "compare", "cluster"])
def test_a_closed_standard_input_is_an_empty_one(tmp_path: Path, command: str) -> None:
    closed = f"import os, sys; os.close(0); os.execv(sys.executable, [sys.executable, '-c', {START!r}, {command!r}])"
    ended = subprocess.run([sys.executable, "-c", closed], capture_output=True, cwd=tmp_path, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")


def test_compare_answers_every_line_in_its_place(tmp_path: Path) -> None:
    document = {"title": "A", "text": TEXT, "published": None, "site": None, "url": None}
    answers = lines(
        tmp_path,
        "compare",
        line(id="1", a=document, b=document | {"title": "B"})
        + line(id="2", a=document)
        + line(id="3", a="x", b=document)
        + line(id="4", a=document, b={"text": 5})
        + b"no object\n"
        + line(id="5", a=document, b={"title": "Tariffs", "text": "Steel."}),
    )
    assert [(each["id"], each["verdict"]) for each in answers] == [
        ("1", "duplicate"), ("2", None), ("3", None), ("4", None), (None, None), ("5", "different"),
    ]  # fmt: skip
    assert [each.get("error") for each in answers[1:4]] == ["b is no document", "a is no document", "text is no text"]
    assert all(each.keys() >= {"id", "verdict", "similarity", "why"} for each in answers)


def test_cluster_answers_every_line_in_its_place(tmp_path: Path) -> None:
    answers = lines(
        tmp_path,
        "cluster",
        line(id="a", title="A", text=TEXT)
        + line(id="b", title="B", text=["x"])
        + b"no object\n"
        + line(id="c", title="C", text=TEXT + "\ud800")
        + line(id="d"),
    )
    assert [(each["id"], each["duplicate_of"], each["story"]) for each in answers] == [
        ("a", None, "a"), ("b", None, None), (None, None, None), ("c", "a", "a"), ("d", None, "d"),
    ]  # fmt: skip
    assert answers[1]["error"] == "text is no text"


@pytest.mark.parametrize("body", [b"<html></html>", b"", b"\x1f\x8bxx", gzip.compress(b"<rss/>" * 99, mtime=0)[:-9]])
def test_what_is_no_feed_is_told_in_the_form_of_one(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "feed").write_bytes(body)
    process = start(tmp_path, "parse-feed", "feed")
    out, err = process.communicate(timeout=60)
    answer = json.loads(out)
    assert (process.returncode, err) == (0, b"")
    assert {key: answer[key] for key in ("title", "link", "entries")} == {"title": None, "link": None, "entries": []}
    assert answer["error"]
