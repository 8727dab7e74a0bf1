"""`make bench`: the figures this product promises, measured here, each against a peer."""
