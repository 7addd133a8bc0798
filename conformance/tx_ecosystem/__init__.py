"""Replays the cases that HL7 publishes for terminology servers (the tests/ folder of the tx-ecosystem guide).

`python -m conformance.tx_ecosystem --suite DIR [--base-url URL]`; without a URL, against the sample release in this
process.
"""
