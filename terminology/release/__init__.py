"""The compiled release: records into files, atomically; files back into records, checked."""
