"""Environment files and what systemd makes of them: checked against our reading, and against a real systemd."""

from __future__ import annotations

ENVIRONMENT_FILES: tuple[tuple[str, dict[str, str]], ...] = (
    ("A=1\nB=two words\n", {"A": "1", "B": "two words"}),
    ("  A = 1  \n", {"A": "1"}),
    ("# A=1\n; B=2\nC=3 # not a comment\n", {"C": "3 # not a comment"}),
    ("A='one two'\nB=\"three four\"\n", {"A": "one two", "B": "three four"}),
    ("A=one'two'\n", {"A": "one'two'"}),
    ("A='one'\"two\" three\n", {"A": "onetwothree"}),
    ('A="a\\"b\\\\c\\$d\\e"\n', {"A": 'a"b\\c$d\\e'}),
    ("A=a\\ b\\n\n", {"A": "a bn"}),
    ("A=one\\\ntwo\nB=3\n", {"A": "onetwo", "B": "3"}),
    ('A="one\ntwo"\nB=3\n', {"A": "one\ntwo", "B": "3"}),
    ("A=\nB=''\n", {"A": "", "B": ""}),
    ("A=1\nA=2\n", {"A": "2"}),
    ("export A=1\n1A=2\nA-B=3\nC=4\n", {"C": "4"}),
    ("no assignment\nA=1\n", {"A": "1"}),
    ("A=$B ${B}\n", {"A": "$B ${B}"}),
    ("A=x=y\n", {"A": "x=y"}),
    ("A=1", {"A": "1"}),
    ("A=tail \t \n", {"A": "tail"}),
    ("A=tail\\ \n", {"A": "tail "}),
    ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
    ('A="unfinished\n', {"A": "unfinished\n"}),
    ("NODE_RED_OPTIONS=-D adminAuth=null\n", {"NODE_RED_OPTIONS": "-D adminAuth=null"}),
)  # fmt: skip
"""Text -> what is set."""
