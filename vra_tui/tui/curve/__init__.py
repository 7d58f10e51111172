"""The light curve as lines of text: points, axes and drawing, all pure functions of numbers."""
