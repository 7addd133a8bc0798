"""One importer a source: an agency's file in, records out."""
