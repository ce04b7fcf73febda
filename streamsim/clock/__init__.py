"""Sources of time: the integer-nanosecond core, and the drivers that move it."""
