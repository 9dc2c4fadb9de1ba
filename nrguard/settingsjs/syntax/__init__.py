"""JavaScript as text: a scanner and a parser that read what V8 reads and refuse what V8 refuses. Pure: no I/O."""
