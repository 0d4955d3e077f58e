"""Synthetic people and the files that departments would deliver about them.

Nobody here exists. Every identity number carries the unassigned address code 330899 and a correct check digit, every
mobile number one of the unallotted segments 154, 164, 179 and 194, so that no row can ever belong to a real person.
Only names and codes of divisions are real. The same seed always gives the same bytes: the demo, the practice village,
the tests and the benchmarks rest on that.
"""
