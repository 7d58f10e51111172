"""What `vra train` is asked for, and the ways in which it trains: one module for each."""
