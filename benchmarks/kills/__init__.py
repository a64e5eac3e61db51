"""Is a home that was killed again and again the home of an undisturbed run?

runs          the command as a process, its children, and the stage that it is in
strikes       what is done to it: a kill of the whole or a part, a torn catalog, a damaged shard
pictures      what a home says, timings aside, and the files that nothing accounts for
stories       a home from its first start to its end, struck all the while

"""
