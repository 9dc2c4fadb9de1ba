"""The daemon as a process: what wakes it, what ends it, and that a typing mistake never leaves the house unguarded."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from nrguard.cli import main
from nrguard.errors import DONE, FAILED, USAGE
from nrguard.places import Places, wake
from nrguard.session import guard_pid
from tests.fake_world import GOOD

pytestmark = pytest.mark.real
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 20.0  # seconds until a test gives up


@dataclass
class Guarded:
    """A scratch house and the guard that runs for it."""

    folder: Path
    good: bytes
    process: subprocess.Popen[str] | None = None
    log: list[str] = field(default_factory=list)

    @property
    def settings(self) -> Path:
        return self.folder / "home" / "settings.js"

    @property
    def policy(self) -> Path:
        return self.folder / "etc" / "nrguard.yaml"

    @property
    def places(self) -> Places:
        return Places(self.policy, self.folder / "state", self.folder / "run")

    @property
    def options(self) -> list[str]:
        return ["--config", str(self.policy), "--state-dir", str(self.places.state), "--run-dir", str(self.places.run)]

    def start(self, until: str = "guarding") -> None:
        command = [sys.executable, "-m", "nrguard", *self.options, "run"]
        process = self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT)
        threading.Thread(target=self._listen, args=(process,), daemon=True).start()
        self.wait_for(lambda: any(until in line for line in self.log) or process.poll() is not None)

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr is not None
        with process.stderr:
            self.log += process.stderr

    def wait_for(self, condition: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, "".join(self.log)
            time.sleep(0.005)

    def wait_until_good(self) -> None:
        self.wait_for(lambda: self.settings.exists() and b" adminAuth:" in self.settings.read_bytes())

    def end(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """End the guard. Return its exit status and how long it took."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(number)
        return self.process.wait(PATIENCE), time.monotonic() - began


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Guarded]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        good = GOOD.replace(b"18880", b"%d" % free.getsockname()[1])
    house = Guarded(tmp_path, good)
    for folder in (house.settings.parent, house.policy.parent):
        folder.mkdir()
    house.settings.write_bytes(good)
    house.policy.write_text(f"instances:\n  hall:\n    settings: {house.settings}\n    service: none\n")
    assert main([*house.options, "accept", "--yes"]) == DONE
    yield house
    if house.process is not None and house.process.poll() is None:
        house.process.kill()
        house.process.wait()


def weak(house: Guarded) -> bytes:
    return house.good.replace(b"adminAuth", b"xdminAuth")


def test_a_write_a_rename_a_move_and_a_deletion_are_put_right_at_once(house: Guarded) -> None:
    house.start()
    began = time.monotonic()
    house.settings.write_bytes(weak(house))
    house.wait_until_good()
    (house.folder / "new.js").write_bytes(b"module.exports = {}\n")
    os.rename(house.folder / "new.js", house.settings)
    house.wait_until_good()
    os.rename(house.settings, house.folder / "elsewhere.js")
    house.wait_until_good()
    house.settings.unlink()
    house.wait_until_good()
    assert time.monotonic() - began < 15.0  # the content poll alone would take two minutes


def test_a_change_made_while_nobody_guarded_is_put_right_at_the_start(house: Guarded) -> None:
    house.settings.write_bytes(weak(house))
    house.start()
    house.wait_until_good()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_within_two_seconds(house: Guarded, number: int) -> None:
    house.start()
    status, seconds = house.end(number)
    assert status == DONE
    assert seconds < 2.0
    assert guard_pid(house.places) == 0


def test_it_ends_in_time_with_children_in_flight(house: Guarded) -> None:
    """A channel that never answers: the delivering child waits for it."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        house.policy.write_text(
            f"instances:\n  hall:\n    settings: {house.settings}\n    service: none\n"
            f"  attic:\n    settings: {house.folder}/other.js\n    service: none\n"  # not accepted yet: that is told
            f'channels:\n  phone: {{url: "json://127.0.0.1:{silent.getsockname()[1]}/alerts"}}\n'
        )
        house.start()
        silent.settimeout(PATIENCE)
        connection, _ = silent.accept()  # the delivering child is under way
        with connection:
            status, seconds = house.end()
    assert status == DONE
    assert seconds < 2.0


def test_all_its_processes_end_with_it_even_when_it_is_killed(house: Guarded) -> None:
    house.start()
    assert house.process is not None
    pid = house.process.pid
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    assert children
    house.end(signal.SIGKILL)
    house.wait_for(lambda: not any(_runs(child) for child in children))
    house.start()  # and nothing keeps the next one out
    assert house.process.poll() is None


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_the_signal_of_systemd_to_the_whole_group_is_a_clean_end(house: Guarded) -> None:
    house.start()
    assert house.process is not None
    pid = house.process.pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        os.kill(int(child), signal.SIGTERM)
    house.settings.write_bytes(weak(house))
    house.wait_until_good()  # the reader's zygote is still there
    assert house.end()[0] == DONE


def test_only_one_guard_runs_on_a_state(house: Guarded) -> None:
    house.start()
    assert house.process is not None
    second = subprocess.run(
        [sys.executable, "-m", "nrguard", *house.options, "run"],
        stderr=subprocess.PIPE,
        cwd=ROOT,
        text=True,
        check=False,
    )
    assert second.returncode == FAILED
    assert f"process {house.process.pid}" in second.stderr
    assert guard_pid(house.places) == house.process.pid


# -- the policy


def test_a_broken_policy_at_the_first_start_names_every_mistake_and_guards_nothing(house: Guarded) -> None:
    house.policy.write_text("instances:\n  hall:\n    setings: /x\nchanels: {}\n")
    house.start()
    assert house.process is not None
    assert house.process.wait(PATIENCE) == USAGE
    house.wait_for(lambda: any("nrguard.yaml:4:1:" in line for line in house.log))
    assert any("nrguard.yaml:3:5:" in line for line in house.log)


def test_with_a_sealed_policy_a_typing_mistake_guards_on_and_is_told(house: Guarded) -> None:
    house.start()
    house.end()
    good = house.policy.read_text()
    house.policy.write_text(good.replace("settings:", "setings:"))
    house.log.clear()
    house.start()
    house.settings.write_bytes(weak(house))
    house.wait_until_good()
    house.wait_for(lambda: any("critical policy/nrguard.yaml: nrguard.yaml:" in line for line in house.log))
    house.policy.write_text(good)
    house.wait_for(lambda: "all is well" in "".join(house.log[-3:]))


def test_an_edit_of_the_policy_is_taken_up(house: Guarded) -> None:
    house.start()
    other = house.folder / "home" / "other.js"
    other.write_bytes(weak(house))
    before = house.policy.read_text()
    house.policy.write_text(before + f"  attic:\n    settings: {other}\n    service: none\n")
    house.wait_for(lambda: any("attic: " in line for line in house.log))
    new = house.policy.with_suffix(".new")
    new.write_text(before)
    os.rename(new, house.policy)  # as editors do; the attic is not guarded any more
    time.sleep(0.5)
    house.settings.write_bytes(weak(house))
    house.wait_until_good()
    assert house.process is not None
    assert house.process.poll() is None


def test_a_hang_up_reads_the_policy_again(house: Guarded) -> None:
    """Even where its folder was moved away and made anew, again and again."""
    house.start()
    text = house.policy.read_text()
    for round_ in range(2):
        house.policy.parent.rename(house.folder / f"old-{round_}")
        house.policy.parent.mkdir()
        house.policy.write_text(text.replace("hall", f"hall-{round_}"))
        assert house.process is not None
        house.process.send_signal(signal.SIGHUP)
        taken_up = f"hall-{round_}: "
        house.wait_for(partial(_is_in, taken_up, house.log))


def _is_in(text: str, log: list[str]) -> bool:
    return any(text in line for line in log)


def test_an_editor_that_empties_the_policy_first_raises_no_alarm(house: Guarded) -> None:
    house.start()
    text = house.policy.read_text()
    with house.policy.open("w") as file:
        file.flush()
        time.sleep(0.03)
        file.write(text + "# a word\n")
    house.settings.write_bytes(weak(house))
    house.wait_until_good()
    time.sleep(0.3)
    assert not [line for line in house.log if "policy/" in line]


# -- being woken


def test_a_touch_of_the_wake_file_makes_it_look(house: Guarded) -> None:
    """What no event tells of: here a baseline that another process has sealed."""
    house.start()
    house.wait_for(lambda: any("all is well" in line for line in house.log))
    main([*house.options, "accept", "--yes"])  # touches it
    house.places.run.mkdir(exist_ok=True)
    wake(house.places)
    house.settings.write_bytes(weak(house))
    house.wait_until_good()
    assert (house.places.run / "wake").exists()


def test_a_folder_that_is_replaced_again_and_again_is_guarded_again(house: Guarded) -> None:
    house.start()
    for round_ in range(3):
        house.settings.parent.rename(house.folder / f"taken-{round_}")
        house.settings.parent.mkdir()
        house.settings.write_bytes(b"module.exports = {}\n")
        house.wait_until_good()


def test_a_flood_of_events_beside_the_file_loses_nothing(house: Guarded) -> None:
    house.start()
    for number in range(3000):
        (house.settings.parent / f"noise-{number % 20}").write_bytes(b"")
    house.settings.write_bytes(weak(house))
    house.wait_until_good()


def test_an_hour_of_drift_in_seconds_leaves_no_descriptor(house: Guarded) -> None:
    house.start()
    assert house.process is not None

    folder, counts = f"/proc/{house.process.pid}/fd", []
    for round_ in range(30):
        house.settings.write_bytes(weak(house) + b"// %d\n" % round_)
        house.wait_until_good()
        counts.append(len(os.listdir(folder)))
    time.sleep(1.0)
    assert len(os.listdir(folder)) <= min(counts[:5]) + 2  # a child or a look may be under way
