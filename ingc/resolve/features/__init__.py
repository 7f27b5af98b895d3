"""What annotations ask for and other objects grant: a module for each column of features."""
