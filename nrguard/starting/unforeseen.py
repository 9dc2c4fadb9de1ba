"""Environment variables whose value nobody can know before a start: it is made then. Pure."""

from __future__ import annotations

UNFORESEEN = frozenset({
    # systemd, for each start of a unit (systemd.exec(5))
    "INVOCATION_ID", "JOURNAL_STREAM", "SYSTEMD_EXEC_PID", "MAINPID", "MANAGERPID", "PIDFILE", "TERM", "NOTIFY_SOCKET",
    "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "CREDENTIALS_DIRECTORY",
    "RUNTIME_DIRECTORY", "STATE_DIRECTORY", "CACHE_DIRECTORY", "LOGS_DIRECTORY", "CONFIGURATION_DIRECTORY",
    "MEMORY_PRESSURE_WATCH", "MEMORY_PRESSURE_WRITE", "FDSTORE", "SERVICE_RESULT", "EXIT_CODE", "EXIT_STATUS",
    "TRIGGER_UNIT", "TRIGGER_PATH", "TRIGGER_TIMER_REALTIME_USEC", "TRIGGER_TIMER_MONOTONIC_USEC", "REMOTE_ADDR",
    "REMOTE_PORT", "DEBUG_INVOCATION",
    # the shell that node-red-pi is written for
    "PWD", "OLDPWD", "SHLVL", "_", "PPID", "IFS", "OPTIND", "PS1", "PS2", "PS4",
    # Node-RED itself, before it reads settings.js (red.js)
    "NODE_RED_HOME",
})  # fmt: skip
"""A settings.js that asks for one of these gives no value that can be proved, whatever the environment is."""
