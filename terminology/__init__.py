"""What is known: code systems and the tables keyed by codes. No HTTP, no FHIR JSON."""
