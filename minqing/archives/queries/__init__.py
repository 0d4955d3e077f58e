"""Reads over several tables of the archives.

Invariants: a bounded number of statements each, whatever the size of the scope; pages by key, not by offset; predicates
that reach an index under row-level security (=, <, >=, ^@); what opens a personal page, list or search is audited here,
in the same transaction, before the caller has the answer.
"""

from minqing.archives.queries.files import (
    FieldLine,
    HouseholdFile,
    KinLine,
    MemberLine,
    ResidentFile,
    household_file,
    resident_file,
)
from minqing.archives.queries.history import ChangeLine, changes_of
from minqing.archives.queries.lists import (
    TABS,
    Counts,
    HouseholdRow,
    Page,
    areas_for_filter,
    household_counts,
    household_list,
    household_page,
)
from minqing.archives.queries.namesakes import namesakes
from minqing.archives.queries.searching import Hit, search
from minqing.archives.queries.trees import Node, Tree, family_tree
from minqing.archives.queries.work import Work, work_list

__all__ = [
    "TABS", "ChangeLine", "Counts", "FieldLine", "Hit", "HouseholdFile", "HouseholdRow", "KinLine", "MemberLine", "Node", "Page", "ResidentFile", "Tree", "Work",
    "areas_for_filter", "changes_of", "family_tree", "household_counts", "household_file", "household_list", "household_page", "namesakes", "resident_file", "search", "work_list",
]
