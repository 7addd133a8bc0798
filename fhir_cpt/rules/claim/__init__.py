"""What an 837's front end would send back: lines, days, units, charges, identifiers."""
