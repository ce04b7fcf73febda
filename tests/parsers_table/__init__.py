"""Which rules current SSE parsers break: ``python -m tests.parsers_table`` writes the scoreboard anew."""
