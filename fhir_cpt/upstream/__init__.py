"""Terminology servers that are asked about what is not held here: SNOMED CT, LOINC, RxNorm and the like.

The way of a question: `question` says what may be asked of others, `routes` whom, `upstreams` tries them one after the
other, `server` asks one of them (time-outs, retries, `breaker`), `reply` checks what came and says in it who answered,
`cache` keeps it. Nothing here knows of releases or operations.
"""
