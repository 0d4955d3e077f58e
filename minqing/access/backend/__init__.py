"""`ENGINE` of every alias: PostgreSQL that refuses to run unscoped."""
