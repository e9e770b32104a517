"""Pure decisions about files from elsewhere: how to read them, what a column means, what a value means."""
