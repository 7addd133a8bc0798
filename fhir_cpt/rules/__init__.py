"""The edits: one small module each, in families."""
