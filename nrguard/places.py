"""Where nrguard keeps what: the policy file, the state folder and the run folder of this user."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nrguard.errors import Failed


@dataclass(frozen=True, slots=True)
class Places:
    """`config` is the policy file; `state` holds what must last; `run` is gone after a reboot."""

    config: Path
    state: Path
    run: Path

    def make(self) -> None:
        """Create the state folder, for nobody else, and the run folder, which all may look into.

        Raise Failed where that can't be done.
        """
        for folder, mode in ((self.state, 0o700), (self.run, 0o755)):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                if folder.stat().st_mode & 0o777 != mode and folder.stat().st_uid == os.geteuid():
                    folder.chmod(mode)  # whatever the umask says
            except OSError as error:
                hint = "run it as root, or name another folder with --state-dir and --run-dir"
                raise Failed(f"{folder}: {os.strerror(error.errno or 0)}", hint) from error


def places(
    config: str | None, state: str | None, run: str | None, environment: Mapping[str, str], *, root: bool
) -> Places:
    """Return the places: what was asked for, else what systemd set, else the system's for root, else XDG's."""
    home = Path(environment.get("HOME") or "/")
    xdg_config = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    xdg_state = Path(environment.get("XDG_STATE_HOME") or home / ".local" / "state")
    state_folder = Path(
        state or _first(environment.get("STATE_DIRECTORY")) or ("/var/lib/nrguard" if root else xdg_state / "nrguard")
    )
    xdg_run = environment.get("XDG_RUNTIME_DIR")
    run_folder = Path(
        run
        or _first(environment.get("RUNTIME_DIRECTORY"))
        or ("/run/nrguard" if root else Path(xdg_run) / "nrguard" if xdg_run else state_folder / "run")
    )
    folder = _first(environment.get("CONFIGURATION_DIRECTORY")) or ("/etc/nrguard" if root else xdg_config / "nrguard")
    return Places(Path(config) if config else Path(folder) / "nrguard.yaml", state_folder, run_folder)


def _first(folders: str | None) -> str:
    """Return the first of several folders, as systemd separates them."""
    return (folders or "").split(":")[0]


def wake(places: Places) -> None:
    """Ring the running guard, if there is one: it looks at everything again."""
    try:
        (places.run / "wake").touch(mode=0o600)
    except OSError:
        pass  # no run folder: no guard runs here, or it looks within half a minute anyway
