"""Contact is tested where the three grids of the village stand."""

from __future__ import annotations

import pytest

from tests.archives import village
from tests.people import World


@pytest.fixture
def here(world: World) -> World:
    village.grids()
    return world
