"""The scanning room: one module for what stands on the screen, one for each kind of thing the keys do."""
