"""Where settings put the admin API, the HTTP-in nodes and the static content."""

from __future__ import annotations

import pytest

from nrguard.model import Setting, SettingState, View
from nrguard.probes.roots import Roots, roots


def known(**values: View) -> dict[str, Setting]:
    return {name: Setting(name, SettingState.KNOWN, value) for name, value in values.items()}


@pytest.mark.parametrize(
    ("settings", "want"),
    [
        ({}, Roots("/", "/", ())),
        (known(httpAdminRoot="/admin", httpNodeRoot="api"), Roots("/admin/", "/api/", ())),
        (known(httpRoot="/both", httpNodeRoot="/api"), Roots("/both/", "/api/", ())),
        (known(httpRoot=False, httpNodeRoot="/api"), Roots("/", "", ())),
        (known(httpNodeRoot=False), Roots("/", "", ())),
        (known(httpAdminRoot=False), Roots("/", "/", ())),
        (known(httpAdminRoot=""), Roots("/", "/", ())),
        (known(httpStatic="/home/pi/public"), Roots("/", "/", ("/",))),
        (known(httpStatic="/srv", httpStaticRoot="files"), Roots("/", "/", ("/files/",))),
        (
            known(httpStatic=[{"path": "/a", "root": "/img/"}, {"path": "/b"}], httpStaticRoot="/s"),
            Roots("/", "/", ("/s/img/", "/s/")),
        ),
    ],
)
def test_roots_are_folded_as_node_red_folds_them(settings: dict[str, Setting], want: Roots) -> None:
    assert roots(settings) == want


def test_nodes_under_a_root_that_depends_on_the_environment_are_not_asked_for() -> None:
    assert roots({"httpNodeRoot": Setting("httpNodeRoot", SettingState.DEPENDS, on=("ROOT",))}).nodes == ""


def test_static_content_that_can_not_be_ruled_out_may_be_at_the_root() -> None:
    assert roots({"httpStatic": Setting("httpStatic", SettingState.UNPROVEN)}).static == ("/",)
