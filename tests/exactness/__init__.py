"""Does every event reach every client at its exact virtual instant, always?

``python -m tests.exactness --python PYTHON…`` asks each Python named, in several processes, with and without a machine
that is busy, and writes docs/reference/exactness.md.
"""
