"""What annotations request and other objects grant: a module for each column of features."""
