"""Recordings: what one holds, its file format, and the secrets kept out of it."""
