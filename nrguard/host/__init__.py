"""The real host: the only modules that look at or touch files, processes, sockets and services of this machine."""
