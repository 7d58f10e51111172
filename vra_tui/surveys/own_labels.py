"""The labels that surveys beside ATLAS add to the common ones: what each teaches, and its key on the screen.

A label says of each question what is known: `real` and `agn` are real, and leave open (or out) whether they
are galactic; a `variable` star is real and galactic. A `mover` is light that is really there, but no
transient at this place: the question is asked of a transient, so it teaches as what is bogus does.
"""

from vra_tui.surveys.base import Label

REAL = Label("real", "=", preal=1.0, meaning="real, of a kind that is not known")
AGN = Label("agn", ";", preal=1.0, meaning="active galactic nucleus; teaches nothing of galactic or not")
VARIABLE = Label("variable", ":", preal=1.0, pgal=1.0, meaning="variable star")
MOVER = Label("mover", ",", preal=0.0, meaning="solar-system object: real light, and no transient")

#: All of them.
OWN_LABELS = (REAL, AGN, VARIABLE, MOVER)
