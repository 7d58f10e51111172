"""What an alert is, whichever survey raised it: header, epochs, bands, matches, annotations, stamps."""
