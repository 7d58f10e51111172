"""The outbox on the screen: what is to leave, read as people read it, and a key for each thing to do."""
