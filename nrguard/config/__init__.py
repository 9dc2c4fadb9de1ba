"""The owner's policy file: bytes to values, or all of its mistakes at once, each with line and column. Pure: no I/O.

The YAML is read from parser events into a small tree of our own (tree.py) rather than loaded: only so can duplicate
keys, aliases and YAML 1.1's surprises be refused by name, and each value keep its place. One walk over that tree
builds the dataclasses of policy.py. cattrs would do the last step, but costs 3.1 MB and 25 ms in a daemon that stays
resident, and loses the places.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from nrguard.config.channels import read_channels, read_intervals
from nrguard.config.heartbeat import read_heartbeat
from nrguard.config.instances import read_instances
from nrguard.config.problems import PolicyError, Problem, Problems
from nrguard.config.rules import default_rules, read_rules
from nrguard.config.scalars import choice
from nrguard.config.section import Section, attempt
from nrguard.config.tree import Node, plant
from nrguard.policy import AllIsWell, Intervals, Policy

__all__ = ["KEYS", "PolicyError", "Problem", "parse_policy"]

KEYS = ("instances", "channels", "heartbeat", "all_is_well", "intervals", "checks")


def parse_policy(data: bytes, name: str = "nrguard.yaml", *, rules: Mapping[str, type]) -> Policy:
    """Return the policy that `data` spells; `rules` maps each check's id to the dataclass of its section.

    Raise `PolicyError` with every problem found, in the order of the file; none of them shows a secret or an URL.
    """
    problems = Problems(name)
    policy = attempt(partial(_policy, rules), plant(data, problems), None, problems)
    if policy is None or problems.found:
        raise problems.error()
    return policy


def _policy(rules: Mapping[str, type], node: Node, problems: Problems) -> Policy:
    root = Section.open(node, KEYS, problems)
    return Policy(
        instances=root.part("instances", read_instances, (), required=True),
        channels=root.part("channels", read_channels, ()),
        heartbeat=root.part("heartbeat", read_heartbeat, None),
        all_is_well=root.read("all_is_well", choice(AllIsWell), AllIsWell.NEVER),
        intervals=root.part("intervals", read_intervals, Intervals()),
        rules=root.part("checks", partial(read_rules, rules), default_rules(rules)),
    )
