"""The looks: one program for each probe that a child process takes, started by `probes.child.command`.

Each gathers facts and prints them as one line of JSON; what they mean is judged by the probe of the same name.
"""
