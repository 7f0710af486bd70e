"""A record for one reader: terminal, HTML, JSON, JUnit, SARIF, Markdown."""
