"""Answers as mathematics: a closed grammar for LaTeX and plain text, exact values, and when two are the same.

    syntax     what an answer can be, as trees
    notation   text to trees
    exact      exact values of expressions
    numeric    values to fifty digits at points, where there are no exact ones
    scalars    when two expressions with their units are one answer
    domains    sets of real numbers as intervals
    equality   when two answers of any kind are the same
    canonical  one text for all ways to write an answer

Each builds on those above it alone.
"""
