"""`nrguard accept`: seal settings.js as it stands; what the guard puts back from then on."""

from __future__ import annotations

import argparse
import sys
import textwrap

from nrguard.applying import Change, ask, remember, write
from nrguard.commands.context import add_instance, load_policy, places_of, the_instance
from nrguard.commands.show import WIDTH
from nrguard.errors import DONE, FAILED, Failed
from nrguard.escape import one_line
from nrguard.model import Difference, FileState, Verdict
from nrguard.places import wake
from nrguard.policy import Instance
from nrguard.session import Session, session
from nrguard.understanding import Question, Understanding
from nrguard.world import Content

LOOKS = 5.0  # seconds for what is remembered beside the settings


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `accept` to the command line."""
    parser = subparsers.add_parser(
        "accept",
        help="seal settings.js as it stands: your own change stays",
        description=(
            "Show how settings.js differs from what was accepted before, and seal it as the new baseline. What gets "
            "weaker is asked about a second time. Earlier generations are kept."
        ),
        epilog="exit status: 0 sealed, 1 not sealed, 2 usage or policy",
    )
    add_instance(parser, "the instance to accept (must be named where there are several)")
    parser.add_argument("--yes", action="store_true", help="do not ask; refused where something gets weaker")
    parser.add_argument("--weaker", action="store_true", help="with --yes: also accept what gets weaker")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Seal one instance's settings.js. Raise Failed where it can't be read."""
    policy = load_policy(args)
    instance = the_instance(policy, args.instance)
    with session(places_of(args), policy, readonly=False) as here:
        change, understood = _standing(here, instance)
        for line in _differences(understood):
            print(line)
        if not _confirmed(args, understood):
            print("not sealed: nothing was changed", file=sys.stderr)
            return FAILED
        baseline = write(here, instance, change, "accept")
        remember(here, instance, here.settle(instance.name, may_act=False, limit=LOOKS))
        wake(places_of(args))
    print(textwrap.fill(f"{instance.settings}: sealed as generation {baseline.generation}", WIDTH))
    return DONE


def _standing(here: Session, instance: Instance) -> tuple[Change, Understanding]:
    look = here.world.look(instance.settings)
    if not isinstance(look, Content):
        raise Failed(f"{instance.settings}: {getattr(look, 'what', 'there is no such file')}", "nothing to accept")
    sealed = here.store.baseline(instance.name)
    question = Question(look.data, sealed.whole if sealed else None, instance.protect, instance.environment)
    understood = ask(here, question)
    if understood.reading.state is FileState.BROKEN:
        reason = understood.reading.reasons[0]
        raise Failed(
            f"{instance.settings}:{reason.line}:{reason.column}: {reason.why}", "Node-RED does not start with it"
        )
    return Change(look, look.data, (), understood.reading, ()), understood


def _differences(understood: Understanding) -> list[str]:
    comparison = understood.comparison
    if comparison is None:
        return ["nothing was accepted before; this is what will be guarded"]
    if not comparison.differences:
        return ["no difference in any setting that nrguard knows"]
    return [_line(difference) for difference in comparison.differences]


def _line(difference: Difference) -> str:
    where = f" (line {difference.line})" if difference.line else ""
    text = f"{difference.setting}: {one_line(difference.want)} -> {one_line(difference.saw)}{where}"
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


def _confirmed(args: argparse.Namespace, understood: Understanding) -> bool:
    weaker = understood.comparison is not None and understood.comparison.verdict in (Verdict.WEAKENED, Verdict.UNPROVEN)
    unproven = understood.reading.state is FileState.UNPROVEN
    if args.yes:
        return args.weaker or not (weaker or unproven)
    if not sys.stdin.isatty():
        raise Failed("accepting needs a yes", "run it on a terminal, or with --yes")
    try:
        if input("Seal this as the baseline? [y/N] ").strip().lower() not in ("y", "yes"):
            return False
        if not weaker and not unproven:
            return True
        return input("It gets WEAKER, or can't be proved. Type `weaker` to go on: ").strip() == "weaker"
    except EOFError:  # Ctrl-D
        return False
