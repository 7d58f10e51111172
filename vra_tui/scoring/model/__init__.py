"""Models: their cards, finding and reading them, their scores, and the reasons for these."""
