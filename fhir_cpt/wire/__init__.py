"""FHIR JSON to model and back, R4 and R5."""
