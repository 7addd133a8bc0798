"""The procedure code itself: known, in force, in the right system, payable."""
