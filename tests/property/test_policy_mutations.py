"""Whatever stands in a policy file, reading it gives a policy or a list of problems, soon, and shows no secret."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from nrguard.checks import all_checks
from nrguard.config import PolicyError, parse_policy
from nrguard.policy import Policy

RULES = {check.id: check.rule for check in all_checks().values()}
SAMPLE = (Path(__file__).parents[2] / "config" / "nrguard.yaml").read_bytes()
FULL = re.sub(rb"^( *)#(?=\w)", rb"\1", SAMPLE, flags=re.MULTILINE)  # every default spelled out
WORDS = re.findall(rb"[\w./-]+|[\[\]{}:,#\"'&*!|>%@-]|\n *", FULL)
HOSTILE = [
    b"yes", b"0755", b"12:30", b"1e999", b"9" * 400, b"~", b"null", b"=", b".inf",
    b"&a ", b"*a", b"!!python/object:os.system ", b"<<: ", b"---\n", b"...\n", b"%YAML 9.9\n",
    b"\t", b"\r", b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xe2\x80\xae", b'"\\UFFFFFFFF"', b'"\\ud800"',
    b"? ", b"- ", b": ", b"[" * 40, b"{a: " * 40, b"{}", b"[]", b"|\n ", b">-\n ", b"'", b'"', b"#",
]  # fmt: skip
SECRET = "s3cr3t"

pieces = st.one_of(st.sampled_from(WORDS), st.sampled_from(HOSTILE), st.binary(max_size=6))
mutations = st.lists(st.tuples(st.integers(0, len(FULL)), st.integers(0, 30), pieces), min_size=1, max_size=6)


def mutate(edits: list[tuple[int, int, bytes]]) -> bytes:
    """Return the full sample with bytes at some places removed and others put in."""
    data = FULL
    for start, removed, put in sorted(edits, reverse=True):
        data = data[:start] + put + data[start + removed :]
    return data


def read(data: bytes) -> Policy | PolicyError:
    """Return what reading gives; anything but a policy or its problems is raised and fails the test."""
    try:
        return parse_policy(data, rules=RULES)
    except PolicyError as error:
        refused = error
    assert refused.problems
    for problem in refused.problems:
        assert re.fullmatch(r"nrguard\.yaml:[1-9]\d*:[1-9]\d*: .+", str(problem))
        assert str(problem).isprintable()
    return refused


@given(mutations)
def test_a_mutated_sample_gives_a_policy_or_problems(edits: list[tuple[int, int, bytes]]) -> None:
    read(mutate(edits))


@given(mutations)
@example([(0, 0, b'a: "\\UFFFFFFFF"\n')])
@example([(0, 0, b"%YAML " + b"1" * 5000 + b".1\n---\n")])
def test_the_pure_loader_raises_nothing_else_either(edits: list[tuple[int, int, bytes]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nrguard.config.tree._LOADER", yaml.SafeLoader)
        read(mutate(edits))


@given(st.lists(pieces, max_size=40).map(b"".join))
def test_random_pieces_give_a_policy_or_problems(data: bytes) -> None:
    read(data)


@given(st.binary(max_size=200))
def test_random_bytes_give_a_policy_or_problems(data: bytes) -> None:
    read(data)


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["generate", "none", "30s", "/a"]),
)
keys = st.sampled_from([*sorted(set(re.findall(r"\w+(?=:)", FULL.decode()))), "main", "x"])
trees = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4), max_leaves=20
)


@given(st.dictionaries(st.sampled_from(["instances", "channels", "intervals", "checks"]), trees))
def test_known_keys_in_the_wrong_places_give_a_policy_or_problems(tree: dict[str, object]) -> None:
    read(yaml.safe_dump(tree, allow_unicode=True).encode("utf-8", "surrogatepass"))


secrets = st.text(st.sampled_from("abXY01$./:@ -{}[]'\"#&*!%"), max_size=10).map(lambda text: f"{text}{SECRET}{text}")


@given(
    secrets,
    st.sampled_from(
        [
            "instances: {m: {settings: /s, want: {adminAuth: [{username: a, password: %s}]}}}",
            "instances: {m: {settings: /s, want: {adminAuth: [{username: a, %s}]}}}",
            "instances: {m: {settings: /s, want: {httpNodeAuth: {user: a, pass: %s}}}}",
            "instances: {m: {settings: /s, want: {httpNodeAuth: %s}}}",
            "instances: {m: {settings: /s, environment: {TOKEN: %s}}}",
            "instances: {m: {settings: /s}}\nchannels: {phone: {url: %s}}",
            "instances: {m: {settings: /s}}\nchannels: {phone: %s}",
            "instances: {m: {settings: /s}}\nchannels: {phone: {%s}}",
            "instances: {m: {settings: /s}}\nchannels: {phone: {url_env: %s}}",
        ]
    ),
    st.sampled_from(["%s", '"%s"', "'%s'", "https://host/%s"]),
)
def test_no_message_shows_a_password_a_url_or_a_variable(secret: str, policy: str, quoted: str) -> None:
    outcome = read((policy % (quoted % secret)).encode())
    if isinstance(outcome, PolicyError):
        assert SECRET not in outcome.message
