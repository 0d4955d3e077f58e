"""From the engine's tables into PostgreSQL: known people in, statements and current rows out.

Invariants: every slice is one transaction of the gathering role inside the batch's scope; every slice may be repeated
(ids are fixed in the workspace before the first row is written), so a killed load goes on where it was; a current row is
written only when something in it changed, and nothing that is missing from a file is deleted.
"""
