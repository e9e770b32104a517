"""Reading rows: the finder, the banner, whom one opened lately."""
