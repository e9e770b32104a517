"""Work after the commit: a row written with what it is about, and a worker that takes it under a lease."""
