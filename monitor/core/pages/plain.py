"""Text that comes without markup, as it is pasted or exported: title, body, and what stands between them."""

from __future__ import annotations

import re

from monitor.core.pages.titles import plain
from monitor.core.text import clean, one_line

_TITLE_LIMIT = 300
_LABEL = 30
_PARAGRAPH = 120
_CAPTION = 200
_FILE_NAME = re.compile(
    r"(?:[\w-]+\.)*(?:webp|jpe?g|png|gif|svg|avif|tiff?|bmp|heic)(?:\s+[\w-]{6,})?|(?:img|dsc|image|"
    r"photo)[_\s-]?\d[\w.-]*",
    re.IGNORECASE,
)
_ENDS_SENTENCE = re.compile(r"[.!?…。！？।۔؟][\"'”’»)\]」』]*\Z")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


def extract_text(text: str, title: str | None) -> tuple[str, str, tuple[str, ...]]:
    """Title, body and captions of a plain text.

    Without ``title`` a first line that stands apart is the title. What follows it is no body as long as it is the title
    repeated, a section label of up to three words, the file name of an image, or a caption; captions (lines with ``|``)
    are returned as such. Further on only file names and repetitions of the title are removed. A text of labels alone is
    kept whole.
    """
    lines = [" ".join(line.split()) for line in clean(text).split("\n")]
    while lines and not lines[0]:
        lines.pop(0)
    if title is None and _stands_apart(lines):
        title = lines.pop(0)
    title = one_line(title or "", _TITLE_LIMIT)
    following = [*lines[1:], ""]
    start = next((n for n, line in enumerate(lines) if line and not _is_furniture(line, following[n], title)), 0)
    captions = tuple(line for line in lines[:start] if "|" in line and not _is_junk(line, title))
    body = "\n".join(line for line in lines[start:] if not _is_junk(line, title))
    return title, re.sub(r"\n{3,}", "\n\n", body).strip("\n"), captions


def _stands_apart(lines: list[str]) -> bool:
    """Is the first line a title: no sentence, and followed by a blank line, a label, a paragraph or itself?"""
    if len(lines) < 2 or len(lines[0]) > _TITLE_LIMIT or _ENDS_SENTENCE.search(lines[0]):
        return False
    following = lines[1]
    if following[:1].islower():
        return False
    return not following or len(following) < _LABEL or len(following) > _PARAGRAPH or lines[0] in lines[1:6]


def _is_furniture(line: str, following: str, title: str) -> bool:
    if _is_junk(line, title):
        return True
    if "|" in line and len(line) < _CAPTION:
        return True
    is_label = len(line) < _LABEL and len(line.split()) <= 3 and not _ENDS_SENTENCE.search(line)
    goes_on = following[:1].islower()  # a paragraph broken into lines
    return is_label and not goes_on and not any(c.isdigit() for c in line) and not _WIDE.search(line[8:])


def _is_junk(line: str, title: str) -> bool:
    return bool(line) and (bool(_FILE_NAME.fullmatch(line)) or bool(title and plain(line) == plain(title)))
