"""What is known: code systems and the tables keyed by codes. No HTTP, no FHIR JSON.

`open_release(folder)` opens what `terminology.release.build` made:

    release = open_release("release")
    release.code_system(HCPCS).on(20240815).table.locate("J0129")
    release.ptp("practitioner").on(20240815).table.edit("20610", "99213", 20240815)
"""

from terminology.release.reader import Release, open_release

__all__ = ["Release", "open_release"]
