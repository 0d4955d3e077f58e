"""Orders of 12345 and 四平台, parcels of other counties: their pages at the desk. Invariant: every page asks the action, none decides itself."""
