"""Adapters: one small file for each parser of others, made to read chunks.

Each has ``PACKAGE`` (what has to be installed), ``parse`` and perhaps ``HOW`` and ``POLICY``. A parser is imported when
it is first asked to read.
"""
