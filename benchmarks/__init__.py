"""Speed, measured side by side: ``python -m benchmarks [NAME…]``.

Each shape (one file in ``shapes/``) says what it measures and why, makes its own seeded input, and gives rows. All that
is compared runs in the same run, interleaved, so that a busy machine slows both sides; ratios first, absolute numbers
beside them.
"""
