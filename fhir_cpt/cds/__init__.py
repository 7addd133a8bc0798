"""CDS Hooks 2.0: the same edits while something is ordered, signed or discharged. https://cds-hooks.hl7.org/2.0."""
