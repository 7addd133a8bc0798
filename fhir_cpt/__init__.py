"""A FHIR server plugin for US procedure coding."""
