"""Sources: read packets from files and wires. Surveys interpret the packets."""
