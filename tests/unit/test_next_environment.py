"""settings.js is judged with the environment of the next start, as far as that can be known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from nrguard.model import SettingState, Verdict
from nrguard.observe import Observed, observe
from nrguard.seen import Disk
from nrguard.settingsjs.answer import answer
from nrguard.starting import Start
from nrguard.understanding import Question, Understanding
from nrguard.world import PartSeen
from tests.fake_world import GOOD, SETTINGS, FakeWorld, house

DEPENDS = GOOD.replace(b"uiPort: 18880", b"uiPort: process.env.PORT || 18880")


@dataclass
class Started(FakeWorld):
    """A house whose unit gives the next start an environment."""

    environment: Mapping[str, str] | None = field(default_factory=lambda: {"PORT": "1881"})

    def parts(self, instance: str) -> Mapping[str, PartSeen]:
        start = Start(self.time, environment=self.environment, port=0)
        return {"unit": PartSeen(start, f"nodered.service {SETTINGS}\n[]", self.time)}

    def understand(self, question: Question) -> Understanding:
        return answer(question)


def disk_of(world: FakeWorld) -> Disk:
    observed = observe(world, house().instances[0])
    assert isinstance(observed, Observed)
    assert isinstance(observed.seen.disk, Disk)
    return observed.seen.disk


def test_a_setting_has_the_value_that_the_next_start_gives_it() -> None:
    world = Started(files={SETTINGS: DEPENDS})
    port = disk_of(world).reading.settings["uiPort"]
    assert (port.state, port.value) == (SettingState.KNOWN, "1881")


def test_where_the_environment_is_not_known_the_setting_depends_on_it() -> None:
    world = Started(files={SETTINGS: DEPENDS}, environment=None)
    assert disk_of(world).reading.settings["uiPort"].state is SettingState.DEPENDS


@pytest.mark.parametrize("variable", ["INVOCATION_ID", "PWD", "NODE_RED_HOME"])
def test_a_variable_that_is_made_at_each_start_is_never_taken_for_absent(variable: str) -> None:
    tampered = GOOD.replace(b"adminAuth: {", b"adminAuth: process.env.%s ? null : {" % variable.encode())
    world = Started(files={SETTINGS: tampered})
    world.seal()
    disk = disk_of(world)
    assert disk.reading.settings["adminAuth"].state is SettingState.DEPENDS
    assert disk.comparison is not None
    assert disk.comparison.verdict not in (Verdict.EQUAL, Verdict.CHANGED)
