"""Many claims in one go: newline-delimited JSON, split into chunks of lines, each line answered in its place."""
