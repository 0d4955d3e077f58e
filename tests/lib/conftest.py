"""Properties run without a deadline: a loaded machine is no failure."""

from hypothesis import settings

settings.register_profile("minqing", deadline=None)
settings.load_profile("minqing")
