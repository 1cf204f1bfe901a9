"""The viewer's server: a local web application over a store and over certificates."""
