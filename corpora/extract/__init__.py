"""From proof libraries and searches to records."""
