"""What we say of ourselves in FHIR's own words: definitions made from the code, and example requests with answers."""
