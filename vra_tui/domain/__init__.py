"""The alert of any survey: header, epochs, bands, matches, annotations, stamps."""
