"""The demonstration: the cast of DESIGN §2 and their village, from files that belong to the project."""
