"""Judges of puzzles: they hold no solution, but the model's against the puzzle, so one different from ours is right.

sudoku, countdown, graph_coloring, knights_and_knaves    the judges
specification    the puzzle, in the problem's answer
regions, runs    where in a text the solution stands
findings         from what a judge finds there to the verdict
assignments      solutions that give each name a value
calculations     solutions that calculate
formulas         what knights and knaves say
"""
