"""Where the agencies' files come from."""
