"""What tells ATLAS's exposures apart."""

#: See `Alert.forced_within`: the forced-photometry server writes MJD with six digits, the API with eight.
FORCED_WITHIN = 0.1 / 86_400
