"""Which problems say the same: copies, near copies, and what leaks from a test into training.

normal      a question without what carries no meaning; its words; its words without their numbers
shingles    runs of successive words as 64-bit numbers
instances   what names a task among those of its template: its operands
sketches    what is kept of a question, some 300 bytes: hashes, and a MinHash signature in bands
pairs       which sketches share a band: the pairs that are worth a look
phrases     evaluation questions by their runs of eight words, and how much of one a text covers
comparison  the decision: same, covered or near, each pair verified on its texts
"""
