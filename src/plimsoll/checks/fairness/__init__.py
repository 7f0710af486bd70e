"""How differently groups of people are treated: rates, ratios and differences, and how sure they are."""
