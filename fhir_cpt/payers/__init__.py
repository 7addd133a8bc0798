"""Payer rule packs."""
