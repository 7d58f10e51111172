"""What an alert is, and what holds for all surveys: bands, positions, distances, extinction."""
