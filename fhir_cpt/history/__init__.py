"""What the server keeps of the past, where it is told to: prior lines and authorisations, by patient.

Kept are codes, days, units, providers and numbers of claims and authorisations; never names, addresses, notes or the
resources themselves. The patient is known by salted hashes alone. Off by default; see `open_history`.
"""

from __future__ import annotations

from fhir_cpt.history.keeper import Keeper
from fhir_cpt.history.opening import open_history
from fhir_cpt.history.store import StoreRefused, StoreUnavailable

__all__ = ["Keeper", "StoreRefused", "StoreUnavailable", "open_history"]
