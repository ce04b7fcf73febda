"""What a recording tells of its streams: how fast, how smooth, and how they ended."""

from streamsim.analysis.report import ExchangeReport, Inspection
from streamsim.analysis.survey import inspect

__all__ = ["ExchangeReport", "Inspection", "inspect"]
