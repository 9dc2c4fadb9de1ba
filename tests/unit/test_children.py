"""Child processes under way: read, bounded, ended and reaped, whatever they do."""

from __future__ import annotations

import os
import selectors
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nrguard.children import OUTPUT_LIMIT, Children, Ended

pytestmark = pytest.mark.real
PATIENCE = 20.0  # seconds until a test gives up; each of them takes a small part of one


@pytest.fixture
def selector() -> Iterator[selectors.BaseSelector]:
    with selectors.DefaultSelector() as selector:
        yield selector


@pytest.fixture
def children(selector: selectors.BaseSelector) -> Iterator[Children]:
    children = Children(selector)
    yield children
    children.close()


def python(code: str) -> tuple[str, ...]:
    return sys.executable, "-I", "-S", "-c", code


def wait(selector: selectors.BaseSelector, children: Children, ended: list[Ended], count: int = 1) -> None:
    """Do as the daemon does until `count` children have ended."""
    give_up = time.monotonic() + PATIENCE
    while len(ended) < count:
        assert time.monotonic() < give_up, "a child was never told of"
        deadline = children.next_deadline()
        assert deadline is not None, "nothing runs any more, and nothing was told"
        selector.select(max(0.0, min(deadline - time.monotonic(), 1.0)))
        children.poll()


def open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def zombies() -> list[str]:
    """Return our own children that have ended and were not reaped."""
    ours = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [pid for pid in ours if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"]


def test_what_a_child_prints_and_its_status_are_told_once(selector: selectors.BaseSelector, children: Children) -> None:
    ended: list[Ended] = []
    children.start(python("import sys; print('hello'); sys.exit(7)"), limit=PATIENCE, done=ended.append)
    wait(selector, children, ended)
    children.poll()
    assert ended == [Ended(7, b"hello\n")]


def test_a_child_reads_what_it_is_given_and_then_the_end(selector: selectors.BaseSelector, children: Children) -> None:
    ended: list[Ended] = []
    given = b"x" * 300_000  # more than a pipe holds
    children.start(
        python("import sys; print(len(sys.stdin.buffer.read()))"), limit=PATIENCE, done=ended.append, stdin=given
    )
    wait(selector, children, ended)
    assert ended[0].output == b"300000\n"


def test_standard_error_is_part_of_the_output_where_it_was_asked_for(
    selector: selectors.BaseSelector, children: Children
) -> None:
    ended: list[Ended] = []
    children.start(
        python("import os; os.write(2, b'unit is masked\\n')"), limit=PATIENCE, done=ended.append, merge_errors=True
    )
    wait(selector, children, ended)
    assert ended[0].output == b"unit is masked\n"


def test_a_child_gets_just_the_environment_that_it_is_given(
    selector: selectors.BaseSelector, children: Children
) -> None:
    ended: list[Ended] = []
    children.start(
        python("import os; print(sorted(os.environ))"), limit=PATIENCE, done=ended.append, environment={"A": "1"}
    )
    wait(selector, children, ended)
    assert b"'A'" in ended[0].output
    assert b"PATH" not in ended[0].output


def test_a_program_that_is_not_there_is_told_at_once(children: Children) -> None:
    ended: list[Ended] = []
    children.start(("/nowhere/at-all",), limit=PATIENCE, done=ended.append)
    assert ended == [Ended(None, b"", "/nowhere/at-all: No such file or directory")]
    assert children.next_deadline() is None


def test_a_file_that_is_no_program_is_told_at_once(children: Children, tmp_path: Path) -> None:
    ended: list[Ended] = []
    (tmp_path / "text").write_text("hello")
    children.start((str(tmp_path / "text"),), limit=PATIENCE, done=ended.append)
    assert ended[0].status is None
    assert "Permission denied" in ended[0].problem


def test_a_child_whose_time_is_over_is_killed_with_all_that_it_started(
    selector: selectors.BaseSelector, children: Children
) -> None:
    ended: list[Ended] = []
    code = "import os, time\npid = os.fork()\nif pid: print(pid, flush=True)\ntime.sleep(60)"
    children.start(python(code), limit=0.5, done=ended.append)
    wait(selector, children, ended)
    assert ended[0].status == -signal.SIGKILL
    assert ended[0].problem == "its time was over"
    assert _is_gone(int(ended[0].output))


def _is_gone(pid: int) -> bool:
    """Tell whether a process has ended within a second; a zombie that init will reap counts as ended."""
    end = time.monotonic() + 1.0
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.01)
    return False


def test_a_grandchild_that_keeps_the_output_open_does_not_keep_the_child_alive(
    selector: selectors.BaseSelector, children: Children
) -> None:
    ended: list[Ended] = []
    code = "import os, time\nprint('started', flush=True)\nif os.fork() == 0:\n os.setsid(); time.sleep(3)"
    began = time.monotonic()
    children.start(python(code), limit=PATIENCE, done=ended.append)
    wait(selector, children, ended)
    assert (ended[0].status, ended[0].output) == (0, b"started\n")
    assert time.monotonic() - began < 2.5


def test_a_child_that_closes_its_output_and_goes_on_is_awaited(
    selector: selectors.BaseSelector, children: Children
) -> None:
    ended: list[Ended] = []
    code = "import os, time\nos.write(1, b'early'); os.close(1); time.sleep(0.3); os._exit(3)"
    children.start(python(code), limit=PATIENCE, done=ended.append)
    wait(selector, children, ended)
    assert ended == [Ended(3, b"early")]


def test_output_past_the_limit_is_dropped(selector: selectors.BaseSelector, children: Children) -> None:
    ended: list[Ended] = []
    code = f"import sys\nfor _ in range({OUTPUT_LIMIT // 65536 + 9}): sys.stdout.write('y' * 65536)"
    children.start(python(code), limit=PATIENCE, done=ended.append)
    wait(selector, children, ended)
    assert (ended[0].status, len(ended[0].output)) == (0, OUTPUT_LIMIT)


def test_a_child_that_floods_its_output_holds_nobody_up_and_is_ended(
    selector: selectors.BaseSelector, children: Children
) -> None:
    ended: list[Ended] = []
    children.start(python("import os\nwhile True: os.write(1, b'y' * 65536)"), limit=1.0, done=ended.append)
    began = time.monotonic()
    wait(selector, children, ended)
    assert ended[0].problem == "its time was over"
    assert time.monotonic() - began < 5.0


def test_one_hundred_children_leave_no_descriptor_and_no_zombie(
    selector: selectors.BaseSelector, children: Children
) -> None:
    ended: list[Ended] = []
    before = open_descriptors()
    for round_ in range(10):
        for _ in range(10):
            children.start(("/bin/true",), limit=PATIENCE, done=ended.append)
        wait(selector, children, ended, count=10 * (round_ + 1))
    assert open_descriptors() == before
    assert len(selector.get_map()) == 0
    assert zombies() == []


def test_what_is_told_of_one_child_may_start_the_next(selector: selectors.BaseSelector, children: Children) -> None:
    ended: list[Ended] = []

    def again(first: Ended) -> None:
        ended.append(first)
        children.start(("/bin/true",), limit=PATIENCE, done=ended.append)

    children.start(("/bin/false",), limit=PATIENCE, done=again)
    wait(selector, children, ended, count=2)
    assert [one.status for one in ended] == [1, 0]


def test_closing_ends_all_children_within_a_second_and_tells_nobody(selector: selectors.BaseSelector) -> None:
    ended: list[Ended] = []
    children = Children(selector)
    before = open_descriptors()
    for _ in range(3):
        code = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
        children.start(python(code), limit=PATIENCE, done=ended.append)
    began = time.monotonic()
    children.close()
    assert time.monotonic() - began < 1.0
    assert (ended, children.next_deadline(), open_descriptors()) == ([], None, before)


def test_a_child_that_may_not_be_killed_does_not_stop_the_guard(
    selector: selectors.BaseSelector, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[Ended] = []
    children = Children(selector)
    children.start(python("import time; time.sleep(2.5)"), limit=0.1, done=ended.append)

    def refused(group: int, number: int) -> None:
        raise PermissionError(1, "Operation not permitted")  # what the kernel says of a child that is sudo

    monkeypatch.setattr(os, "killpg", refused)
    time.sleep(0.2)
    children.poll()
    deadline = children.next_deadline()
    assert deadline is not None
    assert deadline > time.monotonic()  # or the daemon would spin until the child ends
    wait(selector, children, ended)
    assert ended[0].problem == "its time was over"
