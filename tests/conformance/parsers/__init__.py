"""Adapters: one small file for each parser of others, made to read chunks.

Each has ``PACKAGE`` (what has to be installed) and ``parse``, or, where several packages have the same parser,
``PARSERS``: the name of a callable for each package. Perhaps it has ``HOW`` and ``POLICY``. A parser is imported when
it is first asked to read.
"""
