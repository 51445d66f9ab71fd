"""Things that tests of several rooms use."""
