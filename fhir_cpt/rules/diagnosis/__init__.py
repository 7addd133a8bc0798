"""The diagnoses: known, in force, billable, pointed to, fitting one another."""
