"""One file an operation, and the registry that declares their routes."""
