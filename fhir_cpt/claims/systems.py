"""The URIs under which codes arrive on claims; see `terminology.systems`."""

from terminology.systems import ALIASES, NPI, PREFERRED, PROCEDURE, SHORT

__all__ = ["ALIASES", "NPI", "PREFERRED", "PROCEDURE", "SHORT"]
