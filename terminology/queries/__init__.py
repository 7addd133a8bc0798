"""Questions put to code systems and value sets."""
