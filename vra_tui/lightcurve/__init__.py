"""The light curve: packed epochs, phases and windows, flux and magnitudes."""
