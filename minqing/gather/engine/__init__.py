"""The gathering engine: from files to statements, links, questions, conflicts and assembled current rows, without PostgreSQL.

Steps, each a module whose output is a table of the batch's DuckDB file that can be looked at (`tables.py` documents them all):

    read → header → map → clean → validate → link → diff → decide → report

Invariants: nothing is dropped or merged silently; every data row of every accepted file ends as a statement that is
either linked or asked about; the same files give the same rows in the same order; Python sees distinct values and the
first rows of a sheet, never row after row of people.
"""
