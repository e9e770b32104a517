"""What people do with files from elsewhere: bring one in, map, check, decide, run, take back; and give one away."""
