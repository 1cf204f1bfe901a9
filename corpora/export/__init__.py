"""Data sets in the formats that trainers read."""
