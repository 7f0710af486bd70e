"""Plan, scan, judge."""
