"""证明: which a village issues, drafting and deciding, the paper, and a county's own items. Invariant: every page asks the action, none decides itself."""
