"""The subcommands: each file has `add_parser(subparsers)` and `run(args) -> exit status`."""
