"""The actions: one file per change. Each asks the world to do it and returns what became of it."""
