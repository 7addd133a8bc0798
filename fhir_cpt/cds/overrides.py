"""Why somebody may set a card aside: the codes that cards offer and feedback names."""

from __future__ import annotations

from terminology.model import CANONICAL

OVERRIDES = f"{CANONICAL}CodeSystem/card-override"
REASONS = {
    "documented": "The record supports it as it stands",
    "payer-agreed": "The payer has agreed to it",
    "billing-corrects": "Billing will correct it",
    "not-applicable": "It does not apply here",
}
"""Code and text of each reason."""
