"""Pure helpers: no models, no clock, no database. Rules are tables at module level."""
