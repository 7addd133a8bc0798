"""The commands of `fhir-cpt`: one module each, with `add_to` (its arguments) and `run` (what it does)."""
