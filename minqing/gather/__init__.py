"""归集: departments' files become statements, links, questions and current values."""
