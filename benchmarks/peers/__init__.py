"""Whom we compare with, one a file: how it is installed, what it is told to answer, how it is started.

Each server's file has ``NAME`` and ``command(bench, answer)``, which installs it if need be and raises AbsentError
where it cannot be had.
"""
