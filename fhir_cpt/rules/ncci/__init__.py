"""CMS's National Correct Coding Initiative: procedure pairs, units of service, add-on codes."""
