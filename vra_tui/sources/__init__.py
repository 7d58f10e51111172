"""Sources: files and wires, from bytes to packets. What a packet means its survey says."""
