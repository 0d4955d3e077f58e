"""民情档案: what a household's file holds. Shape, constraints and facts of one row; no verbs."""

from minqing.archives.models.history import Act, Change
from minqing.archives.models.households import Dwelling, Household, Membership, Occupancy
from minqing.archives.models.plots import Plot
from minqing.archives.models.proposals import Proposal
from minqing.archives.models.residents import Identity, Kinship, Placement, Resident
from minqing.archives.models.same import SamePerson
from minqing.archives.models.search import SearchKey
from minqing.archives.models.sensitive import Disability, Health, Relief

__all__ = [
    "Act", "Change", "Disability", "Dwelling", "Health", "Household", "Identity", "Kinship", "Membership",
    "Occupancy", "Placement", "Plot", "Proposal", "Relief", "Resident", "SamePerson", "SearchKey",
]
