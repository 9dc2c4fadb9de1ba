"""Writes what the checks say about themselves into the sample policy and its reference; `--check` only compares.

Run `python scripts/policy_docs.py` after adding or changing a check.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields
from enum import Enum
from pathlib import Path
from typing import get_args, get_origin, get_type_hints

from nrguard import config
from nrguard.checks import Check, all_checks
from nrguard.config import channels, instances, want

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "config" / "nrguard.yaml"
REFERENCE = ROOT / "docs" / "policy.md"
SAMPLE_MARK = "# -- generated from nrguard/checks by scripts/policy_docs.py; do not edit below --\n"
REFERENCE_MARK = "<!-- generated from nrguard/checks by scripts/policy_docs.py; do not edit below -->\n"


def every_key(rules: Mapping[str, type]) -> Iterator[str]:
    """Yield each key that a policy may have, as a dotted path; NAME stands for a name of the owner's."""
    for prefix, keys in (
        ("", config.KEYS),
        ("instances.NAME.", instances.KEYS),
        ("instances.NAME.service.", instances.SERVICE_KEYS),
        ("instances.NAME.service.command.", instances.COMMAND_KEYS),
        ("instances.NAME.want.", want.KEYS),
        ("instances.NAME.want.adminAuth.", want.USER_KEYS),
        ("instances.NAME.want.httpNodeAuth.", want.LOGIN_KEYS),
        ("instances.NAME.want.httpStaticAuth.", want.LOGIN_KEYS),
        ("instances.NAME.want.https.", want.TLS_KEYS),
        ("channels.NAME.", channels.KEYS),
        ("intervals.", channels.INTERVAL_KEYS),
        ("checks.", tuple(rules)),
    ):
        yield from (prefix + key for key in keys)
    for id_, rule in rules.items():
        yield from (f"checks.{id_}.{field.name}" for field in fields(rule))


def sample_sections(checks: Mapping[str, Check]) -> str:
    """Return the `checks` section of the sample: every rule with its defaults, commented out."""
    lines = ["checks:"]
    for check in checks.values():
        rule = ", ".join(f"{field.name}: {_default(field)}" for field in fields(check.rule))
        lines += ["", *_wrapped(check.title, "  # "), f"  #{check.id}: {{{rule}}}"]
    return "\n".join(lines) + "\n"


def reference_sections(checks: Mapping[str, Check]) -> str:
    """Return the reference of the `checks` section: a heading and a table of keys for each check."""
    lines = ["", "### `checks`", "", "| key | finds |", "|---|---|"]
    lines += [f"| `{check.id}` | {check.title} |" for check in checks.values()]
    for check in checks.values():
        lines += ["", f"### `checks.{check.id}`", "", check.title]
        lines += ["", check.explanation] if check.explanation else []
        types = get_type_hints(check.rule)
        lines += ["", "| key | value | default |", "|---|---|---|"]
        lines += [f"| `{it.name}` | {_accepted(types[it.name])} | `{_default(it)}` |" for it in fields(check.rule)]
    return "\n".join(_dedented(lines)) + "\n"


def _accepted(annotation: object) -> str:
    """Return what a policy may say for a field of this type."""
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return ", ".join(f"`{member}`" for member in annotation)
    if get_origin(annotation) is tuple:
        return f"a list: {_accepted(get_args(annotation)[0])}"
    if get_args(annotation):
        return f"{_accepted(get_args(annotation)[0])}, or `null`"
    spelled: Mapping[object, str] = {
        bool: "`true`, `false`",
        int: "a whole number",
        float: "a duration or a number",
        str: "text",
    }
    return spelled[annotation]


def _dedented(lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield "\n".join(part.strip() for part in line.split("\n"))


def _default(field: Field[object]) -> str:
    value = field.default if field.default is not MISSING else None
    if callable(field.default_factory):
        value = field.default_factory()
    return _spelled(value)


def _spelled(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case Enum():
            return str(value)
        case tuple():
            return f"[{', '.join(map(_spelled, value))}]"
        case float():
            return f"{value:g}"
        case None:
            return "null"
        case int():
            return str(value)
    return f'"{value}"'


def _wrapped(text: str, prefix: str, width: int = 80) -> Iterator[str]:
    line = prefix
    for word in text.split():
        if len(line) + len(word) > width and line != prefix:
            yield line.rstrip()
            line = prefix
        line += f"{word} "
    yield line.rstrip()


def renewed(path: Path, mark: str, sections: str) -> str:
    """Return the file's text with everything below `mark` replaced. Raise `ValueError` if the mark is gone."""
    kept, found, _ = path.read_text(encoding="utf-8").partition(mark)
    if not found:
        raise ValueError(f"{path.name}: the line `{mark.strip()}` is missing")
    return kept + found + sections


def main(arguments: list[str]) -> int:
    """Write both files, or with `--check` only say which is stale."""
    checks = all_checks()
    stale = 0
    for path, mark, sections in (
        (SAMPLE, SAMPLE_MARK, sample_sections(checks)),
        (REFERENCE, REFERENCE_MARK, reference_sections(checks)),
    ):
        text = renewed(path, mark, sections)
        if text == path.read_text(encoding="utf-8"):
            continue
        stale += 1
        print(f"{path.relative_to(ROOT)}: {'stale' if '--check' in arguments else 'written'}")
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
