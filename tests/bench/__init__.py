"""`make bench`: the budgets of the design, measured on the agencies' real tables, as ratios within one run."""
