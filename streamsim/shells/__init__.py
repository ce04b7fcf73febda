"""The only modules that do I/O; none knows another's framework."""
