"""What the judge `steps` is made of: the chains of equal sides in a text, such as `3+5+2=8+2=10`, recomputed.

claims                      where a text claims that things are equal
markup, wording, units      LaTeX, words and typography written as plain arithmetic; units that cancel taken out
calculation, arithmetic     the tokens of a written calculation, and its exact value
operations                  roots, powers, binomials, remainders: exact or refused
readings                    the two values that a side with a percent sign may have
truth_table                 the value of a boolean side
rounding                    whether a written decimal is an exact value rounded
recomputed                  one chain: what its sides are worth, and whether that is the same
derivation                  whether the steps lead to the answer
"""
