"""Every way a stream breaks, one file each, in one closed union.

Profiles, the command line, Python and the ``x-streamsim-fault`` header all spell them the same: ``NAME`` or
``NAME:key=value,key=value``.
"""

from streamsim.plan.faults.apply import Applied, apply_faults
from streamsim.plan.faults.catalogue import CATALOGUE
from streamsim.plan.faults.fault import Fault
from streamsim.plan.faults.spelling import parse_fault, spell_fault

__all__ = ["CATALOGUE", "Applied", "Fault", "apply_faults", "parse_fault", "spell_fault"]
