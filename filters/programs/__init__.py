"""What the judge of programs is made of: finding the program, running it in a sandbox, comparing data outside.

code_block             which part of a text is the program
spec, plain_data       tests and limits, as JSON; the values that may go in and come out, and their equality
process, child         one process of a program: what is asked and answered; its pipes and its end
bubblewrap, seccomp    the walls around it; the system calls it may make
interpreter            a Python that an unprivileged user can run
harness, probe         the two files that run inside; nothing outside imports them
"""
