"""Pages for people: what the server holds, as HTML. Views build plain data from a release; templates render it."""
