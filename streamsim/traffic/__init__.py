"""Load that behaves like a provider: what many requests at once do to each other's times.

Law: a plan knows nothing of load. What is here takes plans' times and moves them, on the wire and in simulation alike,
by the one model of `streamsim.traffic.replica`.
"""
