"""What the validator of the settings finds, in words: what is wrong, and what would be right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel

from monitor.config.settings import Secret, Settings

Path = tuple[str | int, ...]

_EXAMPLES = {
    "url": '"https://example.org/feed.xml"',
    "name": '"example"',
    "query": '"strike* AND port"',
    "type": '"email"',
    "host": '"mail.example.org"',
    "sender": '"monitor@example.org"',
    "recipients": '["desk@example.org"]',
    "argv": '["/usr/local/bin/tell", "--now"]',
    "file": '"smtp-password"',
}
_ROWS = ("feeds", "rules")


def written(error: Mapping[str, Any], data: Mapping[str, Any]) -> Path:
    """The part of the validator's location that stands in the file, or is missing: tags of unions are left out."""
    here: Any = data
    path: list[str | int] = []
    location = error["loc"]
    for index, part in enumerate(location):
        last = error["type"] == "missing" and index == len(location) - 1
        if isinstance(here, list) and isinstance(part, int) and part < len(here):
            here = here[part]
        elif isinstance(here, dict) and (part in here or last):
            here = here.get(part)
        else:
            continue
        path.append(part)
    return tuple(path)


def named(path: Path, data: Mapping[str, Any]) -> str:
    """``path`` for people: an entry of a list by its name, where it has one."""
    here: Any = data
    words: list[str] = []
    for part in path:
        if part == "own" and words == ["topics"]:
            here = here[part] if isinstance(here, dict) else None
            continue
        known = isinstance(here, list | dict) and (part in here or (isinstance(part, int) and part < len(here)))
        here = here[part] if known else None
        name = here.get("name") if isinstance(part, int) and isinstance(here, dict) else None
        words.append(name if isinstance(name, str) and name else str(part + 1) if isinstance(part, int) else part)
    return ".".join(words)


def near(word: str, known: Iterable[str]) -> str:
    """``; did you mean 'x'?``, else what there is, else nothing."""
    known = list(known)
    import difflib  # a configuration is usually right

    found = difflib.get_close_matches(word, known, 1)
    if found:
        return f"; did you mean {found[0]!r}?"
    return f"; known: {', '.join(known)}" if known else "; known: none"


def fault_of(error: Mapping[str, Any], data: Mapping[str, Any]) -> tuple[Path, str]:
    """Where one finding of the validator stands, and what to say of it."""
    path = written(error, data)
    shown = named(path, data)
    if error["type"] == "extra_forbidden":
        return path, f"unknown key {shown!r}{near(str(path[-1]), _known_keys(path[:-1], _at(path[:-1], data)))}"
    if error["type"] in ("missing", "union_tag_not_found"):
        where, key = (path[:-1], str(path[-1])) if error["type"] == "missing" else (path, "type")
        example = f"; write for example {key} = {_EXAMPLES[key]}" if key in _EXAMPLES else ""
        return where, f"{named(where, data)}: {key!r} is missing{example}"
    if error["type"] == "union_tag_invalid":
        known = [one.strip(" '") for one in error["ctx"]["expected_tags"].split(",")]
        return (*path, "type"), f"{shown}.type: there is no {error['ctx']['tag']!r}{near(error['ctx']['tag'], known)}"
    return path, f"{shown}: {_said(error, path)}"


def _said(error: Mapping[str, Any], path: Path) -> str:
    given, context, kind = error["input"], error.get("ctx", {}), error["type"]
    match kind:
        case "value_error":
            return str(context["error"])
        case "string_type":
            return f'{_short(given)} is no text; write it in quotation marks: "…"'
        case "tuple_type" | "list_type" if len(path) == 1 and path[0] in _ROWS:
            return f"each stands in a table of its own: write [[{path[0]}]], with two brackets"
        case "tuple_type" | "list_type":
            inside = _quoted(given) if isinstance(given, str | int | float) else "…"
            return f"{_short(given)} is no list; write [{inside}]"
        case "dict_type" | "model_type" | "model_attributes_type":
            return _no_table(given, path)
        case "bool_type" | "bool_parsing":
            return f"{_short(given)} is neither true nor false"
        case "literal_error":
            known = [value for field in _fields(path) for value in _literals(field.annotation)]
            return f"there is no {_short(given)}" + near(str(given), known)
        case "too_short":
            return "it is empty; write at least one"
        case "string_too_short":
            return "it is empty"
        case "greater_than" | "greater_than_equal" | "less_than" | "less_than_equal":
            return f"{_short(given)} is out of bounds: {_bounds(path)}"
    if kind.startswith("int"):
        return f"{_short(given)} is no whole number"
    if kind.startswith(("float", "finite")):
        return f"{_short(given)} is no number"
    return f"{_short(given)} is not what is expected here"


def _no_table(given: Any, path: Path) -> str:
    """What to write where a table is expected."""
    name = str(path[0])
    if any(field.annotation and Secret in {field.annotation, *_models(field.annotation)} for field in _fields(path)):
        return f'a secret is never written here but named: {path[-1]} = {{ file = "NAME" }}'
    if len(path) > 1:
        table = f"[[{name}]]" if name in _ROWS else f"[{'.'.join(map(str, path))}]"
        return f"a table is expected; write {table} and its keys below it"
    if name in ("channels", "groups"):
        return f"each has a table of its own with its name: write [{name}.NAME]"
    if isinstance(given, list):
        return f"it stands once: write [{name}], with one bracket"
    return f"a table is expected; write [{name}] and its keys below it"


def _short(given: Any) -> str:
    told = "true" if given is True else "false" if given is False else repr(given)
    return told if len(told) <= 60 else told[:59] + "…"


def _quoted(given: str | float) -> str:
    return f'"{given}"' if isinstance(given, str) else str(given)


def _bounds(path: Path) -> str:
    words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    told = [
        f"{word} {getattr(bound, key):g}"
        for field in _fields(path)
        for bound in field.metadata
        for key, word in words.items()
        if hasattr(bound, key)
    ]
    return " and ".join(dict.fromkeys(told))


def _literals(annotation: Any) -> Iterator[str]:
    for inner in get_args(annotation):
        if isinstance(inner, str):
            yield inner
        else:
            yield from _literals(inner)


def _known_keys(path: Path, table: Any) -> list[str]:
    """The keys that may stand in ``table``, which is at ``path``; of a channel those of its type."""
    keys: dict[str, None] = {}
    for kind in _kinds(path):
        tag = kind.model_fields.get("type")
        if tag is None or not isinstance(table, dict) or table.get("type") in {*_literals(tag.annotation)}:
            keys |= dict.fromkeys(kind.model_fields)
    return [key for key in keys if key != "path"]


def _at(path: Path, data: Any) -> Any:
    for part in path:
        data = data[part]
    return data


def _fields(path: Path) -> list[Any]:
    """What is known of the key at ``path``, in each kind of table that may stand around it."""
    keys = [part for part in path if isinstance(part, str)]
    if not keys:
        return []
    around = path[: len(path) - 1 - path[::-1].index(keys[-1])]
    return [kind.model_fields[keys[-1]] for kind in _kinds(around) if keys[-1] in kind.model_fields]


def _kinds(path: Path) -> list[type[BaseModel]]:
    """The tables that may stand at ``path``."""
    kinds: list[type[BaseModel]] = [Settings]
    for part in path:
        if isinstance(part, str):
            inner = [
                table
                for kind in kinds
                for table in (_models(kind.model_fields[part].annotation) if part in kind.model_fields else [kind])
            ]
            kinds = list(inner)
    return kinds


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)
