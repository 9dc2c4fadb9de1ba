"""What most commands start from: the places, the policy, the instance that is meant."""

from __future__ import annotations

import argparse
import os

from nrguard.errors import NrguardError
from nrguard.places import Places, places
from nrguard.policy import Instance, Policy
from nrguard.policyfile import parse, read


def places_of(args: argparse.Namespace) -> Places:
    """Return the places that the command line names, or the usual ones."""
    config, state, run = (getattr(args, name, None) for name in ("config", "state_dir", "run_dir"))
    return places(config, state, run, os.environ, root=os.geteuid() == 0)


def load_policy(args: argparse.Namespace) -> Policy:
    """Return the policy on disk. Raise NrguardError where it is missing, or with every mistake in it."""
    path = places_of(args).config
    return parse(read(path), path.name)


def add_instance(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("--instance", metavar="NAME", help=what)


def instances(policy: Policy, name: str | None) -> tuple[Instance, ...]:
    """Return the named instance, or all. Raise NrguardError where there is none of that name."""
    chosen = tuple(instance for instance in policy.instances if name in (None, instance.name))
    if not chosen:
        raise NrguardError(f"no instance is named {name!r}", f"the policy has: {_names(policy)}")
    return chosen


def the_instance(policy: Policy, name: str | None) -> Instance:
    """Return the one that is meant. Raise NrguardError where that would be a guess."""
    chosen = instances(policy, name)
    if len(chosen) > 1:
        raise NrguardError("several instances: say which", f"--instance with one of: {_names(policy)}")
    return chosen[0]


def _names(policy: Policy) -> str:
    return ", ".join(instance.name for instance in policy.instances)
