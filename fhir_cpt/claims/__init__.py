"""The claim as edits see it, and the engine that runs them."""
